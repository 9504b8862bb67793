"""REST of courses in and out as OLX."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call

Body = dict[str, Any]


def export_olx(course_id: str) -> Answer:
    """Where the archive is."""
    found = call("courses", "export_olx", {"course_id": course_id}, timeout=INSTALL_SECONDS)
    kept = {name: found[name] for name in ("filename", "size", "notes")}
    return answer(kept | {"url": f"/olx/{course_id}"})


def import_olx(body: Body) -> Answer:
    """A draft of an uploaded archive."""
    result = call("courses", "import_olx", body, timeout=INSTALL_SECONDS)
    return answer(result, 201, location=lambda made: f"/api/v1/courses/{made['course_id']}")
