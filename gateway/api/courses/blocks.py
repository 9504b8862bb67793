"""REST of videos, links and blocks of other makers."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call, if_match

Body = dict[str, Any]


def set_activity_video(activity_id: str, body: Body) -> Answer:
    """The uploaded video is the activity's content, or other words around it."""
    payload = {**body, "activity_id": activity_id}
    return answer(call("courses", "set_activity_video", payload, timeout=INSTALL_SECONDS, version=if_match()))


def set_activity_link(activity_id: str, body: Body) -> Answer:
    """Where the activity leads."""
    return answer(
        call("courses", "set_activity_link", {**body, "activity_id": activity_id}, version=if_match())
    )


def open_block_editor(activity_id: str) -> Answer:
    """A grant for the block's authoring view."""
    return answer(call("courses", "open_block_editor", {"activity_id": activity_id}))


def list_block_types(cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of block types."""
    return answer(call("courses", "list_block_types", {}, cursor=cursor, limit=limit))


def set_block_type(block_type: str, body: Body) -> Answer:
    """Allowed, or no longer."""
    return answer(call("courses", "set_block_type", {**body, "block_type": block_type}))
