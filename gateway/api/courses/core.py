"""REST of the courses service: one function per operationId of openapi/courses.yaml, no rules."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call, current, if_match
from gateway.objectives import require_open_need

Body = dict[str, Any]


def _ask(method: str, **payload: Any) -> Answer:
    return answer(call("courses", method, {}, **payload))


def _edit(method: str, body: Body, *, timeout: float | None = None, **ids: str) -> Answer:
    return answer(call("courses", method, {**body, **ids}, timeout=timeout, version=if_match()))


def _add(method: str, body: Body, where: str, **ids: str) -> Answer:
    result = call("courses", method, {**body, **ids}, version=if_match())
    return answer(result, 201, location=lambda edit: f"/api/v1/{where}".format(**edit))


def list_courses(
    status: str | None = None, need_id: str | None = None, proposal_id: str | None = None,
    cursor: str | None = None, limit: int | None = None,
) -> Answer:  # fmt: skip
    """A page of courses."""
    return _ask(
        "list_courses", status=status, need_id=need_id, proposal_id=proposal_id, cursor=cursor, limit=limit
    )


def create_course(body: Body) -> Answer:
    """A new draft."""
    require_open_need(body.get("need_id"))
    return _add("create_course", body, "courses/{id}")


def list_drafts(cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of drafts."""
    return _ask("list_drafts", cursor=cursor, limit=limit)


def list_my_courses(cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of my courses."""
    return _ask("list_my_courses", cursor=cursor, limit=limit)


def courses_home() -> Answer:
    """What waits for me."""
    return _ask("home")


def search_courses(q: str, limit: int | None = None) -> Answer:
    """Courses whose title or summary has the words."""
    return answer(call("courses", "search", {"q": q}, limit=limit))


def course_counts(body: Body) -> Answer:
    """Figures of several courses."""
    return answer(call("courses", "course_counts", body))


def get_course(course_id: str, published: bool = False) -> Answer:
    """One course."""
    return _ask("get_course", course_id=course_id, published=published)


def update_course(course_id: str, body: Body) -> Answer:
    """Title and summary."""
    return _edit("update_course", body, course_id=course_id)


def take_course(course_id: str) -> Answer:
    """The draft is mine."""
    return _ask("take_course", course_id=course_id)


def add_module(course_id: str, body: Body) -> Answer:
    """A module at the end."""
    return _add("add_module", body, "courses/{course_id}", course_id=course_id)


def add_objective(course_id: str, body: Body) -> Answer:
    """An objective at the end."""
    require_open_need(body.get("need_id"))
    return _add("add_objective", body, "courses/{course_id}", course_id=course_id)


def update_objective(objective_id: str, body: Body) -> Answer:
    """The whole objective."""
    require_open_need(body.get("need_id"))
    return _edit("update_objective", body, objective_id=objective_id)


def delete_objective(objective_id: str) -> Answer:
    """Gone."""
    return _edit("delete_objective", {}, objective_id=objective_id)


def add_unit(module_id: str, body: Body) -> Answer:
    """A unit at the end."""
    return _add("add_unit", body, "courses/{course_id}", module_id=module_id)


def add_activity(unit_id: str, body: Body) -> Answer:
    """An activity at the end."""
    return _add("add_activity", body, "activities/{id}", unit_id=unit_id)


def rename_item(item_id: str, body: Body) -> Answer:
    """The new title."""
    return _edit("rename_item", body, item_id=item_id)


def delete_item(item_id: str) -> Answer:
    """Gone with all that was in it."""
    return _edit("delete_item", {}, item_id=item_id)


def move_item(item_id: str, body: Body) -> Answer:
    """One place up or down."""
    return _edit("move_item", body, item_id=item_id)


def get_activity(activity_id: str) -> Answer:
    """One activity, for its author."""
    return _ask("get_activity", activity_id=activity_id)


def set_activity_text(activity_id: str, body: Body) -> Answer:
    """The text in both languages."""
    return _edit("set_activity_text", body, activity_id=activity_id)


def set_completion(activity_id: str, body: Body) -> Answer:
    """The completion rule."""
    return _edit("set_completion", body, activity_id=activity_id)


def set_activity_file(activity_id: str, body: Body) -> Answer:
    """The uploaded file is the activity's content."""
    return _edit("set_activity_file", body, timeout=INSTALL_SECONDS, activity_id=activity_id)


def set_activity_h5p(activity_id: str, body: Body) -> Answer:
    """The uploaded package is the activity's content."""
    return _edit("set_activity_h5p", body, timeout=INSTALL_SECONDS, activity_id=activity_id)


def list_h5p_libraries(cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of libraries."""
    return _ask("list_h5p_libraries", cursor=cursor, limit=limit)


def get_h5p_policy() -> Answer:
    """Who may install libraries."""
    return _ask("get_h5p_policy")


def set_h5p_policy(body: Body) -> Answer:
    """Who may install libraries, from now on."""
    return answer(call("courses", "set_h5p_policy", body))


def enrol(course_id: str, cohort_id: str | None = None) -> Answer:
    """I take part."""
    result = call("courses", "enrol", {"course_id": course_id}, cohort_id=cohort_id)
    return answer(result, 201, location=lambda _view: f"/api/v1/courses/{course_id}/learning")


def get_learning(course_id: str) -> Answer:
    """My way through the course."""
    return _ask("get_learning", course_id=course_id)


def open_activity(course_id: str, activity_id: str, preview: bool = False) -> Answer:
    """The activity as a learner sees it."""
    return _ask("open_activity", course_id=course_id, activity_id=activity_id, preview=preview)


def roster(
    course_id: str, cohort_id: str | None = None, state: str | None = None, days: int = 7,
    cursor: str | None = None, limit: int | None = None,
) -> Answer:  # fmt: skip
    """A page of enrolments."""
    payload = {"cohort_id": cohort_id, "state": state, "days": days}
    return _ask("roster", course_id=course_id, cursor=cursor, limit=limit, **payload)


def mark_viewed(activity_id: str) -> Answer:
    """Seen."""
    return _ask("mark_viewed", activity_id=activity_id)


def record_statement(activity_id: str, body: Body) -> Answer:
    """One statement; the pseudonym is the session's, whatever the statement says."""
    account = current().account or {}
    return answer(
        call(
            "courses", "record_statement", body,
            activity_id=activity_id, pseudonym=account.get("pseudonym"),
        )
    )  # fmt: skip


def save_state(activity_id: str, body: Body) -> Answer:
    """The state, if it is newer."""
    return answer(call("courses", "save_state", body, activity_id=activity_id))


def call_handler(activity_id: str, handler: str, body: Body) -> Answer:
    """An XBlock handler's answer."""
    return answer(call("courses", "call_handler", body, activity_id=activity_id, handler=handler))
