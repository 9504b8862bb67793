"""A course as learners see it: previews in either language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, request

from gateway.context import call, current, idempotency_key
from gateway.web.block_parts import seen_parts
from gateway.web.course_parts import activities_of, frame_of, need_statements, words
from gateway.web.pages import render, signed_in
from gateway.web.quiz_parts import seen_quiz
from gateway.web.studio import staff_only
from shared import i18n

pages = Blueprint("pages_studio_seen", __name__)
View = dict[str, Any]


@pages.get("/studio/courses/<course_id>/preview")
@signed_in
def preview(course_id: str) -> Any:
    """The course as a learner sees it, in either language; nothing is recorded."""
    staff_only()
    course = call("courses", "get_course", {"course_id": course_id})
    return render(
        "courses/learn.html", course=_as_learning(course), base=f"/studio/courses/{course_id}/preview",
        needs=need_statements([course]), preview=True, **_preview_words(),
    )  # fmt: skip


@pages.get("/studio/courses/<course_id>/preview/<activity_id>")
@signed_in
def preview_activity(course_id: str, activity_id: str) -> Any:
    """One activity as a learner sees it."""
    staff_only()
    course = call("courses", "get_course", {"course_id": course_id})
    view = open_preview(course_id, activity_id)
    learning = _as_learning(course)
    return render(
        "courses/activity.html", course=learning, activity=view, base=f"/studio/courses/{course_id}/preview",
        frame=frame_of(view, f"/courses/activities/{activity_id}"), **seen_parts(view), **seen_quiz(view), preview=True,
        steps={step["id"]: step for step in activities_of(learning["modules"])}, **_preview_words(),
    )  # fmt: skip


def preview_language() -> str:
    """`?lang=`, else the reader's."""
    asked = request.args.get("lang", "")
    return asked if asked in i18n.LANGUAGES else current().language


def _preview_words() -> View:
    return words(preview_language())


def open_preview(course_id: str, activity_id: str) -> View:
    """The ActivityView of a preview, in the language asked for."""
    context = current()
    actor = replace(context.actor, language=preview_language())
    payload = {"course_id": course_id, "activity_id": activity_id, "preview": True}
    found: View = context.bus.call(
        "courses", "open_activity", payload, actor=actor, idempotency_key=idempotency_key()
    )
    return found


def _as_learning(course: View) -> View:
    """A course in the shape of a LearningView with nothing done."""
    todo = {"completed": False, "score": None, "lock": None}
    modules = [
        module | {"progress": 0.0, "units": [
            unit | {"progress": 0.0, "activities": [activity | todo for activity in unit["activities"]]}
            for unit in module["units"]
        ]}
        for module in course["modules"]
    ]  # fmt: skip
    steps = activities_of(modules)
    return course | {
        "course_id": course["id"], "modules": modules, "progress": 0.0, "completed_at": None,
        "next": steps[0] if steps else None,
    }  # fmt: skip
