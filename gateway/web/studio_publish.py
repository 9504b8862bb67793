"""Before a publication: what is missing, what looks odd, what changes and for whom; then the publication."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.course_changes import sentences
from gateway.web.course_parts import words
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio import blocker_view, staff_only
from gateway.web.studio_forms import Form, pair_of, version_of
from shared import i18n
from shared.errors import Conflict, Invalid

pages = Blueprint("pages_studio_publish", __name__)
View = dict[str, Any]


@pages.get("/studio/courses/<course_id>/publish")
@signed_in
def review(course_id: str) -> Any:
    """What publishing would mean."""
    return _review(course_id, Form())


def _review(course_id: str, form: Form) -> Any:
    staff_only()
    found = call("courses", "publication", {"course_id": course_id})
    course = call("courses", "get_course", {"course_id": course_id})
    return render(
        "studio/publish.html", form.status, form=form, course=course, summary=found,
        blockers=[blocker_view(course_id, one) for one in found["blockers"]],
        warnings=[_warning(course_id, one) for one in found["warnings"]],
        changes=sentences(found["changes"]), restarts=sentences(found["restarts"]), **words(),
    )  # fmt: skip


def _warning(course_id: str, warning: View) -> View:
    """What looks odd in a sentence, and where it is looked at."""
    language = current().language
    kind, thing = warning["path"].split(".")[:2]
    place = f"/studio/activities/{thing}" if kind == "items" else f"/studio/courses/{course_id}/objectives"
    return {
        "text": i18n.text(language, f"editions.warning.{warning['code']}"), "href": place,
        "title": warning["params"].get("title") or {},
    }  # fmt: skip


@pages.post("/studio/courses/<course_id>/publish")
@signed_in
def publish(course_id: str) -> Any:
    """Open it to learners; or say again what is missing."""
    note = pair_of("note")
    payload = {"course_id": course_id, "version": version_of(), "note": note if any(note.values()) else None}
    try:
        call("courses", "publish_course", payload)
    except (Invalid, Conflict) as error:
        return _review(course_id, Form("publish", error))
    flash("success", "courses.publish.done")
    return redirect(f"/studio/courses/{course_id}", 303)


@pages.post("/studio/courses/<course_id>/language")
@signed_in
def language(course_id: str) -> Any:
    """One language on purpose, or both."""
    chosen = request.form.get("only_language", "")
    only = None if chosen == "both" else chosen
    payload = {"course_id": course_id, "version": version_of(), "only_language": only}
    try:
        call("courses", "set_course_language", payload)
    except (Invalid, Conflict) as error:
        return _review(course_id, Form("language", error))
    flash("success", "editions.language.done")
    return redirect(f"/studio/courses/{course_id}/publish", 303)
