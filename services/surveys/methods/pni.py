"""Priority Needs Index, modified."""

from __future__ import annotations

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray, Ratings
from services.surveys.methods.sums import PairSums, pair_sums, require_pairs, safe_ratio


def pni_of(sums: PairSums) -> FloatArray:
    """PNI-modified of ready-made sums, same shape as the sums; NaN where n = 0."""
    return safe_ratio(sums.importance - sums.ability, sums.ability)


def pni_from_means(desired: FloatArray, actual: FloatArray) -> FloatArray:
    """(desired - actual) / actual, element by element; MethodError `zero-ability` at actual <= 0."""
    if np.any(actual <= 0):
        raise MethodError("zero-ability", {"items": int(np.count_nonzero(actual <= 0))})
    return (desired - actual) / actual


def pni_modified(ratings: Ratings) -> FloatArray:
    """Modified Priority Needs Index of each item, shape (items,); bigger means more need.

    Formula: PNI = (mean(I) - mean(A)) / mean(A), importance as the desired level and ability as
    the actual one, over the item's complete pairs.
    Source: Wongwanich and Wiratchai, Chulalongkorn University (needs assessment research).
    Units: a ratio without unit, from -(k - 1)/k to k - 1 on a 1..k scale.
    Limits: needs a scale that starts at 1; inflates items of low ability, so it must never rank
    needs alone: show it beside MWDS.
    Raises MethodError `too-few-item-responses` where an item has no complete pair.
    """
    sums = require_pairs(pair_sums(ratings))
    return pni_from_means(sums.mean_importance, sums.mean_ability)
