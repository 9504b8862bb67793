from __future__ import annotations

import copy
from typing import Any

import pytest

from services.courses.h5p.structure import same_structure

QUESTION: dict[str, Any] = {
    "question": "What?", "answers": [{"text": "a", "correct": True}, {"text": "b", "correct": False}],
    "behaviour": {"enableRetry": True}, "media": {"type": {"library": "H5P.Image 1.1", "subContentId": "i",
    "params": {"alt": "x"}}}, "overallFeedback": [{"from": 0, "to": 100}],
}  # fmt: skip
COURSE: dict[str, Any] = {"questions": [
    {"library": "H5P.TrueFalse 1.6", "subContentId": "a", "params": {"question": "one"}},
    {"library": "H5P.Blanks 1.14", "subContentId": "b", "params": {"questions": ["*two* and three"]}},
]}  # fmt: skip


def changed(base: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    copied = copy.deepcopy(base)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return copied


@pytest.mark.parametrize(
    "new",
    [
        QUESTION,
        changed(QUESTION, "question", to="Which?"),
        changed(QUESTION, "answers", 0, "text", to="other words"),
        changed(QUESTION, "answers", 0, "correct", to=False),
        changed(QUESTION, "answers", 0, "tip", to="a tip"),
        changed(QUESTION, "behaviour", "enableRetry", to=False),
        changed(QUESTION, "overallFeedback", to=[{"from": 0, "to": 50}, {"from": 51, "to": 100}]),
        changed(
            QUESTION, "media", "type", to={"library": "H5P.Video 1.6", "subContentId": "v", "params": {}}
        ),
    ],
)
def test_words_settings_and_pictures_keep_the_place(new: Any) -> None:
    assert same_structure(QUESTION, new)
    assert same_structure(new, QUESTION)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (QUESTION, changed(QUESTION, "answers", to=QUESTION["answers"][:1])),
        (QUESTION, changed(QUESTION, "answers", to=QUESTION["answers"][::-1])),
        (COURSE, changed(COURSE, "questions", to=COURSE["questions"][::-1])),
        (COURSE, changed(COURSE, "questions", 0, "subContentId", to="z")),
        (COURSE, changed(COURSE, "questions", 0, "library", to="H5P.MultiChoice 1.16")),
        (COURSE, changed(COURSE, "questions", 1, "params", "questions", 0, to="*two* and *three*")),
        (COURSE, {}),
        ({"a": []}, {"a": {"b": 1}}),
    ],
)
def test_other_lists_contents_or_blanks_do_not(old: Any, new: Any) -> None:
    assert not same_structure(old, new)
    assert not same_structure(new, old)


def test_an_upgraded_library_keeps_the_place() -> None:
    assert same_structure(COURSE, changed(COURSE, "questions", 0, "library", to="H5P.TrueFalse 1.8"))


def test_semantics_tell_which_lists_are_free() -> None:
    old, new = {"ranges": [1]}, {"ranges": [1, 2]}
    assert not same_structure(old, new)
    assert same_structure(old, new, [{"name": "ranges", "type": "list", "widget": "rangeList"}])
    assert same_structure({"words": {"a": 1}}, {"words": []}, [{"name": "words", "common": True}])
