"""Hedges' g: how large a difference is in standard deviations, corrected for small samples."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, sqrt

import numpy as np

from services.surveys.methods.bootstrap import LEVEL, check_draws, resample_counts, streams
from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray, IntArray

MINIMUM = 5


@dataclass(frozen=True)
class Effect:
    """`g` in standard deviations with its 95 % percentile interval, and the people behind it.

    `low`, `high` are None where a resample without spread left fewer than half of the resamples with a value.
    """

    g: float
    low: float | None
    high: float | None
    n: int


def correction(df: int) -> float:
    """Hedges' exact small-sample factor J for df >= 2: gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)), below 1."""
    return exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)


def hedges_g(first: FloatArray, second: FloatArray, *, seed: int, resamples: int = 2000) -> Effect:
    """The difference second - first of two independent groups, shapes (n1,) and (n2,), NaN left out.

    Formula: g = J(n1 + n2 - 2) (mean2 - mean1) / s, with the pooled standard deviation s.
    Source: Hedges 1981, Journal of Educational Statistics 6(2):107-128.
    Units: standard deviations. Interval: each group resampled by itself (bootstrap.streams), percentile, seeded.
    Limits: equal spread in both groups is assumed; refused under five people in a group.
    Raises MethodError `too-few-responses`, `no-variation`, `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    groups = [_given(first), _given(second)]
    df = groups[0].size + groups[1].size - 2
    drawn = [_drawn(group, stream, resamples) for group, stream in zip(groups, streams(seed, 2), strict=True)]
    own = [_moments(np.ones((1, group.size)), group) for group in groups]
    value, draws = (
        g_of_two(means[1] - means[0], squares[0] + squares[1], np.array(df))
        for means, squares in (zip(*parts, strict=True) for parts in (own, drawn))
    )
    return effect_of(float(value[0]), draws, df + 2)


def g_of_two(difference: FloatArray, squares: FloatArray, df: IntArray) -> FloatArray:
    """Hedges' g of two independent groups from the difference of their means, second - first.

    `squares`: squared deviations from each group's own mean, both groups added; `df`: n1 + n2 - 2; shapes that fit
    together. Formula and source: see hedges_g. NaN without spread, and below two degrees of freedom.
    """
    factors = np.array([correction(k) if k > 1 else np.nan for k in range(int(df.max()) + 1)])
    known = np.maximum(df, 0)
    found: FloatArray = _ratio(difference, np.sqrt(squares / np.maximum(known, 1))) * factors[known]
    return found


def _drawn(
    group: FloatArray, stream: np.random.SeedSequence, resamples: int
) -> tuple[FloatArray, FloatArray]:
    mean, squares = np.empty(resamples), np.empty(resamples)
    for rows, counts in resample_counts(group.size, stream, resamples, np.float64):
        mean[rows], squares[rows] = _moments(counts, group)
    return mean, squares


def hedges_g_paired(before: FloatArray, after: FloatArray, *, seed: int, resamples: int = 2000) -> Effect:
    """The change after - before of the same people, both of shape (n,); only complete pairs count.

    Formula: g_av = J(n - 1) mean(after - before) / sqrt((s_before^2 + s_after^2) / 2).
    Source: Lakens 2013, Frontiers in Psychology 4:863, equation 10, with Hedges' correction.
    Units: standard deviations. Interval: people resampled with both answers, percentile, seeded.
    Limits: refused under five pairs; says nothing of why people changed.
    Raises MethodError `bad-shape`, `too-few-responses`, `no-variation`, `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    if before.shape != after.shape or before.ndim != 1:
        raise MethodError("bad-shape", {"dimensions": before.ndim})
    both = ~(np.isnan(before) | np.isnan(after))
    one, two = _given(before[both]), _given(after[both])
    draws = np.empty(resamples)
    for rows, counts in resample_counts(one.size, seed, resamples, np.float64):
        draws[rows] = _paired(counts, one, two)
    return effect_of(float(_paired(np.ones((1, one.size)), one, two)[0]), draws, one.size)


def _given(values: FloatArray) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    given = given[~np.isnan(given)]
    if given.size < MINIMUM:
        raise MethodError("too-few-responses", {"n": int(given.size), "minimum": MINIMUM})
    return given


def _moments(counts: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and sum of squared deviations of each resample."""
    middle = values.mean()  # taking it off first keeps the squares small, hence exact enough
    centred = values - middle
    mean = counts @ centred / values.size
    raw = counts @ centred**2
    squares = raw - values.size * mean**2
    # Where everyone drawn said the same, rounding leaves a trace of spread: a ratio to it would be without bound.
    return mean + middle, np.where(squares > 1e-12 * raw, squares, 0.0)


def _paired(counts: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    (mean1, squares1), (mean2, squares2) = _moments(counts, before), _moments(counts, after)
    spread = np.sqrt((squares1 + squares2) / (2 * (before.size - 1)))
    return _ratio(mean2 - mean1, spread) * correction(before.size - 1)


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    out: FloatArray = np.full(bottom.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom > 1e-12)
    return out


def effect_of(value: float, draws: FloatArray, n: int) -> Effect:
    """An Effect from its value and its resamples. Raises MethodError `no-variation` where it has no value."""
    if np.isnan(value):
        raise MethodError("no-variation", {"n": n})
    kept = draws[~np.isnan(draws)]
    if kept.size < draws.size / 2:
        return Effect(value, None, None, n)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(kept, [tail, 1 - tail])
    return Effect(value, float(low), float(high), n)
