"""REST of SCORM activities: one function per operationId of openapi/courses/scorm.yaml."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call, if_match

Body = dict[str, Any]


def set_activity_scorm(activity_id: str, body: Body) -> Answer:
    """The uploaded package is the content."""
    payload = {**body, "activity_id": activity_id}
    return answer(call("courses", "set_activity_scorm", payload, timeout=INSTALL_SECONDS, version=if_match()))


def save_scorm(activity_id: str, body: Body) -> Answer:
    """The data model of one item."""
    return answer(call("courses", "save_scorm", {**body, "activity_id": activity_id}))
