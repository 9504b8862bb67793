"""Edges at which a figure could go wrong without anybody noticing: no spread, ties, separation, limits, order."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods.bca import corrected_levels
from services.surveys.methods.bootstrap import STATISTICS
from services.surveys.methods.choices import maxdiff
from services.surveys.methods.effect import hedges_g_paired
from services.surveys.methods.errors import MethodError
from services.surveys.methods.follow_up import Row, follow_up
from services.surveys.methods.ipa import cut_lines, quadrants
from services.surveys.methods.many_coders import intraclass_correlation
from services.surveys.methods.maxdiff import many_logits, maxdiff_logit
from services.surveys.methods.raking import rake
from services.surveys.methods.ratings import Ratings
from services.surveys.methods.sums import indicator_columns
from services.surveys.methods.waves import paired_change


def test_a_resample_without_spread_is_no_endless_effect() -> None:
    found = hedges_g_paired(np.array([1.0, 1, 1, 1, 1, 2]), np.array([2.0, 2, 2, 2, 2, 3]), seed=1)
    assert found.high is not None
    assert found.high < 1e3


@pytest.mark.parametrize(("share", "people"), [(0.9, 1), (0.5, 5)])
def test_no_weight_is_above_the_limit_at_a_mean_of_one(share: float, people: int) -> None:
    labels = {"sector": ["a"] * people + ["b"] * (100 - people)}
    found = rake(labels, {"sector": {"a": share, "b": 1 - share}})
    assert found.values.mean() == pytest.approx(1, abs=1e-3)
    assert found.values.max() <= 5 + 1e-3
    assert found.effective_n > 50


def test_separated_choices_have_no_logit() -> None:
    sets = np.array([[0, 1, 2, 3]] * 4)
    with pytest.raises(MethodError, match="no-variation"):
        maxdiff_logit(np.array([24, 24, -24, -24]), sets, 12)


def test_an_item_that_a_resample_did_not_ask_has_no_utility_there() -> None:
    sets = np.array([[0, 1, 2], [0, 1, 3]])
    difference = np.array([[2.0, -1.0, -1.0, 0.0]])
    found = many_logits(difference, np.array([[6.0, 0.0]]), sets, np.array([0.5, 0.1, -0.2, 0.0]))
    assert np.isnan(found[0]).tolist() == [False, False, False, True]


def test_the_draws_of_a_choice_survey_are_checked() -> None:
    with pytest.raises(MethodError, match="bad-resamples"):
        maxdiff([[]] * 5, ("a", "b"), seed=1, resamples=1)


def test_equal_means_lie_on_their_mean() -> None:
    means = np.full(6, 7 / 5)
    cuts = cut_lines(means, means, "grand-mean", 5)
    assert set(quadrants(means, means, cuts)) == {"keep-up"}


def test_a_constant_gap_is_not_corrected_for_rounding() -> None:
    importance = np.array([[4.0], [5.0], [3.0], [5.0], [4.0], [3.0], [4.0]])
    columns = indicator_columns(Ratings(importance, importance - 1, ("a",)))
    noise = 1.0 + np.tile([[1e-16], [2.3e-16], [-1e-16], [0.0]], (500, 1))
    levels = corrected_levels(STATISTICS["gap"], columns, noise, np.array([True]))
    assert np.isnan(np.asarray(levels[0])).all()


def test_order_of_people_and_items_changes_no_change() -> None:
    generator = np.random.default_rng(5)
    parts = [generator.integers(1, 6, (20, 3)).astype(float) for _ in range(4)]
    names = ("b", "c", "a")
    rows, items = generator.permutation(20), [2, 0, 1]

    def found(rows: list[int], items: list[int]) -> dict[str, object]:
        importance, ability, later, able = (part[rows][:, items] for part in parts)
        ids = tuple(names[at] for at in items)
        waves = Ratings(importance, ability, ids), Ratings(later, able, ids)
        return {change.item: change for change in paired_change(*waves, seed=3)}

    assert found(list(range(20)), [0, 1, 2]) == found(rows.tolist(), items)


def test_few_without_a_then_test_are_not_found_by_subtraction() -> None:
    rows = [Row(5, 2, 5, 3 + at % 2, 1 + at % 3) for at in range(9)]
    whole, lacking = rows, [*rows, Row(5, 1, 5, 5, None)]
    assert follow_up(whole, item="c", scale=5, seed=1).shift is not None
    assert follow_up(lacking, item="c", scale=5, seed=1).shift is None


def test_targets_that_are_alike_have_no_correlation() -> None:
    with pytest.raises(MethodError, match="no-variation"):
        intraclass_correlation(np.array([[1.0, 2.0], [1.0, 2.0]]))
