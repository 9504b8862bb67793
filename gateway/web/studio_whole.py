"""The course as a whole: copies, places of its parts, and who writes it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call
from gateway.web.course_parts import people, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio import staff_only
from shared.errors import NotFound

pages = Blueprint("pages_studio_whole", __name__)
View = dict[str, Any]


@pages.post("/studio/courses/<course_id>/copy")
@signed_in
def copy_course(course_id: str) -> Any:
    """A draft of mine with the same content."""
    made = call("courses", "duplicate_course", {"course_id": course_id})
    flash("success", "editions.copy.course.done")
    return redirect(f"/studio/courses/{made['id']}", 303)


@pages.post("/studio/courses/<course_id>/items/<item_id>/copy")
@signed_in
def copy_item(course_id: str, item_id: str) -> Any:
    """A copy right after the original."""
    made = call("courses", "duplicate_item", {"item_id": item_id})
    flash("success", "editions.copy.item.done")
    return redirect(f"/studio/courses/{course_id}#item-{made['id']}", 303)


@pages.post("/studio/courses/<course_id>/items/<item_id>/place")
@signed_in
def place(course_id: str, item_id: str) -> Any:
    """Under another parent, at its end; or, dragged, at a position."""
    payload = {
        "item_id": item_id, "parent_id": request.form.get("parent_id") or None,
        "position": request.form.get("position", default=10_000, type=int),
    }  # fmt: skip
    call("courses", "place_item", payload)
    if request.headers.get("X-Drag") == "1":
        return {}, 200
    flash("success", "editions.place.done")
    return redirect(f"/studio/courses/{course_id}#item-{item_id}", 303)


@pages.get("/studio/courses/<course_id>/authors")
@signed_in
def authors(course_id: str) -> Any:
    """Who writes this course, and who else could."""
    staff_only()
    course = call("courses", "get_course", {"course_id": course_id})
    writers = [one for one in (course["author_id"], *course["co_authors"]) if one]
    sought = request.args.get("q", "").strip()[:200]
    found = call("identity", "list_members", {"q": sought, "limit": 20})["items"] if sought else []
    return render(
        "studio/authors.html", course=course, names=people(writers), q=sought,
        others=[member for member in found if member["id"] not in writers], **words(),
    )  # fmt: skip


@pages.post("/studio/courses/<course_id>/authors")
@signed_in
def change_authors(course_id: str) -> Any:
    """Add or remove one person."""
    method = {"add": "add_author", "remove": "remove_author"}.get(request.form.get("do", ""))
    if method is None:
        raise NotFound
    call("courses", method, {"course_id": course_id, "account_id": request.form.get("account_id", "")})
    flash("success", "editions.authors.done")
    return redirect(f"/studio/courses/{course_id}/authors", 303)
