"""Change between two waves of the same items asked of the same people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.bootstrap import LEVEL, STATISTICS, check_draws, resample_counts
from services.surveys.methods.effect import Effect, hedges_g_paired
from services.surveys.methods.errors import MethodError
from services.surveys.methods.hennessy_hicks import holm, signed_rank_p
from services.surveys.methods.ratings import BoolArray, FloatArray, Ratings
from services.surveys.methods.sums import indicator_columns, split_columns

MINIMUM = 5
INDICATIVE_BELOW = 10
MEASURES = ("gap", "mwds")


@dataclass(frozen=True)
class Change:
    """One measure of one item: `before`, `after`, and `change` = after - before with its 95 % interval."""

    before: float
    after: float
    change: float
    low: float
    high: float


@dataclass(frozen=True)
class ItemChange:
    """One item over two waves; a suppressed item has no figure.

    `n`: people with both ratings in both waves. `gap` in points, `mwds` in points squared: a negative change is a
    need that shrank. `p_value`, `p_holm`: paired Wilcoxon test of the gaps. `effect`: Hedges' g of the gaps, or
    None where nobody differs.
    """

    item: str
    suppressed: bool
    n: int | None = None
    gap: Change | None = None
    mwds: Change | None = None
    effect: Effect | None = None
    p_value: float | None = None
    p_holm: float | None = None


def paired_change(
    before: Ratings, after: Ratings, *, seed: int, resamples: int = 2000
) -> tuple[ItemChange, ...]:
    """Change of every item's discrepancy; row i of both waves is the same person (NaN rows where absent).

    Formula: over the people with both ratings in both waves, gap = mean(I - A) and MWDS = mean(I) (mean(I) - mean(A))
    in each wave; change = after - before. People are resampled with all their answers of both waves; percentile
    interval, seeded.
    Source: the methods themselves (see hennessy_hicks, borich); pairing as in Efron and Tibshirani 1993, chapter 8.
    Units: points, points squared. Limits: people who left are not in it, so say how many of the first wave it covers;
    change is not proof of its cause. Items under five pairs are suppressed; under ten they are indicative.
    Raises MethodError `bad-shape` where the waves differ in people, items or scale, `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    same = before.items == after.items and before.scale == after.scale
    if not same or before.respondents != after.respondents:
        raise MethodError("bad-shape", {"items": len(before.items)})
    both = before.pairs & after.pairs
    enough = both.sum(axis=0) >= MINIMUM
    if not enough.any():
        return tuple(ItemChange(item, suppressed=True) for item in before.items)
    first, last = (_only(wave, both).only(enough) for wave in (before, after))
    found = dict(zip(first.items, _changes(first, last, seed, resamples), strict=True))
    return tuple(found.get(item, ItemChange(item, suppressed=True)) for item in before.items)


def _only(wave: Ratings, keep: BoolArray) -> Ratings:
    parts = [np.where(keep, part, np.nan) for part in (wave.importance, wave.ability)]
    return Ratings(parts[0], parts[1], wave.items, wave.scale)


def _changes(before: Ratings, after: Ratings, seed: int, resamples: int) -> list[ItemChange]:
    columns = [indicator_columns(wave) for wave in (before, after)]
    ends = [
        {name: STATISTICS[name](split_columns(part.sum(axis=0))) for name in MEASURES} for part in columns
    ]
    draws = {name: np.empty((resamples, len(before.items))) for name in MEASURES}
    for place, counts in resample_counts(before.respondents, seed, resamples, np.float64):
        sums = [split_columns(counts @ part) for part in columns]
        for name, values in draws.items():
            values[place] = STATISTICS[name](sums[1]) - STATISTICS[name](sums[0])
    tail = (1 - LEVEL) / 2
    spans = {name: np.nanquantile(values, [tail, 1 - tail], axis=0) for name, values in draws.items()}
    gaps = [wave.importance - wave.ability for wave in (before, after)]
    tests = np.array([signed_rank_p(_moved(gaps, i)) for i in range(len(before.items))])
    adjusted = holm(tests)
    return [
        ItemChange(
            item,
            suppressed=False,
            n=int(before.n_per_item[i]),
            **{name: _change(ends, spans, name, i) for name in MEASURES},
            effect=_effect(gaps[0][:, i], gaps[1][:, i], seed, resamples),
            p_value=float(tests[i]),
            p_holm=float(adjusted[i]),
        )
        for i, item in enumerate(before.items)
    ]


def _moved(gaps: list[FloatArray], item: int) -> FloatArray:
    moved: FloatArray = gaps[1][:, item] - gaps[0][:, item]
    return moved[~np.isnan(moved)]


def _change(ends: list[dict[str, FloatArray]], spans: dict[str, FloatArray], name: str, item: int) -> Change:
    first, last = (float(end[name][item]) for end in ends)
    low, high = spans[name][:, item].tolist()
    return Change(first, last, last - first, low, high)


def _effect(before: FloatArray, after: FloatArray, seed: int, resamples: int) -> Effect | None:
    try:
        return hedges_g_paired(before, after, seed=seed, resamples=resamples)
    except MethodError:
        return None
