"""Agreement in ranking: Kendall's W over raters, Spearman's rho between methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.lazy import stats
from services.surveys.methods.ranks import TIE_DECIMALS
from services.surveys.methods.ratings import FloatArray


@dataclass(frozen=True)
class Concordance:
    """Kendall's W: `w` corrected for ties and `w_uncorrected`, both 0..1; chi-square, df, p."""

    w: float
    w_uncorrected: float
    chi2: float
    df: int
    p_value: float
    raters: int
    items: int


def kendall_w(scores: FloatArray) -> Concordance:
    """Kendall's coefficient of concordance of scores (or ranks) of shape (raters, items).

    Formula: W = 12 S / (m^2 (n^3 - n) - m sum(T)), with m raters, n items, S the squared
    deviations of the items' rank sums, T = sum(t^3 - t) over a rater's groups of t ties (mid-ranks);
    chi2 = m (n - 1) W on n - 1 degrees of freedom.
    Source: Kendall and Babington Smith 1939, Annals of Mathematical Statistics 10:275-287. Reading
    (Schmidt 1997): .1 very weak, .3 weak, .5 moderate, .7 strong, .9 unusually strong.
    Units: none; 0 no agreement, 1 the same ranking by all.
    Limits: complete data only; the chi-square is rough below 8 items; high W is agreement, not truth.
    Raises MethodError: `too-few-raters` (< 2), `too-few-items` (< 2), `bad-rating` on NaN,
    `no-variation` if every rater ties all items.
    """
    table = np.asarray(scores, dtype=np.float64)
    raters, items = _check(table)
    ranks = stats().rankdata(np.round(table, TIE_DECIMALS), axis=1)
    spread = float(np.sum((ranks.sum(axis=0) - raters * (items + 1) / 2) ** 2))
    full = raters**2 * (items**3 - items)
    corrected = full - raters * sum(_ties(row) for row in ranks)
    if corrected <= 0:
        raise MethodError("no-variation", {"raters": raters})
    w = 12 * spread / corrected
    chi2 = raters * (items - 1) * w
    p_value = float(stats().chi2.sf(chi2, items - 1))
    return Concordance(w, 12 * spread / full, chi2, items - 1, p_value, raters, items)


def spearman(first: FloatArray, second: FloatArray) -> float | None:
    """Spearman's rho of two score vectors of shape (items,), mid-ranks for ties, -1..1.

    Formula: Pearson's correlation of the ranks. Source: Spearman 1904, American Journal of
    Psychology 15:72-101. Limits: None with fewer than three items or where a vector is constant;
    no p-value, since methods computed on the same answers are not independent.
    """
    ranks = np.array([stats().rankdata(np.round(v, TIE_DECIMALS)) for v in (first, second)])
    if ranks.shape[1] < 3 or not np.all(np.ptp(ranks, axis=1) > 0):
        return None
    return float(np.clip(np.corrcoef(ranks)[0, 1], -1.0, 1.0))


def spearman_pairs(needs: Mapping[str, FloatArray]) -> dict[str, float | None]:
    """Spearman's rho of every pair of methods, keyed "first~second" in the order given."""
    return {f"{a}~{b}": spearman(needs[a], needs[b]) for a, b in combinations(needs, 2)}


def _ties(ranks: FloatArray) -> int:
    _, sizes = np.unique(ranks, return_counts=True)
    return int(np.sum(sizes**3 - sizes))


def _check(table: FloatArray) -> tuple[int, int]:
    if table.ndim != 2:
        raise MethodError("bad-shape", {"dimensions": table.ndim})
    raters, items = table.shape
    if raters < 2:
        raise MethodError("too-few-raters", {"n": raters, "minimum": 2})
    if items < 2:
        raise MethodError("too-few-items", {"n": items, "minimum": 2})
    if not np.isfinite(table).all():
        raise MethodError("bad-rating", {"part": "scores"})
    return raters, items
