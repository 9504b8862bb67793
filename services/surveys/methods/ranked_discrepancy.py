"""Ranked Discrepancy Model: an ordinal reading of the same ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.ratings import FloatArray, IntArray, Ratings
from services.surveys.methods.sums import PairSums, pair_sums, require_pairs, safe_ratio


@dataclass(frozen=True, eq=False)
class RankedDiscrepancy:
    """Counts in people (never weighted), percentages 0..100 of the item's complete pairs, score -100..100.

    All arrays have shape (items,). `negative` (NR): ability below importance; `positive` (PR):
    above; `tied` (TR): equal.
    """

    negative: IntArray
    positive: IntArray
    tied: IntArray
    negative_percent: FloatArray
    positive_percent: FloatArray
    tied_percent: FloatArray
    score: FloatArray


def rds_of(sums: PairSums) -> FloatArray:
    """RDS of ready-made sums, same shape as the sums; NaN where n = 0."""
    return safe_ratio(100.0 * (sums.positive - sums.negative), sums.n)


def ranked_discrepancy(ratings: Ratings) -> RankedDiscrepancy:
    """NR, PR, TR and the ranked discrepancy score of each item; the most negative is the top need.

    Formula: RDS = -1 x NR% + 1 x PR% + 0 x TR%, over the item's complete pairs.
    Source: Narine and Harder 2021, Advancements in Agricultural Development 2(3):96-111;
    replicated in Education Sciences 2023, 13(4):414.
    Units: percentage points, -100 (everyone falls short) to 100 (everyone exceeds).
    Limits: ignores how far ability falls short, so scores saturate and tie in small groups; counts
    below five may identify people and are not for publication.
    Raises MethodError `too-few-item-responses` where an item has no complete pair.
    """
    sums = require_pairs(pair_sums(ratings))
    low, high = (100.0 * part / sums.n for part in (sums.negative, sums.positive))
    with np.errstate(invalid="ignore"):  # no answer is neither below nor above
        negative = (ratings.ability < ratings.importance).sum(axis=0, dtype=np.int64)
        positive = (ratings.ability > ratings.importance).sum(axis=0, dtype=np.int64)
    tied = ratings.n_per_item - negative - positive
    return RankedDiscrepancy(negative, positive, tied, low, high, 100.0 - low - high, rds_of(sums))
