"""The history of a course: kept states and editions, what changed, and the way back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.course_changes import sentences
from gateway.web.course_parts import people, words
from gateway.web.pages import error_text, flash, render, signed_in
from gateway.web.studio import staff_only
from gateway.web.studio_forms import version_of
from shared.errors import CercleError, Conflict

pages = Blueprint("pages_studio_history", __name__)
View = dict[str, Any]


@pages.get("/studio/courses/<course_id>/history")
@signed_in
def history(course_id: str) -> Any:
    """Every kept state, newest first."""
    staff_only()
    cursor = request.args.get("cursor")
    found = call("courses", "list_history", {"course_id": course_id, "limit": 20}, cursor=cursor)
    draft = found.get("draft")
    lines = [line | {"sentences": sentences(line["changes"])} for line in found["items"]]
    writers = [line["made_by"] for line in [*lines, draft or {"made_by": None}] if line["made_by"]]
    more = found["next_cursor"]
    return render(
        "studio/history.html", course={"id": course_id, "title": found["title"], "version": found["version"]},
        lines=lines, draft=draft, draft_sentences=sentences(draft["changes"]) if draft else [],
        names=people(writers), me=(current().account or {}).get("id"),
        more=f"/studio/courses/{course_id}/history?cursor={more}" if more else None, **words(),
    )  # fmt: skip


@pages.get("/studio/courses/<course_id>/history/<snapshot_id>")
@signed_in
def snapshot(course_id: str, snapshot_id: str) -> Any:
    """One kept state to read, beside the draft of today."""
    return _snapshot_page(course_id, snapshot_id)


def _snapshot_page(course_id: str, snapshot_id: str, error: CercleError | None = None) -> Any:
    staff_only()
    found = call("courses", "get_snapshot", {"course_id": course_id, "snapshot_id": snapshot_id})
    by = found["made_by"]
    return render(
        "studio/snapshot.html", error.status if error else 200, snapshot=found, course_id=course_id,
        sentences=sentences(found["changes"]), writer=people([by]).get(by) if by else None,
        problem=error_text(error) if error else None, **words(),
    )  # fmt: skip


@pages.post("/studio/courses/<course_id>/history/<snapshot_id>/restore")
@signed_in
def restore(course_id: str, snapshot_id: str) -> Any:
    """The draft becomes this; what it is now stays in the history."""
    payload = {"course_id": course_id, "snapshot_id": snapshot_id, "version": version_of()}
    try:
        call("courses", "restore_snapshot", payload)
    except Conflict as error:
        return _snapshot_page(course_id, snapshot_id, error)
    flash("success", "editions.restore.done")
    return redirect(f"/studio/courses/{course_id}", 303)


@pages.post("/studio/courses/<course_id>/undo")
@signed_in
def undo(course_id: str) -> Any:
    """A part that was just deleted is back."""
    item_id = request.form.get("item_id", "")
    payload = {"course_id": course_id, "snapshot_id": request.form.get("snapshot_id", ""), "item_id": item_id}
    try:
        call("courses", "restore_item", payload)
    except Conflict:
        flash("warning", "editions.undo.gone")
        return redirect(f"/studio/courses/{course_id}/history", 303)
    flash("success", "editions.undo.done")
    return redirect(f"/studio/courses/{course_id}#item-{item_id}", 303)
