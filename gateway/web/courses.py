"""Pages of learners: the courses, one course, the way through it, and what the H5P player reports."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gateway.context import call, current
from gateway.web.block_parts import seen_parts
from gateway.web.course_cohorts import locked_page
from gateway.web.course_parts import activities_of, ask, frame_of, loop_of, need_statements, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.quiz_parts import seen_quiz
from gateway.web.rule_words import duration, lock_text, rule_text
from shared.errors import Conflict, FieldProblem, Invalid, NotFound

pages = Blueprint("pages_courses", __name__)
View = dict[str, Any]
SHOWN = 24
_BIG = 2**53 - 1


@pages.get("/courses")
@signed_in
def catalogue() -> Any:
    """Mine first, with where I was; then every published course."""
    mine = call("courses", "list_my_courses", {"limit": 50})["items"]
    found = call(
        "courses", "list_courses", {"status": "published", "limit": SHOWN}, cursor=request.args.get("cursor")
    )
    going_on = {item["course_id"]: item["next"] for item in call("courses", "home")["continue"]}
    cursor = found["next_cursor"]
    return render(
        "courses/index.html",
        going=sorted((c for c in mine if not c["my"]["completed_at"]), key=lambda c: _place(c["id"], going_on)),
        finished=[course for course in mine if course["my"]["completed_at"]],
        others=[course for course in found["items"] if course["my"] is None],
        next_of=going_on, needs=need_statements([*mine, *found["items"]]),
        more=f"/courses?cursor={cursor}" if cursor else None, **words(),
    )  # fmt: skip


def _place(course_id: str, going_on: View) -> int:
    """Seen last comes first."""
    order = list(going_on)
    return order.index(course_id) if course_id in going_on else len(order)


@pages.get("/courses/<course_id>")
@signed_in
def course(course_id: str) -> Any:
    """What it is for, what it answers, what is in it, and one thing to do."""
    found = call("courses", "get_course", {"course_id": course_id, "published": True})
    learning = call("courses", "get_learning", {"course_id": course_id}) if found["my"] else None
    how = call("courses", "get_enrolment", {"course_id": course_id})
    counts = ask("courses", "course_counts", {"course_ids": [course_id]}) if found["can"]["preview"] else None
    return render(
        "courses/course.html", course=found, learning=learning, how=how, lock_text=lock_text, loop=loop_of(found["need_id"]),
        counts=counts["items"][0] if counts and counts["items"] else None, **words(),
    )  # fmt: skip


@pages.post("/courses/<course_id>/enrol")
@signed_in
def enrol(course_id: str) -> Any:
    """Take part, alone or with a cohort; again changes nothing."""
    told = call("courses", "enrol", {"course_id": course_id}, cohort_id=request.form.get("cohort_id") or None)
    if told["waiting"]:
        flash("success", "cohorts.waits", place=told["waiting"])
        return redirect(f"/courses/{course_id}", 303)
    flash("success", "courses.enrol.done")
    return redirect(f"/courses/{course_id}/learn", 303)


@pages.get("/courses/<course_id>/learn")
@signed_in
def learn(course_id: str) -> Any:
    """The way through the course."""
    learning = _learning(course_id)
    if isinstance(learning, Response):
        return learning
    return render(
        "courses/learn.html", course=learning, base=f"/courses/{course_id}/learn",
        needs=need_statements([learning]), preview=False, lock_text=lock_text, **words(),
    )  # fmt: skip


def _learning(course_id: str) -> Any:
    """The LearningView; or the way to the course's own page for who is not enrolled."""
    try:
        return call("courses", "get_learning", {"course_id": course_id})
    except NotFound:
        call("courses", "get_course", {"course_id": course_id})
        return redirect(f"/courses/{course_id}", 303)


@pages.get("/courses/<course_id>/learn/end")
@signed_in
def end(course_id: str) -> Any:
    """What was completed, and what that does not claim."""
    learning = _learning(course_id)
    if isinstance(learning, Response):
        return learning
    if not learning["completed_at"]:
        return redirect(f"/courses/{course_id}/learn", 303)
    certificate = ask("courses", "get_my_certificate", {"course_id": course_id})
    asked = ask("courses", "get_evaluation", {"course_id": course_id, "moment": "end"})
    return render(
        "courses/end.html", course=learning, loop=loop_of(learning["need_id"]), certificate=certificate,
        asked=asked, **words(),
    )  # fmt: skip


@pages.get("/courses/<course_id>/learn/<activity_id>")
@signed_in
def activity(course_id: str, activity_id: str) -> Any:
    """One activity, read or played."""
    learning = _learning(course_id)
    if isinstance(learning, Response):
        return learning
    try:
        view = call("courses", "open_activity", {"course_id": course_id, "activity_id": activity_id})
    except Conflict as error:
        if not error.code.startswith("activity-"):
            raise
        return locked_page(learning, activity_id)
    return render(
        "courses/activity.html", course=learning, activity=view, rule_text=rule_text, duration=duration,
        lock_text=lock_text, base=f"/courses/{course_id}/learn",
        frame=frame_of(view, f"/courses/activities/{activity_id}"), **seen_parts(view), **seen_quiz(view), preview=False,
        steps={step["id"]: step for step in activities_of(learning["modules"])}, **words(),
    )  # fmt: skip


@pages.post("/courses/<course_id>/learn/<activity_id>/done")
@signed_in
def done(course_id: str, activity_id: str) -> Any:
    """Read: on to the next activity, or to the end of the course."""
    learning = call("courses", "get_learning", {"course_id": course_id})
    if activity_id not in [step["id"] for step in activities_of(learning["modules"])]:
        raise NotFound
    result = call("courses", "mark_viewed", {"activity_id": activity_id})
    return redirect(_after(learning, activity_id, result), 303)


def _after(learning: View, activity_id: str, result: View) -> str:
    """Where a learner goes on: the end when all is done, else the next activity, else the outline."""
    base = f"/courses/{learning['course_id']}/learn"
    if result["course_completed"]:
        return f"{base}/end"
    ids = [step["id"] for step in activities_of(learning["modules"])]
    following = ids[ids.index(activity_id) + 1 :]
    return f"{base}/{following[0]}" if following else base


# What the player reports. Bodies are JSON; the token travels in X-CSRF-Token.


@pages.post("/courses/activities/<activity_id>/statements")
def statement(activity_id: str) -> Any:
    """One statement of the player; the actor is the session's pseudonym, whatever the statement says."""
    payload = {"activity_id": activity_id, "statement": _body().get("statement"), "pseudonym": _pseudonym()}
    result = call("courses", "record_statement", payload)
    return {name: result[name] for name in ("completed", "score", "progress", "course_completed")}, 201


@pages.post("/courses/activities/<activity_id>/state")
def state(activity_id: str) -> Any:
    """The player's state, so that the learner comes back to it.

    Without the idempotency key: saving the same state again is harmless, and the order decides. A player that
    counts its saves sends `sequence`; otherwise the order of arrival counts, in milliseconds.
    """
    body, context = _body(), current()
    given = body.get("sequence")
    payload = {
        "activity_id": activity_id, "data_type": body.get("data_type"), "sub_content_id": body.get("sub_content_id"),
        "state": body.get("data"), "sequence": _now() if given is None else given,
        "content_id": body.get("content_id"),
    }  # fmt: skip
    return context.bus.call("courses", "save_state", payload, actor=context.actor), 200


@pages.post("/courses/activities/<activity_id>/finished")
def finished(activity_id: str) -> Any:
    """The player says that the content is finished; the same word again changes nothing."""
    names = ("score", "max_score", "opened", "finished", "time")
    payload = {"activity_id": activity_id} | {name: _body().get(name) for name in names}
    result = call("courses", "set_finished", payload)
    return {name: result[name] for name in ("completed", "score", "progress", "course_completed")}, 201


@pages.post("/courses/activities/<activity_id>/scorm")
def scorm(activity_id: str) -> Any:
    """The data model of one item of a SCORM content, through the same channel as the player's states."""
    body, context = _body(), current()
    given = body.get("sequence")
    payload = {
        "activity_id": activity_id, "item_id": body.get("sub_content_id"), "data": body.get("data"),
        "sequence": _now() if given is None else given, "package": body.get("content_id"),
    }  # fmt: skip
    return context.bus.call("courses", "save_scorm", payload, actor=context.actor), 200


def _now() -> int:
    return time.time_ns() // 1_000_000 % _BIG


def _pseudonym() -> str:
    return str((current().account or {}).get("pseudonym", "none"))


def _body() -> View:
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Invalid(fields=[FieldProblem("body", "bad-json")])
    return found
