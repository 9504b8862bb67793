"""Raking, weighted rankings, language bias of items, and nominal groups."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods import MethodError, Ratings, analyse, verify
from services.surveys.methods.dif import dif
from services.surveys.methods.nominal_group import nominal_group
from services.surveys.methods.raking import rake
from services.surveys.methods.ratings import BoolArray, FloatArray
from tests.unit.methods.test_methods import sample

SECTOR = ["health"] * 6 + ["police"] * 4
TONGUE = ["fr"] * 4 + ["en"] * 2 + ["fr"] + ["en"] * 3
MARGINS = {"sector": {"health": 0.5, "police": 0.5}, "language": {"fr": 0.3, "en": 0.7}}


def share(weights: FloatArray, labels: list[str], label: str) -> float:
    return float(weights[np.array(labels) == label].sum() / weights.sum())


def test_raking_meets_both_margins_and_keeps_the_odds_within() -> None:
    found = rake({"sector": SECTOR, "language": TONGUE}, MARGINS)
    assert share(found.values, SECTOR, "health") == pytest.approx(0.5, abs=2e-3)
    assert share(found.values, TONGUE, "fr") == pytest.approx(0.3, abs=2e-3)
    cell = {(s, t): found.values[i] for i, (s, t) in enumerate(zip(SECTOR, TONGUE, strict=True))}
    odds = cell["health", "fr"] * cell["police", "en"] / (cell["health", "en"] * cell["police", "fr"])
    assert odds == pytest.approx(1, abs=0.01)  # weights of a cell factor by row and column
    assert found.effective_n == pytest.approx(found.values.sum() ** 2 / (found.values**2).sum())
    assert found.design_effect > 1


def test_nobody_speaks_for_more_than_the_limit() -> None:
    labels = ["a"] * 99 + ["b"]
    found = rake({"x": labels}, {"x": {"a": 0.5, "b": 0.5}}, limit=5)
    assert float(found.values.max()) <= 5
    assert found.trimmed == 1


@pytest.mark.parametrize("margins", [
    {}, {"other": {"a": 1}}, {"sector": {"health": 1}}, {"sector": {"health": 1, "police": 0}},
    {"sector": {"health": 1, "police": 1, "school": 1}}, {"sector": {"health": float("nan"), "police": 1}},
])  # fmt: skip
def test_margins_that_do_not_fit_are_refused(margins: dict[str, dict[str, float]]) -> None:
    with pytest.raises(MethodError, match="bad-margins"):
        rake({"sector": SECTOR, "language": TONGUE}, margins)


def test_weights_of_two_are_people_twice() -> None:
    data = sample(12, 4, 3)
    doubled = Ratings(data.importance, data.ability, data.items, weights=np.array([2.0] * 6 + [1.0] * 6))
    twice = Ratings(
        np.vstack([data.importance, data.importance[:6]]),
        np.vstack([data.ability, data.ability[:6]]),
        data.items,
    )
    weighted, plain = analyse(doubled, seed=1), analyse(twice, seed=1)
    for left, right in zip(weighted.items, plain.items, strict=True):
        assert left.item == right.item
        for name, estimate in left.estimates.items():
            assert estimate.value == pytest.approx(right.estimates[name].value)
    assert weighted.response.effective_n == pytest.approx(18**2 / (6 * 4 + 6))
    assert {item.n for item in weighted.items} == {12}


def test_weighted_analysis_is_rebuilt_and_knows_its_weights() -> None:
    data = sample(30, 4, 3)
    weights = np.where(np.arange(30) % 3 == 0, 1.5, 0.75)
    given = Ratings(data.importance, data.ability, data.items, weights=weights)
    analysis = analyse(given, seed=5)
    assert verify(given, analysis.manifest, analysis)
    assert not verify(data, analysis.manifest, analysis)


@pytest.mark.parametrize("weights", [np.ones(3), np.zeros(12), np.full(12, 0.1), np.full(12, np.inf)])
def test_weights_off_the_grid_are_refused(weights: FloatArray) -> None:
    data = sample(12, 4, 3)
    with pytest.raises(MethodError, match="bad-weights"):
        Ratings(data.importance, data.ability, data.items, weights=weights)


def answers(bias: float, people: int = 300) -> tuple[FloatArray, BoolArray]:
    generator = np.random.default_rng(11)
    level = generator.normal(3, 0.8, people)
    second = np.arange(people) % 2 == 0
    points = level[:, None] + generator.normal(0, 0.7, (people, 6))
    points[second, 2] += bias
    return np.clip(np.rint(points), 1, 5), second


def test_an_item_that_reads_otherwise_in_one_language_is_found() -> None:
    points, second = answers(0.9)
    found = dif(points, second, tuple("abcdef"))
    assert [row.item for row in found if row.verdict == "large"] == ["c"]
    assert found[2].difference is not None
    assert found[2].difference > 0.5


def test_equal_items_are_left_alone_even_where_the_groups_differ_in_level() -> None:
    points, second = answers(0.0)
    moved = np.random.default_rng(1).random(int(second.sum())) < 0.4
    points[second] = np.clip(points[second] + moved[:, None], 1, 5)
    assert {row.verdict for row in dif(points, second, tuple("abcdef"))} <= {"negligible", "moderate"}


def test_few_people_of_a_language_give_no_verdict() -> None:
    points, second = answers(0.9, 16)
    assert {row.verdict for row in dif(points, second, tuple("abcdef"))} == {"too-few"}


def test_nominal_group_counts_points_votes_and_camps() -> None:
    split = [{"a": 5, "b": 4}] * 3 + [{"b": 5, "c": 4}] * 3
    found = {row.item: row for row in nominal_group(split, ("a", "b", "c"))}
    assert (found["b"].points, found["b"].votes, found["b"].rank, found["b"].polarised) == (27, 6, 1, False)
    assert (found["a"].points, found["a"].polarised) == (15, True)
    assert found["c"].points == 12


@pytest.mark.parametrize("ballot", [{"x": 5}, {"a": 5, "b": 5}, {"a": 4}, {"a": 6}, {"a": 5, "b": 3}])
def test_bad_ballots_are_refused(ballot: dict[str, int]) -> None:
    with pytest.raises(MethodError, match="bad-ballot"):
        nominal_group([{"a": 5}] * 4 + [ballot], ("a", "b", "c"))
