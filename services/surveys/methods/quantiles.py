"""Median and interquartile range under a named quantile convention."""

from __future__ import annotations

from typing import Literal

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import FloatArray

_NumpyMethod = Literal["linear", "weibull", "hazen"]
CONVENTIONS: dict[str, _NumpyMethod] = {"type7": "linear", "type6": "weibull", "hazen": "hazen"}
DEFAULT_CONVENTION = "type7"


def quartiles(values: FloatArray, convention: str = DEFAULT_CONVENTION) -> tuple[float, float, float]:
    """First quartile, median and third quartile of values of shape (n,), NaN left out.

    Conventions: `type7` (R and NumPy default), `type6` (SPSS, Weibull), `hazen`.
    Source: Hyndman and Fan 1996, The American Statistician 50(4):361-365.
    Units: those of the values.
    Limits: on {5,6,7,7,8,8,8,9,9,9} the range is 1.75, 2.25 or 2.00, so a consensus rule "at most
    2" flips with the convention: store it with the protocol.
    Raises MethodError `unknown-convention`, or `empty-sample` where no value is left.
    """
    if convention not in CONVENTIONS:
        raise MethodError("unknown-convention", {"known": list(CONVENTIONS)})
    given = np.asarray(values, dtype=np.float64)
    given = given[~np.isnan(given)]
    if given.size == 0:
        raise MethodError("empty-sample")
    first, middle, third = np.quantile(given, [0.25, 0.5, 0.75], method=CONVENTIONS[convention])
    return float(first), float(middle), float(third)


def iqr(values: FloatArray, convention: str = DEFAULT_CONVENTION) -> float:
    """Interquartile range, third minus first quartile; see `quartiles`."""
    first, _, third = quartiles(values, convention)
    return third - first
