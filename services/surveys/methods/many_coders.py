"""Agreement of any number of coders, with gaps, and of any number of raters on a measured scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray


@dataclass(frozen=True)
class NominalAgreement:
    """`observed`: share 0..1 of agreeing pairs of codes; the others are corrected for chance (1 perfect, 0 chance).

    `ac1` Gwet; `fleiss` Fleiss' kappa; `brennan_prediger` uniform chance (Randolph's free-marginal kappa where
    nobody left a gap); `conger` chance by each coder's own habits.
    """

    observed: float
    ac1: float
    fleiss: float
    brennan_prediger: float
    conger: float


@dataclass(frozen=True)
class IntraclassCorrelation:
    """Shrout and Fleiss' six forms: one-way, two-way random and two-way mixed, for one rater and for the mean of k."""

    one_way: float
    two_way_random: float
    two_way_mixed: float
    one_way_mean: float
    two_way_random_mean: float
    two_way_mixed_mean: float


def nominal_agreement(codes: FloatArray) -> NominalAgreement:
    """Any number of coders: codes of shape (coders, units), NaN where a coder gave none.

    Formula: (pa - pe) / (1 - pe); pa is the mean, over units with two codes or more, of the share of agreeing pairs;
    p_q the mean share of code q in a unit. pe: AC1 sum p_q (1 - p_q) / (q - 1), Fleiss sum p_q^2, Brennan-Prediger
    1 / q, Conger sum m_q^2 - sum s_q^2 / r with m_q and s_q^2 the mean and variance of the coders' own shares.
    Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, chapters 2 and 3.
    Units: none. Limits: a code that nobody used is not counted among the q.
    Raises MethodError `bad-shape`, `too-few-raters` where no unit has two codes, `no-variation` with one code only.
    """
    table = np.asarray(codes, dtype=np.float64)
    if table.ndim != 2:
        raise MethodError("bad-shape", {"dimensions": table.ndim})
    given = ~np.isnan(table)
    values = np.unique(table[given])
    counts = (table.T[:, :, np.newaxis] == values).sum(axis=1).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 0]
    per_unit = counts.sum(axis=1)
    several = per_unit >= 2
    if not several.any():
        raise MethodError("too-few-raters", {"n": int(given.shape[0]), "minimum": 2})
    if values.size < 2:
        raise MethodError("no-variation", {"raters": int(given.shape[0])})
    pairs = (counts[several] * (counts[several] - 1)).sum(axis=1)
    observed = float((pairs / (per_unit[several] * (per_unit[several] - 1))).mean())
    shares = (counts / per_unit[:, np.newaxis]).mean(axis=0)
    own = (table[:, :, np.newaxis] == values).sum(axis=1) / given.sum(axis=1)[:, np.newaxis]
    habit = float((own.mean(axis=0) ** 2).sum() - own.var(axis=0, ddof=1).sum() / len(own))
    chances = (
        float((shares * (1 - shares)).sum() / (values.size - 1)),
        float((shares**2).sum()),
        1 / values.size,
        habit,
    )
    return NominalAgreement(observed, *((observed - chance) / (1 - chance) for chance in chances))


def intraclass_correlation(ratings: FloatArray) -> IntraclassCorrelation:
    """Raters on a measured scale: ratings of shape (targets, raters), none missing.

    Formula: mean squares between targets, between raters and residual of the two-way layout, put together as in the
    source. Source: Shrout and Fleiss 1979, Psychological Bulletin 86(2):420-428.
    Units: none, at most 1. Limits: low where targets hardly differ, however well raters agree.
    Raises MethodError `bad-shape` on gaps or fewer than two rows or columns, `no-variation` where the targets are alike.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or bool(np.isnan(table).any()):
        raise MethodError("bad-shape", {"dimensions": table.ndim})
    n, k = table.shape
    whole = table.mean()
    total = float(((table - whole) ** 2).sum())
    of_targets = k * float(((table.mean(axis=1) - whole) ** 2).sum())
    of_raters = n * float(((table.mean(axis=0) - whole) ** 2).sum())
    between, raters = of_targets / (n - 1), of_raters / (k - 1)
    within = (total - of_targets) / (n * (k - 1))
    rest = (total - of_targets - of_raters) / ((n - 1) * (k - 1))
    least = 1e-12 * total
    if (
        between <= least
        or min(
            between + (k - 1) * within,
            between + (raters - rest) / n,
            between + (k - 1) * rest + k * (raters - rest) / n,
        )
        <= least
    ):
        raise MethodError("no-variation", {"raters": k})
    return IntraclassCorrelation(
        (between - within) / (between + (k - 1) * within),
        (between - rest) / (between + (k - 1) * rest + k * (raters - rest) / n),
        (between - rest) / (between + (k - 1) * rest),
        (between - within) / between,
        (between - rest) / (between + (raters - rest) / n),
        (between - rest) / between,
    )
