"""From the choices of best and worst that people made to MaxDiff scores with their uncertainty."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from services.surveys.methods.bootstrap import LEVEL, check_draws, resample_counts
from services.surveys.methods.errors import MethodError
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.maxdiff import best_worst, many_logits, maxdiff_logit
from services.surveys.methods.ranks import competition_ranks, top_shares
from services.surveys.methods.ratings import FloatArray, IntArray

MINIMUM = 5
INDICATIVE_BELOW = 10
MOST_WITHOUT_LOGIT = 0.05


class Choice(NamedTuple):
    """One answered set: the items shown, in rising order, and the two chosen; indexes into the item ids."""

    members: tuple[int, ...]
    best: int
    worst: int


@dataclass(frozen=True)
class ItemScore:
    """One item: `n` people who saw it, `appearances`, choices as `best` and `worst`, and the scores.

    `standard` = (B - W) / appearances with its 95 % interval `low`, `high`; `p_first`, `p_top` chances 0..1;
    `rank` by `standard`, shared when `tied`; `root` with `smoothed` as in maxdiff.best_worst; `logit` or None, with its
    95 % interval `logit_low`, `logit_high` (None where more than one resample in twenty has no logit).
    """

    item: str
    n: int
    appearances: int
    best: int
    worst: int
    difference: int
    standard: float
    low: float
    high: float
    p_first: float
    p_top: float
    rank: int
    tied: bool
    root: float
    smoothed: bool
    logit: float | None
    logit_low: float | None = None
    logit_high: float | None = None


@dataclass(frozen=True)
class MaxDiff:
    """Scores by rank, ties by id; `logit_reference` is the item at 0, or None with the code `logit_refused`."""

    items: tuple[ItemScore, ...]
    respondents: int
    sets_answered: int
    balanced: bool
    indicative: bool
    logit_reference: str | None
    logit_refused: str | None
    manifest: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Per respondent and item, shape (respondents, items): appearances, choices as best, as worst."""

    shown: FloatArray
    best: FloatArray
    worst: FloatArray


def maxdiff(
    people: list[list[Choice]], items: tuple[str, ...], *, seed: int, resamples: int = 2000, top_k: int = 3
) -> MaxDiff:
    """Score items from everyone's answered sets; one list per respondent, `items` in rising order of id.

    Formulas and sources: maxdiff.best_worst and maxdiff.maxdiff_logit. The standard score divides by each item's
    own appearances, so a set left out or an unequal design is no fault (`balanced` says which). Interval:
    percentile, respondents resampled with all their sets; chances share ties. The logit is fitted anew to every
    resample for its own percentile interval; the last item is at 0. Units: choices, shares -1..1, ratios, logits.
    The order of people or sets changes no figure.
    Raises MethodError `too-few-responses` under five people with an answer, `too-few-item-responses` where an item
    was seen by fewer than five.
    """
    check_draws(seed, resamples)
    answered = sorted(sorted(sets) for sets in people if sets)
    if len(answered) < MINIMUM:
        raise MethodError("too-few-responses", {"n": len(answered), "minimum": MINIMUM})
    counts = _count(answered, len(items))
    seen = (counts.shown > 0).sum(axis=0)
    if int(seen.min()) < MINIMUM:
        few = int(np.count_nonzero(seen < MINIMUM))
        raise MethodError("too-few-item-responses", {"items": few, "minimum": MINIMUM})
    logit, refused = _logit(answered, counts)
    shown = counts.shown.sum(axis=0)
    spread = None if logit is None else _logit_interval(answered, counts, logit, seed, resamples)
    return MaxDiff(
        items=_scores(items, counts, (logit, spread), _uncertainty(counts, seed, resamples, top_k)),
        respondents=len(answered),
        sets_answered=sum(len(sets) for sets in answered),
        balanced=bool(np.all(shown == shown[0])),
        indicative=len(answered) < INDICATIVE_BELOW,
        logit_reference=None if logit is None else items[-1],
        logit_refused=refused,
        manifest=_manifest(answered, items, {"seed": seed, "resamples": resamples, "top_k": top_k}),
    )


def _count(answered: list[list[Choice]], width: int) -> _Counts:
    shown, best, worst = (np.zeros((len(answered), width)) for _ in range(3))
    for row, sets in enumerate(answered):
        for choice in sets:
            shown[row, list(choice.members)] += 1
            best[row, choice.best] += 1
            worst[row, choice.worst] += 1
    return _Counts(shown, best, worst)


def _uncertainty(counts: _Counts, seed: int, resamples: int, top_k: int) -> list[FloatArray]:
    """Low, high, chance of rank 1 and chance of the top k, each of shape (items,)."""
    draws = np.empty((resamples, counts.shown.shape[1]))
    difference = counts.best - counts.worst
    for place, weights in resample_counts(len(counts.shown), seed, resamples, np.float64):
        shown = weights @ counts.shown
        draws[place] = np.divide(
            weights @ difference, shown, out=np.full(shown.shape, np.nan), where=shown > 0
        )
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail], axis=0)
    return [low, high, top_shares(draws, 1).mean(axis=0), top_shares(draws, top_k).mean(axis=0)]


def _logit(answered: list[list[Choice]], counts: _Counts) -> tuple[FloatArray | None, str | None]:
    designs = Counter(choice.members for sets in answered for choice in sets)
    if len({len(members) for members in designs}) > 1:
        return None, "bad-design"
    # Sets answered unequally often are repeated in proportion; in a complete survey each stands once.
    share = math.gcd(*designs.values())
    sets = np.array([m for m in sorted(designs) for _ in range(designs[m] // share)], dtype=np.int64)
    difference = (counts.best - counts.worst).sum(axis=0).astype(np.int64)
    try:
        return maxdiff_logit(difference, sets, share), None
    except MethodError as error:
        return None, error.code
    except np.linalg.LinAlgError:  # an item always best or always worst: its utility runs away
        return None, "no-variation"


def _logit_interval(
    answered: list[list[Choice]], counts: _Counts, start: FloatArray, seed: int, resamples: int
) -> FloatArray | None:
    """Low and high of every utility, shape (2, items); None where too many resamples have no logit."""
    designs = sorted({choice.members for sets in answered for choice in sets})
    place = {members: at for at, members in enumerate(designs)}
    took = np.zeros((len(answered), len(designs)))
    for row, sets in enumerate(answered):
        for choice in sets:
            took[row, place[choice.members]] += 1
    members = np.array(designs, dtype=np.int64)
    draws = np.empty((resamples, start.size))
    for rows, weights in resample_counts(len(answered), seed, resamples, np.float64):
        difference = weights @ (counts.best - counts.worst)
        draws[rows] = many_logits(difference, weights @ took, members, start)
    if float(np.isnan(draws).all(axis=1).mean()) > MOST_WITHOUT_LOGIT:
        return None
    tail = (1 - LEVEL) / 2
    # Rounded, so that the last bit of a solver's step is in no stored figure.
    found: FloatArray = np.round(np.nanquantile(draws, [tail, 1 - tail], axis=0), 9)
    return found


def _scores(
    items: tuple[str, ...],
    counts: _Counts,
    logit: tuple[FloatArray | None, FloatArray | None],
    spread: list[FloatArray],
) -> tuple[ItemScore, ...]:
    shown, best, worst = (_total(part) for part in (counts.shown, counts.best, counts.worst))
    scores = best_worst(best, worst, int(shown.max()))
    standard = scores.difference / shown
    ranks, tied = competition_ranks(standard)
    seen = _total(counts.shown > 0)
    columns = (seen, shown, best, worst, scores.difference, standard, *spread, ranks, tied)
    columns = (*columns, scores.root, scores.smoothed)
    nothing = [None] * len(items)
    value, ends = logit
    low, high = (nothing, nothing) if ends is None else ends.tolist()
    utility = nothing if value is None else value.tolist()
    rows = zip(*(column.tolist() for column in columns), utility, low, high, strict=True)
    found = [ItemScore(item, *row) for item, row in zip(items, rows, strict=True)]
    return tuple(sorted(found, key=lambda score: (score.rank, score.item)))


def _total(part: Any) -> IntArray:
    total: IntArray = part.sum(axis=0).astype(np.int64)
    return total


def _manifest(
    answered: list[list[Choice]], items: tuple[str, ...], settings: dict[str, int]
) -> dict[str, Any]:
    digest = hashlib.sha256(b"cercle-maxdiff-1|")
    for item in items:
        digest.update(f"{len(item.encode())}:{item}".encode())
    digest.update(repr([[tuple(choice) for choice in sets] for sets in answered]).encode())
    versions = {"methods_version": METHODS_VERSION, **library_versions()}
    return {"data_sha256": digest.hexdigest(), **versions, **settings}
