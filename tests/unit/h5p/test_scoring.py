"""Scores from the answer and the parameters; the parameters of the samples are the real ones."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.courses.h5p.scoring import Answer, Judged, Part, Points, judge, parts_of, plain, proven

SAMPLES = Path(__file__).parents[4] / "shared" / "h5p" / "valid"


def sample(name: str) -> Any:
    with zipfile.ZipFile(SAMPLES / f"{name}.h5p") as archive:
        return json.loads(archive.read("content/content.json"))


def part(library: str, params: Any) -> Part:
    return Part("0", library, params, None, 0)


def judged(library: str, params: Any, response: str, **more: Any) -> tuple[float, float, bool] | None:
    found = judge(part(library, params), Answer(response, **more))
    return None if found is None else (found.score, found.highest, found.success)


@pytest.mark.parametrize(
    ("response", "expected"),
    [("0", (1, 1, True)), ("1", (0, 1, False)), ("0[,]1", (0, 1, False)), ("", (0, 1, False))],
)
def test_the_multiple_choice_sample(response: str, expected: Any) -> None:
    assert judged("H5P.MultiChoice", sample("multiple-choice"), response) == expected


def options(*right: bool, **behaviour: Any) -> dict[str, Any]:
    return {
        "answers": [{"text": str(i), "correct": one} for i, one in enumerate(right)],
        "behaviour": behaviour,
    }


@pytest.mark.parametrize(
    ("params", "response", "expected"),
    [
        (options(True, True, False, type="auto"), "0[,]1", (2, 2, True)),
        (options(True, True, False, type="auto"), "0", (1, 2, False)),
        (options(True, True, False, type="auto", passPercentage=50), "0", (1, 2, True)),
        (options(True, True, False, type="auto"), "0[,]2", (0, 2, False)),
        (options(True, True, False, type="auto", singlePoint=True), "0", (0, 1, False)),
        (options(True, True, False, type="single"), "1", (1, 1, True)),
        (options(False, False, type="multi"), "", (1, 1, True)),
        (options(False, False, type="multi"), "1", (0, 1, False)),
        (options(True, False, singleAnswer=True), "0", (1, 1, True)),
        (options(True, False), "7", None),
        (options(True, False), "x", None),
    ],
)
def test_multiple_choice_by_its_settings(params: Any, response: str, expected: Any) -> None:
    assert judged("H5P.MultiChoice", params, response) == expected


def test_the_true_false_sample() -> None:
    params = sample("h5p-test")
    assert judged("H5P.TrueFalse", params, "false") == (1, 1, True)
    assert judged("H5P.TrueFalse", params, "true") == (0, 1, False)
    assert judged("H5P.TrueFalse", {}, "true") is None


def test_the_drag_the_words_sample() -> None:
    params = sample("drag-the-words")
    assert judged("H5P.DragText", params, "blue[,]red[,]orange") == (3, 3, True)
    assert judged("H5P.DragText", params, "red[,]red[,]") == (1, 3, False)
    assert judged("H5P.DragText", params, "blue") is None


@pytest.mark.parametrize(
    ("response", "behaviour", "score"),
    [
        ("Paris[,]four", {}, 2),
        ("paris[,]4", {"caseSensitive": True}, 1),
        ("paris[,]4", {"caseSensitive": False}, 2),
        ("Pariss[,]four", {"acceptSpellingErrors": True}, 2),
        ("Porto[,]five", {"acceptSpellingErrors": True}, 0),
        ("{case_matters=false}Paris[,]4", {}, 2),
        ("[,]", {}, 0),
    ],
)
def test_fill_in_the_blanks(response: str, behaviour: Any, score: int) -> None:
    params = {"questions": ["<p>In *Paris:a city*</p>", "two and two is *four/4*"], "behaviour": behaviour}
    found = judged("H5P.Blanks", params, response)
    assert found is not None
    assert found[:2] == (score, 2)


def test_mark_the_words_believes_the_numbering_that_marks_the_same_words() -> None:
    params = {"textField": "<p>The *cat* sat on *mats*.</p>"}
    words = {"0": "The", "1": "cat", "2": "sat", "3": "on", "4": "mats"}
    assert judged("H5P.MarkTheWords", params, "1[,]4", pattern="1[,]4", labels=words) == (2, 2, True)
    assert judged("H5P.MarkTheWords", params, "0[,]1", pattern="1[,]4", labels=words) == (0, 2, False)
    assert judged("H5P.MarkTheWords", params, "0", pattern="0", labels=words) is None


def drag(**behaviour: Any) -> dict[str, Any]:
    zones = [{"correctElements": ["0"]}, {"correctElements": ["1", "2"]}]
    return {"question": {"task": {"elements": [{}, {}, {}, {}], "dropZones": zones}}, "behaviour": behaviour}


@pytest.mark.parametrize(
    ("params", "response", "expected"),
    [
        (drag(), "0[.]0[,]1[.]1[,]1[.]2", (3, 3, True)),
        (drag(), "0[.]0[,]1[.]3", (0, 3, False)),
        (drag(applyPenalties=False), "0[.]0[,]1[.]3", (1, 3, False)),
        (drag(singlePoint=True), "0[.]0", (0, 1, False)),
        (drag(), "", (0, 3, False)),
    ],
)
def test_drag_question(params: Any, response: str, expected: Any) -> None:
    assert judged("H5P.DragQuestion", params, response) == expected


def test_single_choice_set_goes_by_the_texts_since_the_places_are_shuffled() -> None:
    question = {"question": "?", "answers": ["<p>right</p>", "wrong"], "subContentId": "q1"}
    parts = parts_of("H5P.SingleChoiceSet 1.11", {"choices": [question]})
    assert [(p.id, p.library, p.parent) for p in parts[1:]] == [("q1", "H5P.SingleChoiceSet:question", "0")]
    labels = {"0": "wrong", "1": "right"}
    assert judge(parts[1], Answer("1", labels=labels)) == Judged(1, 1, True)
    assert judge(parts[1], Answer("0", labels=labels)) == Judged(0, 1, False)
    assert judge(parts[1], Answer("9", labels=labels)) is None


def test_what_the_parameters_do_not_tell_is_not_judged() -> None:
    assert judged("H5P.ArithmeticQuiz", sample("arithmetic-quiz"), "1") is None
    assert judged("H5P.Essay", {}, "words") is None


def questions() -> dict[str, Any]:
    def one(part_id: str, library: str, params: Any) -> dict[str, Any]:
        return {"library": library, "params": params, "subContentId": part_id}

    picture = one("p", "H5P.Image 1.1", {"file": {"path": "images/a.png"}})
    return {"questions": [
        one("a", "H5P.TrueFalse 1.6", {"correct": "true", "media": {"type": picture}}),
        one("b", "H5P.MultiChoice 1.16", options(True, False)), one("t", "H5P.AdvancedText 1.1", {}),
    ]}  # fmt: skip


def test_a_compound_is_worth_the_sum_of_its_parts_once_all_are_known() -> None:
    parts = parts_of("H5P.QuestionSet 1.20", questions())
    assert [(p.id, p.parent) for p in parts] == [("0", None), ("a", "0"), ("p", "a"), ("b", "0"), ("t", "0")]
    known = {"a": Points(1, 1), "b": Points(0, 2)}
    assert proven(parts, known) == Points(1, 3)
    assert proven(parts, {"a": Points(1, 1)}) is None
    assert proven(parts_of("H5P.QuestionSet 1.20", questions() | {"poolSize": 1}), known) is None
    assert proven(parts_of("H5P.BranchingScenario 1.7", questions()), known) is None


def test_plain_text() -> None:
    assert plain("<p>a&amp;b\u00a0</p>\n c") == "a&b c"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["answers", "behaviour", "correct", "questions", "library", "params", "subContentId",
                         "textField", "question", "task", "dropZones", "elements", "options", "choices"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
LIBRARIES = ["H5P.TrueFalse", "H5P.MultiChoice", "H5P.Blanks", "H5P.DragText", "H5P.DragQuestion", "H5P.MarkTheWords",
             "H5P.SingleChoiceSet", "H5P.QuestionSet", "H5P.MultiMediaChoice"]  # fmt: skip


@given(st.sampled_from(LIBRARIES), JSON, st.text(max_size=12))
def test_odd_parameters_and_answers_never_raise(library: str, params: Any, response: str) -> None:
    for one in parts_of(f"{library} 1.0", params):
        found = judge(one, Answer(response))
        assert found is None or 0 <= found.score <= found.highest
