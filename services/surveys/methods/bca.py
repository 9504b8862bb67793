"""BCa: the bootstrap interval corrected for bias and skew."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from services.surveys.methods.ratings import BoolArray, FloatArray
from services.surveys.methods.sums import PairSums, split_columns

MINIMUM = 20
"""Complete pairs from which the correction is used; with fewer, its own estimates are too rough."""
TAILS = (0.025, 0.975)
DIGITS = 9  # what is rounded before use does not hang on the last bit of a sum
CHUNK_CELLS = 2_000_000
_NORMAL = NormalDist()


def corrected_levels(
    statistic: Callable[[PairSums], FloatArray], columns: FloatArray, draws: FloatArray, enough: BoolArray
) -> FloatArray:
    """The two quantile levels of each item's BCa interval, shape (2, items); NaN where percentile holds.

    `columns`: what each person adds to the sums (sums.indicator_columns); `draws`: the statistic of every resample,
    shape (resamples, items).
    Formula: z0 = Phi^-1(share of resamples below the estimate, ties counted half), acceleration
    a = sum(d^3) / (6 sum(d^2)^1.5) with d the mean of the leave-one-out values minus each of them, level =
    Phi(z0 + (z0 + z) / (1 - a (z0 + z))) at z = -1.96 and 1.96.
    Source: Efron 1987, Journal of the American Statistical Association 82:171-185.
    Limits: NaN where `enough` is false, where a resample has no value or where nothing varies.
    """
    totals = columns.sum(axis=0)
    estimate = statistic(split_columns(totals))
    # Equal figures may differ in their last bit, on one side more often than on the other.
    near, middle = np.round(draws, DIGITS), np.round(estimate, DIGITS)
    usable = enough & ~np.isnan(draws).any(axis=0) & (np.ptp(near, axis=0) > 0)
    below = ((near < middle).sum(axis=0) + (near == middle).sum(axis=0) / 2) / len(draws)
    edge = 1 / (2 * len(draws))
    acceleration = _acceleration(statistic, columns, totals, estimate)
    levels: FloatArray = np.full((2, estimate.size), np.nan)
    for item in np.flatnonzero(usable):
        z0 = round(_NORMAL.inv_cdf(float(np.clip(below[item], edge, 1 - edge))), DIGITS)
        levels[:, item] = [_level(z0, float(acceleration[item]), tail) for tail in TAILS]
    return levels


def quantiles(draws: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles (type 7) of each column at its own two levels; shapes (resamples, items), (2, items)."""
    ordered = np.sort(draws, axis=0)
    place = levels * (len(draws) - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, len(draws) - 1)
    part = place - low
    first, second = (np.take_along_axis(ordered, at, axis=0) for at in (low, high))
    return first + part * (second - first)


def _level(z0: float, acceleration: float, tail: float) -> float:
    z = z0 + _NORMAL.inv_cdf(tail)
    return round(_NORMAL.cdf(z0 + z / (1 - acceleration * z)), DIGITS)


def _acceleration(
    statistic: Callable[[PairSums], FloatArray], columns: FloatArray, totals: FloatArray, estimate: FloatArray
) -> FloatArray:
    """Acceleration per item from the leave-one-out values, in chunks of people."""
    n = len(columns)
    height = max(1, CHUNK_CELLS // columns.shape[1])
    first, second, third = (np.zeros(estimate.size) for _ in range(3))
    for start in range(0, n, height):
        apart = statistic(split_columns(totals - columns[start : start + height])) - estimate
        first += apart.sum(axis=0)
        second += (apart**2).sum(axis=0)
        third += (apart**3).sum(axis=0)
    mean = first / n
    squares = second - n * mean**2
    cubes = third - 3 * mean * second + 2 * n * mean**3
    out: FloatArray = np.zeros(estimate.size)
    np.divide(-cubes, 6 * np.maximum(squares, 0.0) ** 1.5, out=out, where=squares > 0)
    return np.round(out, DIGITS)
