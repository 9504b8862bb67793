"""Delphi: published figures to 1e-4, hand-computed rounds, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from services.surveys.methods import MethodError
from services.surveys.methods.delphi import (
    Panel,
    StopRule,
    band_share,
    coefficient_of_variation,
    default_rule,
    delphi,
    moved_share,
    panel_concordance,
)
from services.surveys.methods.ratings import FloatArray
from tests.unit.methods.test_oracles import ORACLES

Rating = list[list[float]]
NAN = float("nan")
RATINGS: list[float] = [5, 6, 7, 7, 8, 8, 8, 9, 9, 9]


def panel(*rounds: Rating, items: tuple[str, ...] = ("A", "B"), scale: int = 9) -> Panel:
    """One list per round, of one list per item over panellists."""
    points = np.array(rounds, dtype=float).transpose(0, 2, 1)
    return Panel(points, tuple(range(1, len(rounds) + 1)), items, scale)


def refused(code: str, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(MethodError) as caught:
        delphi(*args, **kwargs)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("convention", "verdict"), [("type7", "consensus"), ("hazen", "consensus"), ("type6", "stable-dissensus")]
)
def test_iqr_convention_decides_the_verdict(convention: str, verdict: str) -> None:
    oracle = ORACLES["iqr_convention"]
    rounds = [[oracle["x"], RATINGS[::-1]]] * 2
    item = delphi(panel(*rounds), StopRule(convention=convention)).rounds[1].items[0]
    assert item.iqr == pytest.approx(oracle[convention], abs=1e-4)
    assert (item.n, item.median, item.agreement, item.moved, item.state) == (10, 8.0, 0.8, 0.0, verdict)


def test_kendall_w_hand_case() -> None:
    oracle = ORACLES["kendall_w_hand"]
    found = panel_concordance(np.array(oracle["ranks_items_x_raters"], dtype=float).T)
    assert (found.w, found.chi2) == pytest.approx((oracle["W"], oracle["chi2_3"]), abs=1e-4)


def test_kendall_w_with_ties_leaves_out_a_panellist_with_a_gap() -> None:
    oracle = ORACLES["kendall_w_anxiety"]
    raters: FloatArray = np.array([oracle[f"rater{i}"] for i in (1, 2, 3)], dtype=float)
    gap = raters[0].copy()
    gap[4] = NAN
    found = panel_concordance(np.vstack([raters, gap]))
    expected = tuple(oracle[name] for name in ("W_uncorrected", "W_tie_corrected", "chi2_19", "p"))
    assert (found.w_uncorrected, found.w, found.chi2, found.p_value) == pytest.approx(expected, abs=1e-4)
    assert (found.raters, found.df) == (3, 19)


def test_round_concordance_is_that_of_the_oracle_when_each_rater_counts_twice() -> None:
    """W does not depend on how many times the whole panel is repeated, so five raters are reached honestly."""
    oracle = ORACLES["kendall_w_anxiety"]
    raters = [oracle[f"rater{i}"] for i in (1, 2, 3)] * 2
    columns = np.array(raters, dtype=float).T.tolist()
    found = delphi(panel(columns, items=tuple(f"i{n:02}" for n in range(20)))).rounds[0]
    assert found.concordance is not None
    assert found.concordance.w == pytest.approx(oracle["W_tie_corrected"], abs=1e-4)
    assert (found.concordance.raters, found.stop, found.why_none) == (6, None, None)


def test_band_share_counts_both_ends_and_leaves_out_gaps() -> None:
    assert band_share(np.array([6, 7, 9, NAN]), (7, 9)) == pytest.approx(2 / 3)


def test_coefficient_of_variation_by_hand() -> None:
    assert coefficient_of_variation(np.array([2.0, 4.0, 6.0, NAN])) == pytest.approx(0.5)
    assert coefficient_of_variation(np.array([3.0])) == 0.0


def test_moved_share_counts_those_of_both_rounds() -> None:
    assert moved_share(np.array([1, 2, 3, NAN]), np.array([1, 4, NAN, 5])) == 0.5


@pytest.mark.parametrize(
    ("scale", "band", "iqr"), [(9, (7, 9), 2.0), (5, (4, 5), 1.0), (7, (6, 7), 1.5), (2, (2, 2), 0.25)]
)
def test_default_rule_follows_the_scale(scale: int, band: tuple[int, int], iqr: float) -> None:
    rule = default_rule(scale)
    assert (rule.band, rule.iqr) == (band, iqr)
    assert (rule.agreement, rule.moved, rule.concordance, rule.gain, rule.rounds) == (
        0.75,
        0.15,
        0.7,
        0.05,
        3,
    )


def test_states_of_items_by_hand() -> None:
    first: Rating = [[8, 8, 8, 8, 8, 8.0], [1, 9, 1, 9, 1, 9], [8, 8, 8, 8, 8, 8], [5, 5, 5, 5, 5, 5]]
    second: Rating = [[8, 8, 8, 8, 8, 8.0], [1, 9, 1, 9, 1, 9], [9, 8, 8, 8, 8, 8], [5, 5, 5, 5, 5, 6]]
    found = delphi(panel(first, second, items=("A", "B", "C", "D")))
    assert [item.state for item in found.rounds[0].items] == ["agreement", "open", "agreement", "open"]
    later = found.rounds[1].items
    assert [item.state for item in later] == ["consensus", "stable-dissensus", "agreement", "open"]
    assert [item.moved for item in later] == pytest.approx([0, 0, 1 / 6, 1 / 6])
    assert (later[1].cv_change, found.indicative) == (0.0, True)


def test_panel_stops_when_concordance_no_longer_changes() -> None:
    split: Rating = [[9, 9, 9, 1, 1, 2.0], [1, 1, 2, 9, 9, 9]]
    found = delphi(panel(split, split))
    assert [one.stop for one in found.rounds] == [None, "stable-concordance"]
    assert (found.rounds[1].w_change, found.rounds[1].stayed) == (0.0, 6)


def test_panel_stops_after_the_last_round() -> None:
    split: Rating = [[9, 9, 9, 1, 1, 2.0], [1, 1, 2, 9, 9, 9]]
    more: Rating = [[9, 9, 9, 9, 1, 2.0], [1, 1, 2, 1, 9, 9]]
    rule = StopRule(gain=0.0)
    assert [one.stop for one in delphi(panel(split, more, split), rule).rounds] == [None, None, "last-round"]


def test_item_under_five_ratings_has_no_figure_and_an_absent_one_no_line() -> None:
    full, thin, gone = [8.0] * 6, [7.0] * 4 + [NAN] * 2, [NAN] * 6
    found = delphi(panel([full, thin, full], [full, thin, gone], items=("A", "B", "C")))
    hidden = found.rounds[1].items[1]
    assert (hidden.suppressed, hidden.n, hidden.median, hidden.state) == (True, None, None, None)
    assert [item.item for item in found.rounds[1].items] == ["A", "B"]
    assert (found.rounds[1].concordance, found.rounds[1].why_none) == (None, "too-few-items")


def test_concordance_is_undefined_when_nobody_tells_items_apart() -> None:
    found = delphi(panel([[7.0] * 5, [7.0] * 5])).rounds[0]
    assert (found.concordance, found.why_none) == (None, "no-variation")


def test_order_of_panellists_and_items_changes_no_figure() -> None:
    generator = np.random.default_rng(7)
    points = generator.integers(1, 10, size=(3, 9, 4)).astype(float)
    points[1, 2, 3] = NAN
    people, items = generator.permutation(9), [2, 0, 3, 1]
    names = ("A", "B", "C", "D")
    turned = Panel(points[:, people][:, :, items], (1, 2, 3), tuple(names[i] for i in items))
    assert delphi(turned).to_dict() == delphi(Panel(points, (1, 2, 3), names)).to_dict()


def test_fingerprint_sees_one_changed_rating() -> None:
    points = np.full((1, 5, 2), 7.0)
    other = points.copy()
    other[0, 4, 1] = 8.0
    assert Panel(points, (1,), ("A", "B")).sha256() != Panel(other, (1,), ("A", "B")).sha256()


def test_refuses_a_round_of_four() -> None:
    refused("too-few-responses", panel([[7.0] * 4, [8.0] * 4]))


def test_refuses_a_band_outside_the_scale() -> None:
    refused("bad-threshold", panel([[1.0] * 5, [2.0] * 5], scale=5), StopRule())


@pytest.mark.parametrize(
    "points", [np.full((1, 5, 2), 10.0), np.full((1, 5, 2), 0.0), np.full((1, 5, 2), 6.5)]
)
def test_refuses_ratings_off_the_scale(points: FloatArray) -> None:
    with pytest.raises(MethodError) as caught:
        Panel(points, (1,), ("A", "B"))
    assert caught.value.code == "bad-rating"


@pytest.mark.parametrize(
    ("rounds", "items", "code"),
    [((2, 1), ("A",), "bad-shape"), ((1, 2), ("A", "B"), "bad-shape"), ((0, 1), ("A",), "bad-shape")],
)
def test_refuses_rounds_or_items_that_do_not_fit(
    rounds: tuple[int, ...], items: tuple[str, ...], code: str
) -> None:
    with pytest.raises(MethodError) as caught:
        Panel(np.ones((2, 5, 1)), rounds, items)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agreement": 1.2}, "bad-threshold"),
        ({"band": (9, 7)}, "bad-threshold"),
        ({"convention": "spss"}, "unknown-convention"),
    ],
)
def test_refuses_an_impossible_rule(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(MethodError) as caught:
        StopRule(**changes)
    assert caught.value.code == code


def test_measures_of_nothing_are_refused() -> None:
    for measure in (lambda v: band_share(v, (7, 9)), coefficient_of_variation, lambda v: moved_share(v, v)):
        with pytest.raises(MethodError) as caught:
            measure(np.array([NAN]))
        assert caught.value.code == "empty-sample"
