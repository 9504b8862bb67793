"""Bootstrap over respondents: intervals and chances of a rank, for every method at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.surveys.methods import bca, borich, hennessy_hicks, pni, ranked_discrepancy
from services.surveys.methods.errors import MethodError
from services.surveys.methods.ranks import top_shares
from services.surveys.methods.ratings import BoolArray, FloatArray, Ratings, is_whole
from services.surveys.methods.sums import PairSums, indicator_columns, split_columns

MIN_RESAMPLES = 2000
MAX_RESAMPLES = 100_000
LEVEL = 0.95
CHUNK_CELLS = 8_000_000
DRAWN_CELLS = 1 << 15  # numbers drawn by one call: a call per resample would cost more than they do
EXACT_FLOAT32 = 2**24

Statistic = Callable[[PairSums], FloatArray]

STATISTICS: Mapping[str, Statistic] = {
    "mwds": borich.mwds_of,
    "rds": ranked_discrepancy.rds_of,
    "pni": pni.pni_of,
    "gap": hennessy_hicks.gap_of,
}
# The ranked discrepancy score alone runs the other way: the most negative is the top need.
DIRECTION: Mapping[str, float] = {"mwds": 1.0, "rds": -1.0, "pni": 1.0, "gap": 1.0}


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """One method's uncertainty; arrays of shape (items,).

    `low`, `high`: 95 % interval in the method's units, BCa where `corrected`, else percentile; `p_first`, `p_top`:
    chance 0..1 of rank 1 and of a rank in the top k.
    """

    low: FloatArray
    high: FloatArray
    p_first: FloatArray
    p_top: FloatArray
    corrected: BoolArray


def bootstrap(
    ratings: Ratings, *, seed: int, resamples: int = MIN_RESAMPLES, top_k: int = 3, methods: Sequence[str]
) -> dict[str, Uncertainty]:
    """Intervals and chances of rank for each method and item.

    Method: n respondents are drawn with replacement, all their items together, so that the
    dependence between items is kept and every method and item sees the same resamples. A
    resample is held as counts per respondent, and counts x data gives all sums in one product.
    Intervals are the 2.5th and 97.5th percentiles (type 7) or, for items with at least 20 complete
    pairs, their BCa correction (see bca). Chances count ties as shared: see ranks.top_shares.
    Weights, if any, belong to the people and are drawn with them.
    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 6, 13 and 14.
    Units: intervals in the method's own units; chances 0..1.
    Limits: percentile intervals are narrow in small groups (below 20) and cannot see what nobody
    answered. A resample without a complete pair for an item leaves that item's interval and
    ranks it last.
    Same data, order of rows and items, seed, resamples and NumPy stream: the same figures, bit for
    bit; ratings are whole points and weights multiples of 1/1024, so sums are exact whatever the
    order of addition. Memory: the working counts stay under about 64 MB, whatever n.
    Raises MethodError `bad-resamples` (below 2,000 or above 100,000), `bad-seed`,
    `bad-top-k`, `unknown-method`, `too-few-responses` on no rows.
    """
    _check(ratings, seed, resamples, top_k)
    columns = indicator_columns(ratings)
    draws = _draw(ratings, columns, seed, resamples, require_known(methods))
    enough = ratings.n_per_item >= bca.MINIMUM
    return {
        name: _summarise(values, bca.corrected_levels(STATISTICS[name], columns, values, enough), name, top_k)
        for name, values in draws.items()
    }


def require_known(methods: Sequence[str]) -> tuple[str, ...]:
    """The methods as a tuple; MethodError `unknown-method` on a name outside STATISTICS."""
    if not methods or any(name not in STATISTICS for name in methods):
        raise MethodError("unknown-method", {"known": sorted(STATISTICS)})
    return tuple(methods)


def streams(seed: int, count: int) -> list[np.random.SeedSequence]:
    """Seeds of independent PCG64 streams, for groups that are resampled each by itself: the children of one stored seed.

    Child i is SeedSequence(seed, spawn_key=(i,)), which NumPy hashes to a state of its own; none is the stream of the
    seed itself.
    """
    return np.random.SeedSequence(seed).spawn(count)


def resample_counts(
    n: int, seed: int | np.random.SeedSequence, resamples: int, dtype: type
) -> Iterator[tuple[slice, FloatArray]]:
    """How often each of n respondents is drawn, in chunks of shape (rows, n), with their places.

    Rows do not depend on the chunking: each takes the next n numbers of one PCG64 stream.
    """
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    generator = np.random.Generator(np.random.PCG64(sequence))
    height = max(1, min(resamples, CHUNK_CELLS // n))
    counts: FloatArray = np.empty((height, n), dtype=dtype)
    for start in range(0, resamples, height):
        rows = min(height, resamples - start)
        for first in range(0, rows, DRAWN_CELLS // n + 1):
            part = counts[first : min(rows, first + DRAWN_CELLS // n + 1)]
            drawn = generator.integers(0, n, size=part.shape) + n * np.arange(len(part))[:, np.newaxis]
            part[:] = np.bincount(drawn.ravel(), minlength=part.size).reshape(part.shape)
        yield slice(start, start + rows), counts[:rows]


def _draw(
    ratings: Ratings, columns: FloatArray, seed: int, resamples: int, methods: tuple[str, ...]
) -> dict[str, FloatArray]:
    # float32 halves time and memory and is exact here: every sum is a whole number below 2^24.
    exact = ratings.weights is None and ratings.respondents * ratings.scale < EXACT_FLOAT32
    dtype: type = np.float32 if exact else np.float64
    data: FloatArray = columns.astype(dtype)
    draws = {name: np.empty((resamples, len(ratings.items))) for name in methods}
    for place, counts in resample_counts(ratings.respondents, seed, resamples, dtype):
        sums = split_columns((counts @ data).astype(np.float64))
        for name, values in draws.items():
            values[place] = STATISTICS[name](sums)
    return draws


def _summarise(values: FloatArray, levels: FloatArray, name: str, top_k: int) -> Uncertainty:
    tail = (1 - LEVEL) / 2
    find = np.nanquantile if np.isnan(values).any() else np.quantile
    low, high = find(values, [tail, 1 - tail], axis=0)
    corrected: BoolArray = np.asarray(~np.isnan(levels).any(axis=0))
    if corrected.any():
        low[corrected], high[corrected] = bca.quantiles(values[:, corrected], levels[:, corrected])
    need = DIRECTION[name] * values
    first, top = (top_shares(need, k).mean(axis=0) for k in (1, top_k))
    return Uncertainty(low, high, first, top, corrected)


def _check(ratings: Ratings, seed: int, resamples: int, top_k: int) -> None:
    check_draws(seed, resamples)
    if not is_whole(top_k) or top_k < 1:
        raise MethodError("bad-top-k", {"minimum": 1})
    if ratings.respondents == 0:
        raise MethodError("too-few-responses", {"n": 0, "minimum": 1})


def check_draws(seed: int, resamples: int) -> None:
    """Raises MethodError `bad-resamples` (below 2,000 or above 100,000) and `bad-seed` (no whole number from 0)."""
    if not MIN_RESAMPLES <= resamples <= MAX_RESAMPLES:
        limits = {"resamples": resamples, "minimum": MIN_RESAMPLES, "maximum": MAX_RESAMPLES}
        raise MethodError("bad-resamples", limits)
    if not is_whole(seed) or seed < 0:
        raise MethodError("bad-seed", {"minimum": 0})
