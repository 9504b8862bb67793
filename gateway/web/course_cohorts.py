"""Cohorts, order and dates of a course in the studio; joining, leaving and asking to be told for learners."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.course_parts import activities_of, words
from gateway.web.identity_lists import zone_options
from gateway.web.pages import flash, render, signed_in
from gateway.web.rule_words import lock_text, rule_name
from gateway.web.studio_forms import Form, pair_of, version_of
from shared.errors import Conflict, FieldProblem, Invalid, NotFound

pages = Blueprint("pages_course_cohorts", __name__)
View = dict[str, Any]
WEEKS = 8


# --- the studio: cohorts


@pages.get("/studio/courses/<course_id>/cohorts")
@signed_in
def cohorts(course_id: str) -> Any:
    """Who takes it together and when; and whether one can take it alone."""
    return _cohorts(course_id, Form())


def _cohorts(course_id: str, form: Form) -> Any:
    course = call("courses", "get_course", {"course_id": course_id})
    how = call("courses", "get_enrolment", {"course_id": course_id})
    if not how["can"]["manage"]:
        raise NotFound
    cursor = request.args.get("cursor")
    found = call("courses", "list_cohorts", {"course_id": course_id, "limit": 50}, cursor=cursor)
    others = call("courses", "list_courses", {"status": "published", "limit": 200})["items"]
    more = found["next_cursor"]
    return render(
        "cohorts/list.html", form.status, course=course, how=how, cohorts=found["items"], form=form,
        others=[one for one in others if one["id"] != course_id], fresh=_fresh(), zones=zone_options(_zone()),
        more=f"/studio/courses/{course_id}/cohorts?cursor={more}" if more else None, **words(),
    )  # fmt: skip


def _zone() -> str:
    return request.form.get("time_zone") or current().time_zone


def _fresh() -> View:
    """A new cohort begins on the Monday after next week, for eight weeks."""
    today = datetime.now(UTC).astimezone(ZoneInfo(current().time_zone)).date()
    start = today + timedelta(days=14 - today.weekday())
    return {
        "name": {}, "starts_on": start.isoformat(), "time_zone": current().time_zone, "seats": 20,
        "ends_on": (start + timedelta(weeks=WEEKS, days=-3)).isoformat(), "enrol_by": "", "releases": {},
    }  # fmt: skip


@pages.post("/studio/courses/<course_id>/cohorts")
@signed_in
def add_cohort(course_id: str) -> Any:
    """A new cohort."""
    try:
        call("courses", "create_cohort", {"course_id": course_id, **_fields({})})
    except (Invalid, Conflict) as error:
        return _cohorts(course_id, Form("cohort", error))
    flash("success", "cohorts.made")
    return redirect(f"/studio/courses/{course_id}/cohorts", 303)


def _fields(releases: View) -> View:
    """The form of a cohort as a payload. Raises Invalid for seats that are no number."""
    seats = request.form.get("seats", "").strip()
    if (seats and not seats.isascii()) or (seats and not seats.isdigit()):
        raise Invalid(fields=[FieldProblem("seats", "wrong-type")])
    return {
        "name": pair_of("name"), "starts_on": request.form.get("starts_on", ""),
        "ends_on": request.form.get("ends_on", ""), "time_zone": request.form.get("time_zone", ""),
        "seats": int(seats) if seats else None, "enrol_by": request.form.get("enrol_by") or None,
        "releases": releases,
    }  # fmt: skip


@pages.get("/studio/cohorts/<cohort_id>")
@signed_in
def cohort(cohort_id: str) -> Any:
    """One cohort: its dates and seats, and items with a day of their own."""
    return _cohort(cohort_id, Form())


def _cohort(cohort_id: str, form: Form) -> Any:
    found = call("courses", "get_cohort", {"cohort_id": cohort_id})
    if not found["can_edit"]:
        raise NotFound
    course = call("courses", "get_course", {"course_id": found["course_id"]})
    return render(
        "cohorts/edit.html", form.status, course=course, cohort=found, form=form,
        zones=zone_options(form.value("time_zone", found["time_zone"])), items=_items(course), **words(),
    )  # fmt: skip


def _items(course: View) -> list[View]:
    """Modules, units and activities in reading order with their depth."""
    return [
        {**item, "depth": depth}
        for module in course["modules"]
        for item, depth in [
            (module, 0),
            *((part, level) for unit in module["units"] for part, level in _of_unit(unit)),
        ]
    ]


def _of_unit(unit: View) -> list[tuple[View, int]]:
    return [(unit, 1), *((activity, 2) for activity in unit["activities"])]


@pages.post("/studio/cohorts/<cohort_id>")
@signed_in
def save_cohort(cohort_id: str) -> Any:
    """The whole cohort."""
    found = call("courses", "get_cohort", {"cohort_id": cohort_id})
    days = {
        name.removeprefix("release-"): day
        for name, day in request.form.items()
        if name.startswith("release-") and day
    }
    try:
        call("courses", "update_cohort", {"cohort_id": cohort_id, "version": version_of(), **_fields(days)})
    except (Invalid, Conflict) as error:
        return _cohort(cohort_id, Form("cohort", error))
    flash("success", "cohorts.saved")
    return redirect(f"/studio/courses/{found['course_id']}/cohorts", 303)


@pages.get("/studio/cohorts/<cohort_id>/delete")
@signed_in
def ask_delete(cohort_id: str) -> Any:
    """Asks with the cohort's name."""
    found = call("courses", "get_cohort", {"cohort_id": cohort_id})
    course = call("courses", "get_course", {"course_id": found["course_id"]})
    item = {"title": found["name"]}
    return render("cohorts/delete.html", course=course, cohort=found, item=item, **words())


@pages.post("/studio/cohorts/<cohort_id>/delete")
@signed_in
def delete(cohort_id: str) -> Any:
    """Gone, if nobody is in it."""
    found = call("courses", "get_cohort", {"cohort_id": cohort_id})
    try:
        call("courses", "delete_cohort", {"cohort_id": cohort_id, "version": version_of()})
    except (Invalid, Conflict) as error:
        return _cohort(cohort_id, Form("delete", error))
    return redirect(f"/studio/courses/{found['course_id']}/cohorts", 303)


@pages.post("/studio/courses/<course_id>/enrolment-rules")
@signed_in
def save_rules(course_id: str) -> Any:
    """Alone or with a cohort only, and after which courses."""
    payload = {
        "course_id": course_id, "version": version_of(), "pace": request.form.get("pace", ""),
        "after": request.form.getlist("after"),
    }  # fmt: skip
    try:
        call("courses", "set_enrolment_rules", payload)
    except (Invalid, Conflict) as error:
        return _cohorts(course_id, Form("rules", error))
    flash("success", "cohorts.rules.saved")
    return redirect(f"/studio/courses/{course_id}/cohorts", 303)


# --- the studio: order and dates of the parts


@pages.get("/studio/courses/<course_id>/order")
@signed_in
def order(course_id: str) -> Any:
    """What comes after what, and what opens when."""
    course = _edited(course_id)
    items = _items(course)
    titles = {item["id"]: item["title"] for item in items}
    return render(
        "cohorts/order.html", course=course, items=items, titles=titles, rule_name=rule_name, **words()
    )


def _edited(course_id: str) -> View:
    course: View = call("courses", "get_course", {"course_id": course_id})
    if not course["can"]["edit"]:
        raise NotFound
    return course


@pages.get("/studio/courses/<course_id>/order/<item_id>")
@signed_in
def gate(course_id: str, item_id: str) -> Any:
    """One module, unit or activity: what it comes after, and when it opens."""
    return _gate(course_id, item_id, Form())


def _gate(course_id: str, item_id: str, form: Form) -> Any:
    course = _edited(course_id)
    items = _items(course)
    item = next((one for one in items if one["id"] == item_id), None)
    if item is None:
        raise NotFound
    chosen = request.form.getlist("after") if form.error else item["after"]
    return render(
        "cohorts/gate.html", form.status, course=course, item=item, form=form, chosen=chosen,
        others=[one for one in items if one["id"] != item_id], **words(),
    )  # fmt: skip


@pages.post("/studio/courses/<course_id>/order/<item_id>")
@signed_in
def save_gate(course_id: str, item_id: str) -> Any:
    """Both, for one item."""
    days = request.form.get("release_days", "").strip()
    payload = {
        "item_id": item_id, "version": version_of(), "after": request.form.getlist("after"),
        "release_days": (int(days) if days.isascii() and days.isdigit() else days) if days else None,
    }  # fmt: skip
    try:
        call("courses", "set_gate", payload)
    except (Invalid, Conflict) as error:
        return _gate(course_id, item_id, Form("gate", error))
    flash("success", "cohorts.gate.saved")
    return redirect(f"/studio/courses/{course_id}/order#item-{item_id}", 303)


# --- learners


@pages.post("/courses/<course_id>/leave")
@signed_in
def leave(course_id: str) -> Any:
    """Out of the course or its waiting list; what was learned is kept."""
    try:
        call("courses", "leave_course", {"course_id": course_id})
    except Conflict:
        return redirect(f"/courses/{course_id}/learn/end", 303)
    flash("success", "cohorts.left")
    return redirect(f"/courses/{course_id}", 303)


@pages.get("/courses/<course_id>/leave")
@signed_in
def ask_leave(course_id: str) -> Any:
    """Asks, and says what is kept."""
    course = call("courses", "get_course", {"course_id": course_id})
    return render("cohorts/leave.html", course=course, **words())


@pages.post("/courses/<course_id>/interest")
@signed_in
def interest(course_id: str) -> Any:
    """Tell me when a cohort opens, or no longer."""
    wanted = request.form.get("wanted") == "1"
    call("courses", "set_interest", {"course_id": course_id, "wanted": wanted})
    flash("success", "cohorts.interest.on" if wanted else "cohorts.interest.off")
    return redirect(f"/courses/{course_id}", 303)


@pages.post("/courses/activities/<activity_id>/attention")
@signed_in
def attention(activity_id: str) -> Any:
    """A heartbeat of the page; without the idempotency key, as each one counts."""
    body, context = request.get_json(silent=True), current()
    if not isinstance(body, dict):
        raise Invalid(fields=[FieldProblem("body", "bad-json")])
    payload = {"activity_id": activity_id, "seconds": body.get("seconds")}
    told = context.bus.call("courses", "beat", payload, actor=context.actor)
    return {name: told[name] for name in ("completed", "dwell", "progress", "course_completed", "score")}


def locked_page(course: View, activity_id: str) -> Any:
    """Instead of an activity that is not open yet: why, and what can be done now."""
    step = next((one for one in activities_of(course["modules"]) if one["id"] == activity_id), None)
    if step is None or not step["lock"]:
        raise NotFound
    return render(
        "cohorts/locked.html", 409, course=course, step=step, reason=lock_text(step["lock"]),
        base=f"/courses/{course['course_id']}/learn", **words(),
    )  # fmt: skip
