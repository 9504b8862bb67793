"""Agreement of coders, against published results."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods import MethodError
from services.surveys.methods.coders import cohen_kappa, fleiss_kappa, gwet_ac1, krippendorff_alpha
from services.surveys.methods.coding import Figure, coding_agreement
from services.surveys.methods.many_coders import intraclass_correlation, nominal_agreement
from tests.unit.methods.test_oracles import ORACLES

KRIPPENDORFF = ORACLES["krippendorff_2011"]
PARADOX = ORACLES["gwet_paradox_2x2"]
FLEISS = ORACLES["fleiss_1971_wikipedia"]
SHROUT = ORACLES["shrout_fleiss_1979"]


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


def test_four_coders_with_gaps_by_every_nominal_measure() -> None:
    oracle = KRIPPENDORFF["irrcac"]
    found = nominal_agreement(np.array(KRIPPENDORFF["raters_x_units"], dtype=np.float64))
    expected = [oracle[name][0] for name in ("gwet_ac1", "fleiss", "brennan_prediger", "conger")]
    assert [found.ac1, found.fleiss, found.brennan_prediger, found.conger] == pytest.approx(
        expected, abs=1e-4
    )
    assert found.observed == pytest.approx(oracle["pa"], abs=1e-4)
    assert krippendorff_alpha(np.array(KRIPPENDORFF["raters_x_units"], dtype=np.float64)) == pytest.approx(
        oracle["krippendorff_nominal"][0], abs=1e-4
    )


def test_randolphs_free_marginal_kappa_of_fourteen_raters() -> None:
    counts = np.array(FLEISS["counts"])
    codes = np.array([np.repeat(np.arange(5), row) for row in counts], dtype=np.float64).T
    found = nominal_agreement(codes)
    assert (found.fleiss, found.brennan_prediger) == pytest.approx(
        (FLEISS["fleiss"], FLEISS["randolph"]), abs=1e-4
    )


def test_intraclass_correlation_of_four_raters() -> None:
    found = intraclass_correlation(np.array(SHROUT["ratings"], dtype=np.float64))
    figures = [found.one_way, found.two_way_random, found.two_way_mixed]
    figures += [found.one_way_mean, found.two_way_random_mean, found.two_way_mixed_mean]
    assert figures == pytest.approx(
        [SHROUT["icc"][name] for name in ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")], abs=1e-4
    )


def test_perfect_absent_and_one_sided_codings() -> None:
    rng = np.random.default_rng(3)
    first = rng.random((40, 3)) < 0.5
    same = coding_agreement(first, first, ("a", "b", "c"), seed=1)
    assert [code.kappa.value for code in same.codes] == [1.0, 1.0, 1.0]
    assert (same.overall.kappa, same.identical) == (Figure(1.0, 1.0, 1.0), Figure(1.0, 1.0, 1.0))
    never = np.zeros((40, 3), dtype=bool)
    none = coding_agreement(never, never, ("a", "b", "c"), seed=1)
    assert none.codes[0].kappa == none.codes[0].alpha == Figure(None, None, None)
    assert none.codes[0].percent.value == none.codes[0].ac1.value == 1.0
    assert none.codes[0].notes == none.overall.notes == ("no-variation",)
    rare = np.zeros((40, 1), dtype=bool)
    rare[0] = True
    other = np.roll(rare, 1)
    paradox = coding_agreement(rare, other, ("a",), seed=1).codes[0]
    assert (paradox.kappa.value, paradox.percent.value) == pytest.approx((-1 / 39, 0.95))
    assert paradox.notes == ("extreme-prevalence",)


def test_coding_agreement_is_what_the_single_measures_say_and_keeps_no_order() -> None:
    rng = np.random.default_rng(7)
    first, noise = rng.random((25, 2)) < 0.4, rng.random((25, 2)) < 0.2
    second = first ^ noise
    found = coding_agreement(first, second, ("a", "b"), seed=9)
    for i, code in enumerate(found.codes):
        pair = np.array([first[:, i], second[:, i]], dtype=np.float64)
        table = np.array([[(pair[0] == p).astype(float) @ (pair[1] == q) for q in (1, 0)] for p in (1, 0)])
        assert code.alpha.value == pytest.approx(krippendorff_alpha(pair), abs=1e-12)
        assert code.kappa.value == pytest.approx(cohen_kappa(table).value, abs=1e-12)
        assert code.ac1.value == pytest.approx(gwet_ac1(table).value, abs=1e-12)
        kappa = code.kappa
        assert None not in (kappa.value, kappa.low, kappa.high)
        assert kappa.low < kappa.value < kappa.high  # type: ignore[operator]
        assert code.notes == ("few-answers",)
    order = rng.permutation(25)
    assert coding_agreement(first[order], second[order], ("a", "b"), seed=9) == found
    assert (
        coding_agreement(first, second, ("a", "b"), seed=10).manifest["data_sha256"]
        == found.manifest["data_sha256"]
    )
    changed = second.copy()
    changed[0, 0] ^= True
    assert (
        coding_agreement(first, changed, ("a", "b"), seed=9).manifest["data_sha256"]
        != found.manifest["data_sha256"]
    )


@pytest.mark.parametrize(("call", "code"), [
    (lambda: coding_agreement(np.zeros((4, 1), bool), np.zeros((4, 1), bool), ("a",), seed=1), "too-few-responses"),
    (lambda: coding_agreement(np.zeros((9, 2), bool), np.zeros((9, 2), bool), ("a",), seed=1), "bad-shape"),
    (lambda: nominal_agreement(np.array([[1.0, np.nan], [np.nan, 2]])), "too-few-raters"),
    (lambda: nominal_agreement(np.ones((2, 3))), "no-variation"),
    (lambda: intraclass_correlation(np.ones((3, 3))), "no-variation"),
    (lambda: intraclass_correlation(np.array([[1.0, np.nan], [2, 3]])), "bad-shape"),
])  # fmt: skip
def test_what_several_coders_cannot_say_is_refused(call, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == code
