"""Change between two waves of the same items: of the same people, or of two groups that nothing pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.bootstrap import LEVEL, STATISTICS, check_draws, resample_counts, streams
from services.surveys.methods.effect import Effect, effect_of, g_of_two, hedges_g_paired
from services.surveys.methods.errors import MethodError
from services.surveys.methods.hennessy_hicks import holm, signed_rank_p
from services.surveys.methods.ratings import BoolArray, FloatArray, Ratings
from services.surveys.methods.sums import PairSums, indicator_columns, safe_ratio, split_columns

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


@dataclass(frozen=True)
class GroupsChange:
    """One item over two waves whose people are not paired; a suppressed item has no figure.

    `n_before`, `n_after`: people with both ratings in that wave. `gap`, `mwds`: as in ItemChange. `effect`: Hedges' g of
    the gaps of two independent groups, or None where nobody differs.
    """

    item: str
    suppressed: bool
    n_before: int | None = None
    n_after: int | None = None
    gap: Change | None = None
    mwds: Change | None = None
    effect: Effect | None = None

    @property
    def indicative(self) -> bool:
        """Fewer than ten people in one of the waves."""
        return any(n is not None and n < INDICATIVE_BELOW for n in (self.n_before, self.n_after))


def paired_change(
    before: Ratings, after: Ratings, *, seed: int, resamples: int = 2000
) -> tuple[ItemChange, ...]:
    """Change of every item's discrepancy; row i of both waves is the same person (NaN rows where absent).

    Formula: over the people with both ratings in both waves, gap = mean(I - A) and MWDS = mean(I) (mean(I) - mean(A))
    in each wave; change = after - before. People are resampled with all their answers of both waves; percentile
    interval, seeded. The order of people and items changes no figure.
    Source: the methods themselves (see hennessy_hicks, borich); pairing as in Efron and Tibshirani 1993, chapter 8.
    Units: points, points squared. Limits: people who left are not in it, so say how many of the first wave it covers;
    change is not proof of its cause. Items under five pairs are suppressed; under ten they are indicative.
    Raises MethodError `bad-shape` where the waves differ in people, items or scale, `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    same = before.items == after.items and before.scale == after.scale
    if not same or before.respondents != after.respondents:
        raise MethodError("bad-shape", {"items": len(before.items)})
    items = before.items
    before, after = _in_order(before, after)
    both = before.pairs & after.pairs
    enough = both.sum(axis=0) >= MINIMUM
    if not enough.any():
        return tuple(ItemChange(item, suppressed=True) for item in items)
    first, last = (_only(wave, both).only(enough) for wave in (before, after))
    found = dict(zip(first.items, _changes(first, last, seed, resamples), strict=True))
    return tuple(found.get(item, ItemChange(item, suppressed=True)) for item in items)


def independent_change(
    before: Ratings, after: Ratings, *, seed: int, resamples: int = 2000
) -> tuple[GroupsChange, ...]:
    """Change of every item's discrepancy between two waves whose people are others, or are the same and cannot be paired.

    Formula: in each wave, over its own people with both ratings, gap = mean(I - A) and MWDS = mean(I) (mean(I) -
    mean(A)); change = after - before; g = J(n1 + n2 - 2) (gap after - gap before) / s, with the pooled standard
    deviation s of the people's gaps and Hedges' exact J (effect.correction).
    Interval: each wave is resampled by itself, its people with all their answers, on one of two independent PCG64
    streams of the seed (bootstrap.streams: the first is the wave before); 95 %, percentile.
    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 8 (two samples); Hedges 1981, Journal of
    Educational Statistics 6(2):107-128; Hedges and Olkin 1985, Statistical Methods for Meta-Analysis, chapter 5.
    Units: points, points squared, standard deviations. The order of people and items changes no figure.
    Limits: people who answered both waves mostly answer alike, and this interval does not know it: where they did, it is
    wider than it needs to be, never too narrow (the variance of a difference loses twice the covariance). Where other
    people answered, a change may be theirs: say how many answered each wave. Items under five pairs in either wave are
    suppressed; under ten they are indicative.
    Raises MethodError `bad-shape` where the waves differ in items or scale, `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    if before.items != after.items or before.scale != after.scale:
        raise MethodError("bad-shape", {"items": len(before.items)})
    enough = (before.n_per_item >= MINIMUM) & (after.n_per_item >= MINIMUM)
    found: dict[str, GroupsChange] = {}
    if enough.any():
        waves = [wave.only(enough).canonical() for wave in (before, after)]
        found = {change.item: change for change in _apart(waves, seed, resamples)}
    return tuple(found.get(item, GroupsChange(item, suppressed=True)) for item in before.items)


def _apart(waves: list[Ratings], seed: int, resamples: int) -> list[GroupsChange]:
    columns = [_with_squares(wave) for wave in waves]
    sums = [_parted(part.sum(axis=0)) for part in columns]
    drawn = [
        _parted(_totals(part, stream, resamples))
        for part, stream in zip(columns, streams(seed, 2), strict=True)
    ]
    ends = [{name: STATISTICS[name](part) for name in MEASURES} for part, _ in sums]
    draws = {name: STATISTICS[name](drawn[1][0]) - STATISTICS[name](drawn[0][0]) for name in MEASURES}
    spans = _spans(draws)
    effects, effect_draws = _g(sums), _g(drawn)
    counts = [part.n.astype(np.int64) for part, _ in sums]
    return [
        GroupsChange(
            item,
            suppressed=False,
            n_before=int(counts[0][i]),
            n_after=int(counts[1][i]),
            **{name: _change(ends, spans, name, i) for name in MEASURES},
            effect=_tried(float(effects[i]), effect_draws[:, i], int(counts[0][i] + counts[1][i])),
        )
        for i, item in enumerate(waves[0].items)
    ]


def _with_squares(wave: Ratings) -> FloatArray:
    """What each person adds to the sums of pairs, and to the sum of squared gaps: whole numbers, so sums are exact."""
    gaps = np.where(wave.pairs, wave.importance - wave.ability, 0.0)
    return np.concatenate([indicator_columns(wave), gaps**2], axis=1)


def _totals(columns: FloatArray, stream: np.random.SeedSequence, resamples: int) -> FloatArray:
    totals = np.empty((resamples, columns.shape[1]))
    for place, counts in resample_counts(len(columns), stream, resamples, np.float64):
        totals[place] = counts @ columns
    return totals


def _parted(totals: FloatArray) -> tuple[PairSums, FloatArray]:
    """The sums of pairs, and squared deviations of the gaps from their own mean."""
    items = totals.shape[-1] // 6
    sums = split_columns(totals[..., :-items])
    squares = totals[..., -items:] - safe_ratio((sums.importance - sums.ability) ** 2, sums.n)
    return sums, np.maximum(squares, 0.0)


def _g(waves: list[tuple[PairSums, FloatArray]]) -> FloatArray:
    (first, squares1), (last, squares2) = waves
    moved = STATISTICS["gap"](last) - STATISTICS["gap"](first)
    return g_of_two(moved, squares1 + squares2, (first.n + last.n - 2).astype(np.int64))


def _tried(value: float, draws: FloatArray, n: int) -> Effect | None:
    try:
        return effect_of(value, draws, n)
    except MethodError:
        return None


def _spans(draws: dict[str, FloatArray]) -> dict[str, FloatArray]:
    tail = (1 - LEVEL) / 2
    return {name: np.nanquantile(values, [tail, 1 - tail], axis=0) for name, values in draws.items()}


def _in_order(before: Ratings, after: Ratings) -> tuple[Ratings, Ratings]:
    """Items by id, people by their ratings of both waves: the order of the file draws nothing."""
    items = sorted(range(len(before.items)), key=before.items.__getitem__)
    parts = [part[:, items] for wave in (before, after) for part in (wave.importance, wave.ability)]
    rows = np.lexsort(np.nan_to_num(np.concatenate(parts, axis=1), nan=0.0).T[::-1])
    names = tuple(before.items[i] for i in items)
    first, second, third, last = (part[rows] for part in parts)
    return Ratings(first, second, names, before.scale), Ratings(third, last, names, before.scale)


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
    spans = _spans(draws)
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
