"""Response shift: what people say afterwards of where they had stood before (then-test)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.bootstrap import LEVEL, check_draws, resample_counts
from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray

MINIMUM = 5
PARTS = ("observed", "adjusted", "shift")


@dataclass(frozen=True)
class Mean:
    """A mean difference in points with its 95 % percentile interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ResponseShift:
    """`observed` = post - pre, `adjusted` = post - then, `shift` = then - pre, over the same `n` people."""

    n: int
    observed: Mean
    adjusted: Mean
    shift: Mean


def response_shift(
    pre: FloatArray, post: FloatArray, then: FloatArray, *, seed: int, resamples: int = 2000
) -> ResponseShift:
    """Change with and without the inner yardstick of before; all of shape (n,), row i is one person.

    Formula: observed = mean(post - pre); shift = mean(then - pre); adjusted = mean(post - then) = observed - shift,
    over the people with all three answers. `then`: asked after the course, how they now judge their ability of before.
    Source: Howard et al. 1979, Applied Psychological Measurement 3(1):1-23; Schwartz and Sprangers 1999, Social
    Science and Medicine 48:1531-1548.
    Units: points. Interval: people resampled with their three answers, seeded.
    Limits: a then-test carries recall and wish to please; show both changes, never the adjusted one alone.
    Raises MethodError `bad-shape`, `too-few-responses` under five, `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    if not pre.shape == post.shape == then.shape or pre.ndim != 1:
        raise MethodError("bad-shape", {"dimensions": pre.ndim})
    table = np.stack([post - pre, post - then, then - pre], axis=1)
    table = table[~np.isnan(table).any(axis=1)]
    n = len(table)
    if n < MINIMUM:
        raise MethodError("too-few-responses", {"n": n, "minimum": MINIMUM})
    draws = np.empty((resamples, len(PARTS)))
    for place, counts in resample_counts(n, seed, resamples, np.float64):
        draws[place] = counts @ table / n
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    means = (Mean(*row) for row in zip(table.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True))
    return ResponseShift(n, **dict(zip(PARTS, means, strict=True)))
