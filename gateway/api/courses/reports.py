"""REST of the reports: one function per operationId of reports.yaml."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call

Body = dict[str, Any]


def course_report(course_id: str, cohort_id: str | None = None) -> Answer:
    """Each activity in figures."""
    return answer(call("courses", "course_report", {"course_id": course_id}, cohort_id=cohort_id))


def activity_report(activity_id: str, cohort_id: str | None = None) -> Answer:
    """Each question in figures."""
    return answer(call("courses", "activity_report", {"activity_id": activity_id}, cohort_id=cohort_id))


def learner_report(course_id: str, account_id: str) -> Answer:
    """One learner."""
    return answer(call("courses", "learner_report", {"course_id": course_id, "account_id": account_id}))


def nudge_learners(course_id: str, body: Body) -> Answer:
    """Invite them to go on."""
    return answer(call("courses", "nudge_learners", {**body, "course_id": course_id}))


def completion_report(by: str, course_id: str | None = None) -> Answer:
    """Completion by group."""
    return answer(call("courses", "completion_report", {"by": by}, course_id=course_id))
