"""REST of cohorts, gates, attention and the learner's home: one function per operationId of cohorts.yaml."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]


def set_gate(item_id: str, body: Body) -> Answer:
    """Prerequisites and release."""
    return answer(call("courses", "set_gate", {**body, "item_id": item_id}, version=if_match()))


def set_enrolment_rules(course_id: str, body: Body) -> Answer:
    """Pace and the courses that come first."""
    payload = {**body, "course_id": course_id}
    return answer(call("courses", "set_enrolment_rules", payload, version=if_match()))


def list_cohorts(course_id: str, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of cohorts."""
    return answer(call("courses", "list_cohorts", {"course_id": course_id}, cursor=cursor, limit=limit))


def create_cohort(course_id: str, body: Body) -> Answer:
    """A new cohort."""
    result = call("courses", "create_cohort", {**body, "course_id": course_id})
    return answer(result, 201, location=lambda edit: f"/api/v1/cohorts/{edit['id']}")


def get_cohort(cohort_id: str) -> Answer:
    """One cohort."""
    return answer(call("courses", "get_cohort", {"cohort_id": cohort_id}))


def update_cohort(cohort_id: str, body: Body) -> Answer:
    """The whole cohort."""
    return answer(call("courses", "update_cohort", {**body, "cohort_id": cohort_id}, version=if_match()))


def delete_cohort(cohort_id: str) -> Answer:
    """Gone."""
    return answer(call("courses", "delete_cohort", {"cohort_id": cohort_id}, version=if_match()))


def get_enrolment(course_id: str) -> Answer:
    """How I take part, or may."""
    return answer(call("courses", "get_enrolment", {"course_id": course_id}))


def leave_course(course_id: str) -> Answer:
    """I no longer take part."""
    return answer(call("courses", "leave_course", {"course_id": course_id}))


def set_interest(course_id: str, body: Body) -> Answer:
    """Tell me of cohorts, or no longer."""
    return answer(call("courses", "set_interest", {**body, "course_id": course_id}))


def beat(activity_id: str, body: Body) -> Answer:
    """Some seconds of attention."""
    return answer(call("courses", "beat", {**body, "activity_id": activity_id}))


def my_learning(cursor: str | None = None, limit: int | None = None) -> Answer:
    """My learning."""
    return answer(call("courses", "my_learning", {}, cursor=cursor, limit=limit))
