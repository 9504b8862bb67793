"""Sums over complete pairs, from which every discrepancy method is computed.

Each method needs only five sums per item, so a bootstrap has to resample sums and never the
answers themselves: one matrix product serves all methods at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray, Ratings

BLOCKS = 5


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums over complete pairs; every array has the same shape, (items,) or (resamples, items).

    `n` people with both ratings; `importance`, `ability` sums of points; `negative` people whose
    ability is below importance; `positive` people whose ability is above it. Under weights, each person counts
    as much as they weigh.
    """

    n: FloatArray
    importance: FloatArray
    ability: FloatArray
    negative: FloatArray
    positive: FloatArray

    @property
    def mean_importance(self) -> FloatArray:
        """Mean importance in points; NaN where n = 0."""
        return safe_ratio(self.importance, self.n)

    @property
    def mean_ability(self) -> FloatArray:
        """Mean ability in points; NaN where n = 0."""
        return safe_ratio(self.ability, self.n)


def indicator_columns(ratings: Ratings) -> FloatArray:
    """What each respondent adds to each sum; shape (respondents, 5 x items), blocks as in PairSums."""
    pairs = ratings.pairs
    importance = np.where(pairs, ratings.importance, 0.0)
    ability = np.where(pairs, ratings.ability, 0.0)
    blocks = [pairs, importance, ability, ability < importance, ability > importance]
    columns = np.concatenate(blocks, axis=1, dtype=np.float64)
    return columns if ratings.weights is None else columns * ratings.weights[:, np.newaxis]


def split_columns(totals: FloatArray) -> PairSums:
    """PairSums of totals laid out as `indicator_columns`; the last axis is cut in five."""
    return PairSums(*np.split(totals, BLOCKS, axis=-1))


def pair_sums(ratings: Ratings) -> PairSums:
    """Sums over each item's complete pairs; arrays of shape (items,)."""
    return split_columns(indicator_columns(ratings).sum(axis=0))


def require_pairs(sums: PairSums) -> PairSums:
    """The same sums, or MethodError `too-few-item-responses` if an item has no complete pair."""
    empty = int(np.count_nonzero(sums.n == 0))
    if empty:
        raise MethodError("too-few-item-responses", {"items": empty, "minimum": 1})
    return sums


def safe_ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Ratio top / bottom, element by element, NaN where bottom is not above 0."""
    out: FloatArray = np.full(bottom.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out
