"""REST of the H5P editor: one function per operationId of openapi/courses/h5p_editor.yaml, no rules."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call, if_match

Body = dict[str, Any]


def h5p_content_types() -> Answer:
    """What can be written."""
    return answer(call("courses", "h5p_content_types"))


def h5p_library_semantics(library: str, language: str | None = None, texts: str | None = None) -> Answer:
    """The fields of a library."""
    return answer(
        call("courses", "h5p_library_semantics", {"library": library}, language=language, texts=texts)
    )


def list_h5p_reusable(
    machine_name: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Answer:
    """A page of contents to start from."""
    return answer(call("courses", "list_h5p_reusable", machine_name=machine_name, cursor=cursor, limit=limit))


def find_h5p_draft(activity_id: str) -> Answer:
    """The draft of an activity."""
    return answer(call("courses", "find_h5p_draft", {"activity_id": activity_id}))


def start_h5p_draft(activity_id: str, body: Body) -> Answer:
    """A draft to write in."""
    made = call("courses", "start_h5p_draft", {**body, "activity_id": activity_id}, timeout=INSTALL_SECONDS)
    return answer(made, 201, location=lambda draft: f"/api/v1/h5p/drafts/{draft['id']}")


def get_h5p_draft(draft_id: str) -> Answer:
    """One draft."""
    return answer(call("courses", "get_h5p_draft", {"draft_id": draft_id}))


def save_h5p_draft(draft_id: str, body: Body) -> Answer:
    """What is typed, kept."""
    return answer(call("courses", "save_h5p_draft", {**body, "draft_id": draft_id}, version=if_match()))


def discard_h5p_draft(draft_id: str) -> Answer:
    """Given up."""
    return answer(call("courses", "discard_h5p_draft", {"draft_id": draft_id}))


def add_h5p_media(draft_id: str, body: Body) -> Answer:
    """The upload is a medium of the draft."""
    made = call("courses", "add_h5p_media", {**body, "draft_id": draft_id}, timeout=INSTALL_SECONDS)
    return answer(made, 201, location=lambda _made: f"/api/v1/h5p/drafts/{draft_id}")


def preview_h5p_draft(draft_id: str) -> Answer:
    """The address of a frame."""
    return answer(call("courses", "preview_h5p_draft", {"draft_id": draft_id}))


def use_h5p_draft(draft_id: str, body: Body) -> Answer:
    """The draft is the activity's content."""
    payload = {**body, "draft_id": draft_id}
    return answer(call("courses", "use_h5p_draft", payload, timeout=INSTALL_SECONDS, version=if_match()))
