"""Agreement between coders: Cohen's and Fleiss' kappa, Gwet's AC1, Krippendorff's alpha.

Written here because the packages that offer them are under the GPL; a few lines of NumPy each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray

LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Agreement:
    """`value` is chance-corrected (1 perfect, 0 chance, below 0 worse); `observed` the share that agrees, 0..1."""

    value: float
    observed: float


def cohen_kappa(table: FloatArray) -> Agreement:
    """Two coders, a square table of units by (first coder's code, second coder's code).

    Formula: (po - pe) / (1 - pe), pe = sum of products of the two coders' shares.
    Source: Cohen 1960, Educational and Psychological Measurement 20:37-46.
    Limits: falls when one code dominates although coders agree (see gwet_ac1). Raises MethodError `bad-shape`,
    `bad-counts`, `no-variation` where both coders used one and the same code only.
    """
    shares = _square(table)
    expected = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return _corrected(float(np.trace(shares)), expected)


def gwet_ac1(table: FloatArray) -> Agreement:
    """Two coders, the same table; chance as Gwet has it.

    Formula: (po - pe) / (1 - pe), pe = sum over codes of p (1 - p) / (q - 1), p the mean share of a code over the
    two coders, q the number of codes.
    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29-48.
    """
    shares = _square(table)
    if len(shares) < 2:
        raise MethodError("bad-shape", {"dimensions": len(shares)})
    mean = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    return _corrected(float(np.trace(shares)), float((mean * (1 - mean)).sum() / (len(shares) - 1)))


def fleiss_kappa(counts: FloatArray) -> Agreement:
    """Any number of coders, the same for each unit: counts of shape (units, codes).

    Formula: (P - Pe) / (1 - Pe), P the mean share of agreeing pairs in a unit, Pe the sum of squared code shares.
    Source: Fleiss 1971, Psychological Bulletin 76(5):378-382.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape or bool((table < 0).any()):
        raise MethodError("bad-shape", {"dimensions": table.ndim})
    raters = table.sum(axis=1)
    if raters[0] < 2 or bool((raters != raters[0]).any()):
        raise MethodError("too-few-raters", {"n": int(raters.min()), "minimum": 2})
    m = raters[0]
    observed = float(((table**2).sum(axis=1) - m).mean() / (m * (m - 1)))
    return _corrected(observed, float(((table.sum(axis=0) / table.sum()) ** 2).sum()))


def krippendorff_alpha(codes: FloatArray, level: str = "nominal") -> float:
    """Any number of coders, with gaps: codes of shape (coders, units), NaN where a coder gave none.

    Formula: 1 - Do / De over the coincidences of values within units, with the difference function of the level:
    nominal (0 or 1), ordinal (squared sum of the value counts between the two, ends halved), interval
    (a - b)^2, ratio ((a - b) / (a + b))^2.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.
    Units: 1 perfect, 0 chance. Limits: units with one code only are left out. Customary reading: .80 reliable, from
    .667 tentative.
    Raises MethodError `unknown-level`, `bad-shape`, `too-few-raters` where no unit has two codes, `no-variation`.
    """
    if level not in LEVELS:
        raise MethodError("unknown-level", {"known": list(LEVELS)})
    table = np.asarray(codes, dtype=np.float64)
    if table.ndim != 2:
        raise MethodError("bad-shape", {"dimensions": table.ndim})
    given = ~np.isnan(table)
    table, given = table[:, given.sum(axis=0) >= 2], given[:, given.sum(axis=0) >= 2]
    if table.shape[1] == 0:
        raise MethodError("too-few-raters", {"n": 1, "minimum": 2})
    values = np.unique(table[given])
    # How often each value stands in each unit: shape (units, values).
    counts = (table.T[:, :, np.newaxis] == values).sum(axis=1).astype(np.float64)
    per_unit = counts.sum(axis=1)
    pairs = counts[:, :, np.newaxis] * counts[:, np.newaxis, :]
    pairs -= counts[:, :, np.newaxis] * np.eye(values.size)
    coincidence = (pairs / (per_unit - 1)[:, np.newaxis, np.newaxis]).sum(axis=0)
    totals = coincidence.sum(axis=0)
    apart = _difference(values, totals, level)
    expected = float((np.outer(totals, totals) * apart).sum() / (totals.sum() - 1))
    if expected <= 0:
        raise MethodError("no-variation", {"raters": int(given.shape[0])})
    return 1.0 - float((coincidence * apart).sum()) / expected


def _difference(values: FloatArray, totals: FloatArray, level: str) -> FloatArray:
    first, second = values[:, np.newaxis], values[np.newaxis, :]
    if level == "nominal":
        return np.asarray(first != second, dtype=np.float64)
    if level == "interval":
        return np.asarray((first - second) ** 2, dtype=np.float64)
    if level == "ratio":
        total = np.where(first + second == 0, 1.0, first + second)
        return np.asarray(((first - second) / total) ** 2, dtype=np.float64)
    upto = np.cumsum(totals)
    middle: FloatArray = upto - totals / 2
    return np.asarray((middle[:, np.newaxis] - middle[np.newaxis, :]) ** 2, dtype=np.float64)


def _square(table: FloatArray) -> FloatArray:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise MethodError("bad-shape", {"dimensions": counts.ndim})
    if bool((counts < 0).any()) or counts.sum() <= 0:
        raise MethodError("bad-counts")
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def _corrected(observed: float, expected: float) -> Agreement:
    if expected >= 1:
        raise MethodError("no-variation")
    return Agreement((observed - expected) / (1 - expected), observed)
