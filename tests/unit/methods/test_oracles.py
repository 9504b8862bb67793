"""Every published or hand-computed result that concerns surveys, to 1e-4."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.surveys.methods import MethodError, Ratings, analyse
from services.surveys.methods.bootstrap import bootstrap
from services.surveys.methods.borich import mwds
from services.surveys.methods.hennessy_hicks import hennessy_hicks
from services.surveys.methods.ipa import cut_lines, quadrants
from services.surveys.methods.kendall import kendall_w
from services.surveys.methods.maxdiff import best_worst, maxdiff_logit
from services.surveys.methods.pni import pni_modified
from services.surveys.methods.quantiles import iqr
from services.surveys.methods.ranked_discrepancy import ranked_discrepancy
from services.surveys.methods.ranks import top_shares

ORACLES: dict[str, Any] = json.loads((Path(__file__).parent / "oracles.json").read_text("utf-8"))
TABLE = ORACLES["needs_table"]
ITEMS = ("C1", "C2", "C3", "C4")
# The one labelled (7, 7, 4, 4, 2) design, of thirty, whose fit gives the published logits.
FRUIT_SETS = np.array(
    [[0, 1, 2, 6], [0, 1, 4, 5], [0, 2, 3, 4], [0, 3, 5, 6], [1, 2, 3, 5], [1, 3, 4, 6], [2, 4, 5, 6]]
)


def table() -> Ratings:
    importance, ability = (np.array([TABLE[part][i] for i in ITEMS], dtype=float).T for part in "IA")
    return Ratings(importance, ability, ITEMS)


def expected(name: str) -> list[float]:
    return [TABLE["expected"][item][name] for item in ITEMS]


def test_mwds_needs_table() -> None:
    assert mwds(table()).tolist() == pytest.approx(expected("MWDS"), abs=1e-4)


def test_mwds_weight_is_the_mean_importance_not_each_persons_own() -> None:
    data = table()
    trap = (data.importance * (data.importance - data.ability)).mean(axis=0)
    assert trap.tolist() == pytest.approx([10.1667, 2.1667, 0.3333, 7.8333], abs=1e-4)
    assert float(np.abs(trap - mwds(data)).min()) > 0.05


def test_means_needs_table() -> None:
    by_item = {result.item: result for result in analyse(table(), seed=1).items}
    assert [by_item[i].mean_importance for i in ITEMS] == pytest.approx(expected("I"), abs=1e-4)
    assert [by_item[i].mean_ability for i in ITEMS] == pytest.approx(expected("A"), abs=1e-4)


def test_hennessy_hicks_gap_needs_table() -> None:
    assert hennessy_hicks(table()).gap.tolist() == pytest.approx(expected("gap"), abs=1e-4)


def test_ranked_discrepancy_needs_table() -> None:
    result = ranked_discrepancy(table())
    assert result.score.tolist() == pytest.approx(expected("RDS"), abs=1e-4)
    assert result.negative.tolist() == [6, 3, 2, 5]
    assert result.positive.tolist() == [0, 0, 2, 0]
    assert result.tied.tolist() == [0, 3, 2, 1]


def test_pni_needs_table() -> None:
    assert pni_modified(table()).tolist() == pytest.approx(expected("PNI"), abs=1e-4)


def test_quadrants_needs_table() -> None:
    analysis = analyse(table(), seed=1)
    assert (analysis.cuts.importance, analysis.cuts.ability) == pytest.approx((4.0417, 2.9583), abs=1e-4)
    assert {result.item: result.quadrant for result in analysis.items} == {
        "C1": "concentrate",
        "C2": "possible-overkill",
        "C3": "possible-overkill",
        "C4": "concentrate",
    }


def test_bootstrap_interval_against_all_resamples() -> None:
    data = table()
    means = [
        np.array(list(product(column, repeat=6))).mean(axis=1)
        for column in (data.importance[:, 0], data.ability[:, 0])
    ]
    exact = np.quantile(means[0] * (means[0] - means[1]), [0.025, 0.975])
    assert exact.tolist() == pytest.approx(TABLE["expected"]["C1"]["boot"], abs=1e-4)
    drawn = bootstrap(data, seed=11, resamples=20_000, methods=["mwds"])["mwds"]
    assert [drawn.low[0], drawn.high[0]] == pytest.approx(exact.tolist(), abs=0.1)


def test_bootstrap_chance_of_rank_one_against_all_resamples() -> None:
    """The oracle gives a tie for first place to C1 alone; here both share it, which moves it by .0062."""
    data = table()
    picks = np.array(list(product(range(6), repeat=6)))
    importance, ability = data.importance[picks].mean(axis=1), data.ability[picks].mean(axis=1)
    need = np.round(importance * (importance - ability), 9)
    first = need == need.max(axis=1, keepdims=True)
    to_first_listed = np.mean(first.argmax(axis=1)[:, np.newaxis] == np.arange(4), axis=0)
    shared = top_shares(need, 1).mean(axis=0)
    drawn = bootstrap(data, seed=11, resamples=2000, methods=["mwds"])["mwds"].p_first
    oracle = list(TABLE["p_top1_exact"].values())
    assert [to_first_listed[0], to_first_listed[3]] == pytest.approx(oracle, abs=1e-4)
    assert [drawn[0], drawn[3]] == pytest.approx(oracle, abs=0.02)
    assert drawn.tolist() == pytest.approx(shared.tolist(), abs=0.01)


def test_importance_performance_published_means() -> None:
    importance = np.array([3.83, 3.63, 3.6, 3.56, 3.41, 3.41, 3.38, 3.37, 3.29, 3.27, 2.52, 2.43, 2.37, 2.05])
    ability = np.array([2.63, 2.73, 3.15, 3.0, 3.05, 3.29, 3.03, 3.11, 2.0, 3.02, 2.25, 2.49, 2.35, 3.33])
    cuts = cut_lines(importance, ability, "grand-mean", 4)
    places = quadrants(importance, ability, cuts)
    assert (cuts.importance, cuts.ability) == pytest.approx((3.1514, 2.8164), abs=1e-4)
    assert [i for i, place in enumerate(places) if place == "concentrate"] == [0, 1, 8]
    assert [i for i, place in enumerate(places) if place == "possible-overkill"] == [13]


def test_kendall_w_hand_case() -> None:
    oracle = ORACLES["kendall_w_hand"]
    result = kendall_w(np.array(oracle["ranks_items_x_raters"], dtype=float).T)
    assert (result.w, result.chi2) == pytest.approx((oracle["W"], oracle["chi2_3"]), abs=1e-4)
    assert (result.df, result.raters, result.items) == (3, 3, 4)


def test_kendall_w_with_ties() -> None:
    oracle = ORACLES["kendall_w_anxiety"]
    result = kendall_w(np.array([oracle[f"rater{i}"] for i in (1, 2, 3)], dtype=float))
    figures = (result.w_uncorrected, result.w, result.chi2, result.p_value)
    names = ("W_uncorrected", "W_tie_corrected", "chi2_19", "p")
    assert figures == pytest.approx(tuple(oracle[name] for name in names), abs=1e-4)


def test_maxdiff_counts_fruit() -> None:
    oracle = ORACLES["maxdiff_fruit_counts"]
    result = best_worst(np.array(oracle["B"]), np.array(oracle["W"]), oracle["N"] * oracle["r"])
    assert result.standard.tolist() == pytest.approx(oracle["stdBW"], abs=1e-4)
    assert result.root.tolist() == pytest.approx(oracle["sqrtBW"], abs=1e-4)
    assert result.smoothed.any() == np.False_


def test_maxdiff_logit_fruit() -> None:
    oracle = ORACLES["maxdiff_fruit_counts"]
    difference = np.array(oracle["B"]) - np.array(oracle["W"])
    fitted = maxdiff_logit(difference, FRUIT_SETS, oracle["N"])
    assert fitted.tolist() == pytest.approx(oracle["maxdiff_logit"], abs=1e-4)


def test_maxdiff_root_smooths_an_item_never_chosen_worst() -> None:
    result = best_worst(np.array([4, 0]), np.array([0, 4]), 8)
    assert result.root.tolist() == pytest.approx([3.0, 0.0], abs=1e-12)
    assert result.smoothed.tolist() == [True, False]


@pytest.mark.parametrize(
    ("best", "worst", "shown"), [([1, -1], [0, 0], 4), ([1], [2], 4), ([3, 0], [0, 3], 2)]
)
def test_maxdiff_counts_impossible(best: list[int], worst: list[int], shown: int) -> None:
    with pytest.raises(MethodError) as caught:
        best_worst(np.array(best), np.array(worst), shown)
    assert caught.value.code == "bad-counts"


def test_maxdiff_design_in_two_islands() -> None:
    with pytest.raises(MethodError) as caught:
        maxdiff_logit(np.array([1, -1, 1, -1]), np.array([[0, 1], [2, 3]]), 5)
    assert caught.value.code == "bad-design"


@pytest.mark.parametrize("convention", ["type7", "type6", "hazen"])
def test_iqr_convention(convention: str) -> None:
    oracle = ORACLES["iqr_convention"]
    assert iqr(np.array(oracle["x"], dtype=float), convention) == pytest.approx(oracle[convention], abs=1e-4)
