"""Mean weighted discrepancy score (Borich)."""

from __future__ import annotations

from services.surveys.methods.ratings import FloatArray, Ratings
from services.surveys.methods.sums import PairSums, pair_sums, require_pairs


def mwds_of(sums: PairSums) -> FloatArray:
    """MWDS of ready-made sums, same shape as the sums; NaN where n = 0."""
    return sums.mean_importance * (sums.mean_importance - sums.mean_ability)


def mwds(ratings: Ratings) -> FloatArray:
    """Mean weighted discrepancy score of each item, shape (items,); bigger means more need.

    Formula: WDS of a respondent = (I - A) x mean(I), and MWDS = sum(WDS) / n
    = mean(I) x (mean(I) - mean(A)), over the item's complete pairs. The weight is the mean
    importance of the item, not each person's own: mean(I x (I - A)) is another figure.
    Source: Borich 1980, Journal of Teacher Education 31(3):39-42; McKim and Saucier 2011,
    Journal of Agricultural Education 49(2).
    Units: points squared, from -k^2 / 4 (importance k / 2, ability k) to k(k - 1) on a 1..k scale.
    Limits: treats points as equal steps; a common high importance inflates every score alike.
    Raises MethodError `too-few-item-responses` where an item has no complete pair.
    """
    return mwds_of(require_pairs(pair_sums(ratings)))
