from __future__ import annotations

import random
from typing import Any

import pytest

from services.courses.domain.questions import (
    KINDS,
    BadAnswer,
    kind_of,
    parse_number,
    problems,
    ready_in,
)
from services.courses.domain.questions.arranged import Matching, Ordering
from services.courses.schemas.quiz import QUESTIONS
from shared.errors import Invalid
from shared.wire import load
from tests.unit.courses.quiz_support import GIVEN, option, question
from tests.unit.courses.support import pair


def credit(asked: dict[str, Any], answer: Any, seed: int = 1, *, shuffle: bool = False) -> float:
    kind = kind_of(asked)
    layout = kind.layout(asked, random.Random(seed), shuffle=shuffle)
    return kind.credit(asked, layout, kind.read(asked, answer))


def test_every_kind_has_a_schema_and_sound_examples_have_no_problem() -> None:
    assert set(KINDS) == set(QUESTIONS) == set(GIVEN)
    for kind in KINDS:
        assert problems(question(kind)) == []
        assert ready_in(question(kind)) == ["fr", "en"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [([0, 1], 1.0), ([0], 0.5), ([0, 2], 0.0), ([0, 1, 2], 0.5), ([0, 1, 2, 3], 0.0), ([], 0.0)],
)
def test_multiple_choice_takes_wrong_choices_away_from_right_ones(answer: list[int], expected: float) -> None:
    assert credit(question("multiple"), answer) == expected


def test_multiple_choice_without_partial_credit_is_all_or_nothing() -> None:
    strict = question("multiple", partial=False)
    assert [credit(strict, answer) for answer in ([0, 1], [0], [0, 1, 2])] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("typed", "number"),
    [("12,5", 12.5), ("12.5", 12.5), ("12,5 KM", 12.5), ("\u22123", -3.0), ("1\u202f234,5", 1234.5),
     ("1,234.5", 1234.5), ("1.234,5", 1234.5), (".5", 0.5), ("1e3", 1000.0), ("1,2,3", None), ("abc", None),
     ("", None), ("km", None), ("1e999", None), ("nan", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(typed: str, number: float | None) -> None:
    assert parse_number(typed, ["km"]) == number


@pytest.mark.parametrize(("typed", "expected"), [("12,75", 1.0), ("12,25", 1.0), ("12,76", 0.0), ("x", 0.0)])
def test_a_numeric_answer_counts_within_its_tolerance(typed: str, expected: float) -> None:
    assert credit(question("numeric"), typed) == expected


@pytest.mark.parametrize(
    ("typed", "folded", "exact"),
    [
        ("equite secret", 1.0, 0.0),
        ("  Équité   SECRET ", 1.0, 1.0),
        ("FAIRNESS SECRET", 1.0, 0.0),
        ("equity", 0, 0),
    ],
)
def test_short_text_folds_case_and_accents_unless_exact(typed: str, folded: float, exact: float) -> None:
    assert credit(question("short"), typed) == folded
    assert credit(question("short", exact=True), typed) == exact


def test_matching_gives_the_share_of_right_partners_wherever_they_are_shown() -> None:
    asked, kind = question("matching"), Matching()
    layout = kind.layout(asked, random.Random(3), shuffle=True)
    right = kind.solution(asked, layout)["correct"]
    assert kind.credit(asked, layout, right) == 1.0
    assert kind.credit(asked, layout, [None, *right[1:]]) == pytest.approx(2 / 3)
    wrong = next(place for place in range(4) if place not in right)
    assert kind.credit(asked, layout, [wrong, None, None]) == 0.0


def test_equal_right_texts_are_as_good_as_one_another() -> None:
    pairs = [{"left": pair("L0"), "right": pair("same")}, {"left": pair("L1"), "right": pair("same")}]
    asked, kind = question("matching", pairs=pairs, extras=[]), Matching()
    layout = kind.layout(asked, random.Random(1), shuffle=False)
    assert kind.credit(asked, layout, [0, 0]) == 1.0


def test_ordering_is_never_shown_in_order_and_counts_places() -> None:
    asked, kind = question("ordering"), Ordering()
    for seed in range(40):
        layout = kind.layout(asked, random.Random(seed), shuffle=False)
        assert layout["items"] != [0, 1, 2, 3]
        right = kind.solution(asked, layout)["correct"]
        assert kind.credit(asked, layout, right) == 1.0
        swapped = [right[1], right[0], *right[2:]]
        assert kind.credit(asked, layout, swapped) == 0.5


def test_a_vignette_is_worth_what_the_panel_says() -> None:
    assert [credit(question("vignette"), point) for point in range(5)] == [0.0, 0.125, 0.25, 1.0, 0.5]
    by_hand = question("vignette", panel=None, credits=[0, 0, 0.5, 1, 0.5])
    assert [credit(by_hand, point) for point in range(5)] == [0.0, 0.0, 0.5, 1.0, 0.5]


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize(
    "answer", [True, 99, -1, 1.5, "\ud800", "\x00", "", [99], ["0"], [0, 0], {}, {"a": 1}, None]
)
def test_answers_of_another_shape_are_refused(kind: str, answer: Any) -> None:
    if kind == "true-false" and answer is True:
        return
    with pytest.raises(BadAnswer):
        kind_of(question(kind)).read(question(kind), answer)


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("single", {"options": [option("A"), option("B")]}, "no-correct-option"),
        (
            "single",
            {"options": [option("A", correct=True), option("B", correct=True)]},
            "several-correct-options",
        ),
        ("multiple", {"options": [option("A"), option("B")]}, "no-correct-option"),
        ("short", {"accepted": {"fr": [], "en": []}}, "no-accepted-answer"),
        ("vignette", {"panel": None}, "panel-or-credits"),
        ("vignette", {"credits": [0, 0, 1, 0, 0]}, "panel-or-credits"),
        ("vignette", {"panel": [0] * 5}, "panel-empty"),
        ("vignette", {"panel": None, "credits": [0, 0, 0.5, 0, 0]}, "credits-without-best"),
    ],
)
def test_what_could_not_be_scored_is_named(kind: str, change: dict[str, Any], code: str) -> None:
    assert [found for _, found in problems(question(kind, **change))] == [code]


@pytest.mark.parametrize(
    ("kind", "change", "path"),
    [
        ("single", {"options": [option("A", correct=True)]}, "options"),
        ("single", {"stem": {"fr": "", "en": ""}}, "stem"),
        ("single", {"surprise": 1}, "surprise"),
        ("numeric", {"value": float("nan")}, "value"),
        ("numeric", {"value": 10**400}, "value"),
        ("numeric", {"value": "12"}, "value"),
        ("numeric", {"tolerance": -1}, "tolerance"),
        ("vignette", {"panel": [1, 2]}, "panel"),
        ("true-false", {"answer": "yes"}, "answer"),
        ("single", {"points": 0}, "points"),
    ],
)
def test_ill_shaped_questions_are_refused_at_the_door(kind: str, change: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        load(QUESTIONS[kind](), GIVEN[kind] | change)
    assert path in [problem.path for problem in caught.value.fields]


def test_a_half_without_a_text_makes_a_question_unready_in_that_language() -> None:
    halves = {"fr": "Option", "en": ""}
    asked = question("single", options=[option("A", correct=True), {"text": halves, "correct": False}])
    assert ready_in(asked) == ["fr"]
    assert ready_in(question("single", feedback=halves)) == ["fr"]
    assert ready_in(question("single", feedback={"fr": "", "en": ""})) == ["fr", "en"]
    assert ready_in(
        question("single", image={"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "alt": halves})
    ) == ["fr"]
