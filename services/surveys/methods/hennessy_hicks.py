"""Hennessy-Hicks need scores: mean gap, with a paired test for each item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.lazy import stats
from services.surveys.methods.ratings import FloatArray, IntArray, Ratings
from services.surveys.methods.sums import PairSums, pair_sums, require_pairs

EXACT_LIMIT = 50


@dataclass(frozen=True, eq=False)
class HennessyHicks:
    """Per item, shape (items,): mean gap in points, complete pairs, two-sided p, Holm-adjusted p."""

    gap: FloatArray
    n: IntArray
    p_value: FloatArray
    p_holm: FloatArray


def gap_of(sums: PairSums) -> FloatArray:
    """Mean gap of ready-made sums, same shape as the sums; NaN where n = 0."""
    return sums.mean_importance - sums.mean_ability


def hennessy_hicks(ratings: Ratings) -> HennessyHicks:
    """Mean gap of each item and whether importance and ability differ; bigger means more need.

    Formula: gap = mean(I - A) over the item's complete pairs; Wilcoxon signed-rank test of I
    against A (zero differences dropped); Holm's step-down adjustment over the items.
    Source: Hennessy and Hicks, training needs analysis questionnaire (the method only: its items
    are under copyright and none is used); Wilcoxon 1945; Holm 1979, Scandinavian Journal of
    Statistics 6:65-70.
    Units: points of the scale, -(k - 1) to k - 1; p from 0 to 1.
    Limits: a test says that a gap is not chance, not that it is large; read it after the interval.
    Raises MethodError `too-few-item-responses` where an item has no complete pair.
    """
    sums = require_pairs(pair_sums(ratings))
    differences = ratings.importance - ratings.ability
    p_value = np.array([signed_rank_p(column[~np.isnan(column)]) for column in differences.T])
    return HennessyHicks(gap_of(sums), ratings.n_per_item, p_value, holm(p_value))


def signed_rank_p(differences: FloatArray) -> float:
    """Two-sided p of Wilcoxon's signed-rank test on differences of shape (n,); 1.0 if all are zero.

    Up to 50 non-zero differences the null distribution is exact, ties included (all 2^n sign
    patterns, by convolution over doubled mid-ranks); beyond, the normal approximation with tie
    correction and no continuity correction.
    """
    moved = differences[differences != 0]
    if moved.size == 0:
        return 1.0
    ranks = stats().rankdata(np.abs(moved))
    plus = float(ranks[moved > 0].sum())
    return _exact_p(ranks, plus) if moved.size <= EXACT_LIMIT else _normal_p(ranks, plus)


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's adjusted p-values, same shape (m,) and order as given, each in 0..1."""
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(p_values.size, 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    out = np.empty_like(adjusted)
    out[order] = adjusted
    return out


def _exact_p(ranks: FloatArray, plus: float) -> float:
    doubled = np.rint(2 * ranks).astype(np.int64)
    chance = np.zeros(int(doubled.sum()) + 1)
    chance[0] = 1.0
    for step in doubled:
        moved = np.zeros_like(chance)
        moved[step:] = chance[: chance.size - step]
        chance = (chance + moved) / 2
    at = round(2 * plus)
    tail = min(float(chance[: at + 1].sum()), float(chance[at:].sum()))
    return min(1.0, 2 * tail)


def _normal_p(ranks: FloatArray, plus: float) -> float:
    spread = float(np.sqrt(np.sum(ranks**2) / 4))
    z = (plus - float(ranks.sum()) / 2) / spread
    return float(2 * stats().norm.sf(abs(z)))
