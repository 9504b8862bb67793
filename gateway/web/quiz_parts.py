"""What the learner's and the author's pages of quizzes share: answers of a form, and what the activity pages need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from gateway.context import call
from shared import i18n

View = dict[str, Any]
KINDS = ("single", "multiple", "true-false", "numeric", "short", "matching", "ordering", "vignette")
SCALES = ("likelihood", "usefulness", "agreement")
POINTS = 5


def seen_quiz(view: View) -> View:
    """For the page of an activity: the quiz with one's own attempts; nothing more in a preview."""
    if view["kind"] != "quiz" or view["preview"]:
        return {"quiz": None}
    return {"quiz": call("courses", "get_quiz", {"activity_id": view["id"]})}


def edited_quiz(activity: View) -> View:
    """For the editor of an activity: the draft."""
    if activity["kind"] != "quiz":
        return {"quiz": None}
    draft = call("courses", "get_quiz_draft", {"activity_id": activity["id"]})
    return {"quiz": draft, "quiz_kinds": KINDS}


def given_answers(sitting: View) -> View:
    """Answers by question id, of the questions that the posted form shows; None for those left open."""
    asked = set(request.form.getlist("asked"))
    return {one["id"]: _given(one) for one in sitting["questions"] if one["id"] in asked}


def _given(one: View) -> Any:
    name, shown = f"q-{one['id']}", one["shown"]
    match one["kind"]:
        case "multiple":
            return _numbers(request.form.getlist(name)) or None
        case "single" | "vignette":
            return next(iter(_numbers([request.form.get(name, "")])), None)
        case "true-false":
            return {"0": True, "1": False}.get(request.form.get(name, ""))
        case "matching":
            return _matched([request.form.get(f"{name}-{at}", "") for at in range(len(shown["left"]))])
        case "ordering":
            return _ordered([request.form.get(f"{name}-{at}", "") for at in range(len(shown["items"]))])
        case _:
            return request.form.get(name, "").strip() or None


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) < 4]


def _matched(texts: list[str]) -> list[int | None] | None:
    return [next(iter(_numbers([text])), None) for text in texts] if any(texts) else None


def _ordered(texts: list[str]) -> list[int] | None:
    """Places chosen for each text; texts with the same or no place follow in the order in which they stand."""
    if not any(texts):
        return None
    chosen = [next(iter(_numbers([text])), len(texts)) for text in texts]
    return sorted(range(len(texts)), key=lambda at: (chosen[at], at))


def scale_labels(language: str, scale: str) -> list[str]:
    """The five words of a judgement scale."""
    return [i18n.text(language, f"courses.quiz.scale.{scale}.{at}") for at in range(POINTS)]


def is_answered(one: Mapping[str, Any]) -> bool:
    """Whether a question has an answer; a matching one needs all of it."""
    answer = one["answer"]
    return answer is not None and not (isinstance(answer, list) and None in answer)
