"""REST of certificates and evaluations: one function per operationId of openapi/courses/certificates.yaml."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, current, if_match
from gateway.web.certificates import badge_identity, check_rate

Body = dict[str, Any]


def get_certificate_settings(course_id: str) -> Answer:
    """What certificates of a course say."""
    return answer(call("courses", "get_certificate_settings", {"course_id": course_id}))


def set_certificate_settings(course_id: str, body: Body) -> Answer:
    """From now on they say this."""
    payload = {**body, "course_id": course_id}
    return answer(call("courses", "set_certificate_settings", payload, version=if_match()))


def get_my_certificate(course_id: str) -> Answer:
    """Where I stand."""
    return answer(call("courses", "get_my_certificate", {"course_id": course_id}))


def issue_certificate(course_id: str, body: Body) -> Answer:
    """Mine, with this name."""
    made = call("courses", "issue_certificate", {**body, "course_id": course_id})
    return answer(made, 201, location=lambda one: f"/api/v1/certificates/{one['code']}")


def list_course_certificates(course_id: str, cursor: str | None = None, limit: int | None = None) -> Answer:
    """Who has one."""
    return answer(
        call("courses", "list_course_certificates", {"course_id": course_id}, cursor=cursor, limit=limit)
    )


def list_my_certificates(cursor: str | None = None, limit: int | None = None) -> Answer:
    """Mine."""
    return answer(call("courses", "list_my_certificates", {}, cursor=cursor, limit=limit))


def get_certificate(code: str) -> Answer:
    """Mine, or one of my course."""
    return answer(call("courses", "get_certificate", {"code": code}))


def check_certificate(code: str) -> Answer:
    """Is it good."""
    check_rate()
    return answer(call("courses", "check_certificate", {"code": code}))


def revoke_certificate(certificate_id: str, body: Body) -> Answer:
    """It is not good any more."""
    return answer(call("courses", "revoke_certificate", {**body, "certificate_id": certificate_id}))


def reissue_certificate(certificate_id: str) -> Answer:
    """A new one takes its place."""
    return answer(call("courses", "reissue_certificate", {"certificate_id": certificate_id}), 201)


def get_badge(code: str) -> Answer:
    """The signed credential."""
    return answer(call("courses", "get_badge", {"code": code, "identity": badge_identity(code)}))


def badge_issuer() -> Answer:
    """Keys and profile."""
    return answer(call("courses", "badge_issuer"))


def badge_status() -> Answer:
    """What was revoked."""
    return answer(call("courses", "badge_status"))


def get_evaluation(course_id: str, moment: str) -> Answer:
    """The questions."""
    return answer(call("courses", "get_evaluation", {"course_id": course_id, "moment": moment}))


def answer_evaluation(course_id: str, moment: str, body: Body) -> Answer:
    """Anonymous: without the caller's key, which would be remembered."""
    context, payload = current(), {**body, "course_id": course_id, "moment": moment}
    return answer(context.bus.call("courses", "answer_evaluation", payload, actor=context.actor), 201)


def evaluation_results(course_id: str) -> Answer:
    """What learners said."""
    return answer(call("courses", "evaluation_results", {"course_id": course_id}))
