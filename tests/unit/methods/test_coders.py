"""Agreement of coders, against published results."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods import MethodError
from services.surveys.methods.coders import cohen_kappa, fleiss_kappa, gwet_ac1, krippendorff_alpha
from tests.unit.methods.test_oracles import ORACLES

KRIPPENDORFF = ORACLES["krippendorff_2011"]
PARADOX = ORACLES["gwet_paradox_2x2"]
FLEISS = ORACLES["fleiss_1971_wikipedia"]


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_of_four_coders_with_gaps(level: str) -> None:
    codes = np.array(KRIPPENDORFF["raters_x_units"], dtype=np.float64)
    assert krippendorff_alpha(codes, level) == pytest.approx(KRIPPENDORFF["alpha"][level], abs=1e-4)


def test_kappa_falls_where_one_code_dominates_and_ac1_does_not() -> None:
    table = np.array(PARADOX["table"], dtype=np.float64)
    kappa, ac1 = cohen_kappa(table), gwet_ac1(table)
    assert (kappa.value, ac1.value) == pytest.approx((PARADOX["kappa"], PARADOX["ac1"]), abs=1e-4)
    assert kappa.observed == ac1.observed == pytest.approx(PARADOX["pa"], abs=1e-4)


def test_fleiss_kappa_of_fourteen_raters() -> None:
    assert fleiss_kappa(np.array(FLEISS["counts"])).value == pytest.approx(FLEISS["fleiss"], abs=1e-4)


def test_two_coders_who_always_agree_have_one() -> None:
    assert cohen_kappa(np.diag([3.0, 4.0])).value == 1
    assert krippendorff_alpha(np.array([[1.0, 2, 3], [1, 2, 3]])) == 1


@pytest.mark.parametrize(("call", "code"), [
    (lambda: krippendorff_alpha(np.array([[1.0, np.nan], [np.nan, 2]])), "too-few-raters"),
    (lambda: krippendorff_alpha(np.array([[1.0, 1], [1, 1]])), "no-variation"),
    (lambda: krippendorff_alpha(np.ones((2, 2)), "absolute"), "unknown-level"),
    (lambda: cohen_kappa(np.array([[5.0, 0], [0, 0]])), "no-variation"),
    (lambda: cohen_kappa(np.zeros((2, 2))), "bad-counts"),
    (lambda: cohen_kappa(np.ones((2, 3))), "bad-shape"),
    (lambda: fleiss_kappa(np.array([[2, 0], [1, 2]])), "too-few-raters"),
])  # fmt: skip
def test_what_cannot_be_said_is_refused(call, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == code
