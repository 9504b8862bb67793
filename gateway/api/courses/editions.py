"""REST of editions, history, objectives' links, copies and co-authors."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]


def publish_course(course_id: str, body: Body | None = None) -> Answer:
    """Learners get this edition."""
    payload = {**(body or {}), "course_id": course_id}
    return answer(call("courses", "publish_course", payload, version=if_match()))


def publication(course_id: str) -> Answer:
    """What publishing would mean."""
    return answer(call("courses", "publication", {"course_id": course_id}))


def list_history(course_id: str, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of kept states."""
    return answer(call("courses", "list_history", {"course_id": course_id}, cursor=cursor, limit=limit))


def get_snapshot(course_id: str, snapshot_id: str) -> Answer:
    """One kept state."""
    return answer(call("courses", "get_snapshot", {"course_id": course_id, "snapshot_id": snapshot_id}))


def restore_snapshot(course_id: str, snapshot_id: str) -> Answer:
    """The draft as it was."""
    payload = {"course_id": course_id, "snapshot_id": snapshot_id}
    return answer(call("courses", "restore_snapshot", payload, version=if_match()))


def restore_item(course_id: str, snapshot_id: str, body: Body) -> Answer:
    """A deleted part is back."""
    payload = {**body, "course_id": course_id, "snapshot_id": snapshot_id}
    return answer(call("courses", "restore_item", payload))


def align_objectives(course_id: str, body: Body) -> Answer:
    """Which modules and assessments each objective has."""
    payload = {**body, "course_id": course_id}
    return answer(call("courses", "align_objectives", payload, version=if_match()))


def set_course_language(course_id: str, body: Body) -> Answer:
    """One language on purpose, or both."""
    payload = {**body, "course_id": course_id}
    return answer(call("courses", "set_course_language", payload, version=if_match()))


def duplicate_course(course_id: str) -> Answer:
    """A draft of mine like it."""
    result = call("courses", "duplicate_course", {"course_id": course_id})
    return answer(result, 201, location=lambda edit: "/api/v1/courses/{id}".format(**edit))


def duplicate_item(item_id: str) -> Answer:
    """A copy beside it."""
    result = call("courses", "duplicate_item", {"item_id": item_id}, version=if_match())
    return answer(result, 201, location=lambda edit: "/api/v1/courses/{course_id}".format(**edit))


def place_item(item_id: str, body: Body) -> Answer:
    """Another place."""
    return answer(call("courses", "place_item", {**body, "item_id": item_id}))


def add_author(course_id: str, account_id: str) -> Answer:
    """One more author."""
    return answer(call("courses", "add_author", {"course_id": course_id, "account_id": account_id}))


def remove_author(course_id: str, account_id: str) -> Answer:
    """One author less."""
    return answer(call("courses", "remove_author", {"course_id": course_id, "account_id": account_id}))
