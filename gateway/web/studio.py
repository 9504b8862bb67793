"""The studio: a trainer's courses, and the builder of one course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.objectives import require_open_need
from gateway.problems import field_message
from gateway.web.block_parts import allowed_kinds
from gateway.web.course_parts import (
    activities_of,
    ask,
    need_options,
    need_statements,
    people,
    words,
)
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio_forms import Form, pair_of, version_of
from shared import i18n
from shared.actor import ADMIN, COORDINATOR, TRAINER
from shared.errors import Conflict, FieldProblem, Invalid, NotFound

pages = Blueprint("pages_studio", __name__)
View = dict[str, Any]
BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")
KINDS = ("text", "file", "h5p", "quiz", "video", "survey", "discussion", "scorm")
PARTS = ("audience", "behaviour", "condition", "degree")
RETURNED = (409, 412, 422)


def staff_only() -> None:
    """The studio shows itself to staff; everything else is the service's own check."""
    if not current().actor.has(TRAINER, COORDINATOR, ADMIN):
        raise NotFound


# Home


@pages.get("/studio")
@signed_in
def home() -> Any:
    """Drafts to take, my drafts, what is published."""
    staff_only()
    account, is_admin = current().account or {}, current().actor.has(ADMIN)
    drafts = call("courses", "list_drafts", {"limit": 50})["items"]
    found = call(
        "courses", "list_courses", {"status": "published", "limit": 50}, cursor=request.args.get("cursor")
    )
    published = [c for c in found["items"] if is_admin or c["author_id"] == account["id"]]
    ids = [course["id"] for course in published]
    counts = ask("courses", "course_counts", {"course_ids": ids}) if ids else None
    return render(
        "studio/home.html", published=published, needs=need_statements([*drafts, *published]),
        to_take=[course for course in drafts if course["author_id"] is None],
        mine=[course for course in drafts if course["author_id"] == account["id"]],
        counts={count["course_id"]: count for count in (counts or {"items": []})["items"]},
        more=f"/studio?cursor={found['next_cursor']}" if found["next_cursor"] else None,
        may_author=current().actor.has(TRAINER, ADMIN), **words(),
    )  # fmt: skip


@pages.get("/studio/courses/new")
@signed_in
def new_course() -> Any:
    """The form of a course that no proposal asked for."""
    staff_only()
    return _new_course_page(Form())


@pages.post("/studio/courses")
@signed_in
def create_course() -> Any:
    """A new draft, mine."""
    payload = {
        "title": pair_of("title"), "summary": pair_of("summary"), "need_id": request.form.get("need_id") or None,
    }  # fmt: skip
    try:
        require_open_need(payload["need_id"])
        made = call("courses", "create_course", payload)
    except Invalid as error:
        return _new_course_page(Form("new", error))
    return redirect(f"/studio/courses/{made['id']}", 303)


def _new_course_page(form: Form) -> Any:
    return render("studio/new.html", form.status, form=form, needs=need_options(), **words())


# The builder


@pages.get("/studio/courses/<course_id>")
@signed_in
def builder(course_id: str) -> Any:
    """Outline, objectives, parts; what stands before publication."""
    return _builder(course_id, Form())


def _builder(course_id: str, form: Form) -> Any:
    staff_only()
    course = call("courses", "get_course", {"course_id": course_id})
    account = current().account or {}
    author = course["author_id"]
    names = people([author]) if author and author != account["id"] else {}
    blockers = [blocker_view(course_id, blocker) for blocker in course["blockers"]]
    return render(
        "studio/course.html", form.status, course=course, form=form, author=names.get(author),
        blockers=blockers, needs=need_options(),
        statements=need_statements([course, *course["objectives"]]), kinds=(*KINDS, *allowed_kinds()), parts=PARTS,
        bloom=[(level, i18n.text(current().language, f"courses.bloom.{level}")) for level in BLOOM],
        blocked={blocker["item"] for blocker in blockers},
        undo=_undo(), editing=_editing(course["editing"]), **words(),
    )  # fmt: skip


def _undo() -> View | None:
    """The part that was just deleted: the address says which, and which kept state has it."""
    item_id, snapshot_id = request.args.get("deleted"), request.args.get("undo")
    return {"item_id": item_id, "snapshot_id": snapshot_id} if item_id and snapshot_id else None


def _editing(other: View | None) -> View | None:
    """Another author who has just been editing, with their name."""
    found = people([other["account_id"]]).get(other["account_id"]) if other else None
    return other | {"name": found["display_name"]} if other and found else None


def blocker_view(course_id: str, blocker: View) -> View:
    """What is missing in a sentence, and the place of the builder where it is put right."""
    parts = blocker["path"].split(".")
    item = parts[1] if parts[0] in ("items", "objectives") and len(parts) > 1 else ""
    anchor = {"items": f"item-{item}", "objectives": f"objective-{item}" if item else "objectives"}.get(
        parts[0], "about" if parts[0] == "title" else "content"
    )
    language = current().language
    half = f".{parts[-1]}" if parts[-1] in i18n.LANGUAGES else ""
    title = i18n.pick(language, blocker["params"].get("title") or {})
    href = f"/studio/courses/{course_id}#{anchor}"
    if blocker["code"] == "objective-without-assessment":
        href = f"/studio/courses/{course_id}/objectives"
    elif parts[0] == "items" and "title" not in parts and blocker["code"] not in ("no-unit", "no-activity"):
        href = f"/studio/activities/{item}"
    key = f"courses.blocker.{blocker['code']}{half}"
    text = (
        i18n.text(language, key)
        if i18n.has(language, key)
        else field_message(FieldProblem(blocker["path"], blocker["code"], blocker["params"]), language)
    )
    return {"text": text, "title": title, "href": href,
            "item": item}  # fmt: skip


Action = Callable[[], Any]


def _act(course_id: str, form: Form, action: Action, anchor: str = "") -> Any:
    """Do one thing to the course and come back to its place; or give the form back with what was typed."""
    try:
        done = action()
    except (Invalid, Conflict) as error:
        return _builder(course_id, replace(form, error=error))
    place = anchor or f"item-{done['id']}"
    return redirect(f"/studio/courses/{course_id}#{place}", 303)


@pages.post("/studio/courses/<course_id>")
@signed_in
def save_course(course_id: str) -> Any:
    """Title and summary."""
    payload = {
        "course_id": course_id, "version": version_of(), "title": pair_of("title"), "summary": pair_of("summary"),
    }  # fmt: skip
    return _act(course_id, Form("about"), lambda: call("courses", "update_course", payload), "about")


@pages.post("/studio/courses/<course_id>/take")
@signed_in
def take(course_id: str) -> Any:
    """The draft is mine."""
    try:
        call("courses", "take_course", {"course_id": course_id})
    except Conflict as error:
        return _builder(course_id, Form("take", error))
    flash("success", "courses.take.done")
    return redirect(f"/studio/courses/{course_id}", 303)


@pages.post("/studio/courses/<course_id>/modules")
@signed_in
def add_module(course_id: str) -> Any:
    """A module at the end."""
    payload = {"course_id": course_id, "title": pair_of("module-new")}
    form = Form("module-new", fields={"title": "module-new"})
    return _act(course_id, form, lambda: call("courses", "add_module", payload))


@pages.post("/studio/courses/<course_id>/modules/<module_id>/units")
@signed_in
def add_unit(course_id: str, module_id: str) -> Any:
    """A unit at the end of a module."""
    name = f"unit-{module_id}"
    payload = {"module_id": module_id, "title": pair_of(name)}
    return _act(course_id, Form(name, fields={"title": name}), lambda: call("courses", "add_unit", payload))


@pages.post("/studio/courses/<course_id>/units/<unit_id>/activities")
@signed_in
def add_activity(course_id: str, unit_id: str) -> Any:
    """An activity at the end of a unit; its content comes next."""
    name = f"activity-{unit_id}"
    payload = {"unit_id": unit_id, "title": pair_of(name), "kind": request.form.get("kind", "")}
    try:
        made = call("courses", "add_activity", payload)
    except (Invalid, Conflict) as error:
        return _builder(course_id, Form(name, error, {"title": name}))
    return redirect(f"/studio/activities/{made['id']}", 303)


@pages.post("/studio/courses/<course_id>/items/<item_id>")
@signed_in
def rename(course_id: str, item_id: str) -> Any:
    """The new title of a part."""
    name = f"item-{item_id}"
    payload = {"item_id": item_id, "version": version_of(), "title": pair_of(name)}
    return _act(
        course_id, Form(name, fields={"title": name}), lambda: call("courses", "rename_item", payload), name
    )


@pages.post("/studio/courses/<course_id>/items/<item_id>/move")
@signed_in
def move(course_id: str, item_id: str) -> Any:
    """One place up or down."""
    payload = {"item_id": item_id, "direction": request.form.get("direction", "")}
    anchor = f"item-{item_id}"
    return _act(course_id, Form(anchor), lambda: call("courses", "move_item", payload), anchor)


@pages.get("/studio/courses/<course_id>/items/<item_id>/delete")
@signed_in
def ask_delete(course_id: str, item_id: str) -> Any:
    """Asks with the name; what the dialog asks where there are scripts."""
    course = call("courses", "get_course", {"course_id": course_id})
    item = _item(course, item_id)
    return render("studio/delete.html", course=course, item=item,
                  action=f"/studio/courses/{course_id}/items/{item_id}/delete", **words())  # fmt: skip


def _item(course: View, item_id: str) -> View:
    units = [unit for module in course["modules"] for unit in module["units"]]
    for item in [*course["modules"], *units, *activities_of(course["modules"])]:
        if item["id"] == item_id:
            return dict(item)
    raise NotFound


@pages.post("/studio/courses/<course_id>/items/<item_id>/delete")
@signed_in
def delete(course_id: str, item_id: str) -> Any:
    """Gone, with all that was in it."""
    payload = {"item_id": item_id, "version": version_of()}
    try:
        done = call("courses", "delete_item", payload)
    except (Invalid, Conflict) as error:
        return _builder(course_id, Form(f"item-{item_id}", error))
    return redirect(f"/studio/courses/{course_id}?deleted={item_id}&undo={done['undo']}#undo", 303)


# Objectives


@pages.post("/studio/courses/<course_id>/objectives")
@signed_in
def add_objective(course_id: str) -> Any:
    """An objective at the end."""
    payload = {"course_id": course_id, **_objective("new")}
    form = _objective_form("new")
    return _act(course_id, form, lambda: _linked("add_objective", payload), "objectives")


@pages.post("/studio/courses/<course_id>/objectives/<objective_id>")
@signed_in
def save_objective(course_id: str, objective_id: str) -> Any:
    """The whole objective."""
    payload = {"objective_id": objective_id, "version": version_of(), **_objective(objective_id)}
    form = _objective_form(objective_id)
    course = call("courses", "get_course", {"course_id": course_id})
    before = {one["id"]: one["need_id"] for one in course["objectives"]}.get(objective_id)
    return _act(
        course_id, form, lambda: _linked("update_objective", payload, before), f"objective-{objective_id}"
    )


def _linked(method: str, payload: View, before: str | None = None) -> Any:
    """Save an objective; a need that it was not linked to before must be open to the reader."""
    if payload["need_id"] != before:
        require_open_need(payload["need_id"])
    return call("courses", method, payload)


def _objective(key: str) -> View:
    parts = {part: pair_of(f"{part}-{key}") for part in PARTS}
    return {
        "text": pair_of(f"text-{key}"), "bloom": request.form.get(f"bloom-{key}", ""),
        "need_id": request.form.get(f"need-{key}") or None,
        **{part: pair if any(pair.values()) else None for part, pair in parts.items()},
    }  # fmt: skip


def _objective_form(key: str) -> Form:
    names = {name: f"{name}-{key}" for name in ("text", "bloom", *PARTS)}
    return Form(f"objective-{key}", fields=names | {"need_id": f"need-{key}"})


@pages.get("/studio/courses/<course_id>/objectives/<objective_id>/delete")
@signed_in
def ask_delete_objective(course_id: str, objective_id: str) -> Any:
    """Asks with the objective's words."""
    course = call("courses", "get_course", {"course_id": course_id})
    for objective in course["objectives"]:
        if objective["id"] == objective_id:
            action = f"/studio/courses/{course_id}/objectives/{objective_id}/delete"
            item = {"title": objective["text"]}
            return render("studio/delete.html", course=course, item=item, action=action, **words())
    raise NotFound


@pages.post("/studio/courses/<course_id>/objectives/<objective_id>/delete")
@signed_in
def delete_objective(course_id: str, objective_id: str) -> Any:
    """Gone."""
    payload = {"objective_id": objective_id, "version": version_of()}
    form = Form(f"objective-{objective_id}")
    return _act(course_id, form, lambda: call("courses", "delete_objective", payload), "objectives")
