"""What pages need of videos, links and blocks of other makers: the frame, the target's title, what can be chosen."""

from __future__ import annotations

from typing import Any

from flask import current_app

from gateway.context import call, current
from gateway.web.course_parts import ask
from shared import i18n

View = dict[str, Any]
MANY = 200


def seen_parts(view: View) -> View:
    """For the page of an opened activity."""
    return {"framed": _frame(view["block"]), "target": _target(view["link"])}


def edit_parts(activity: View) -> View:
    """For the studio's page of an activity: its authoring frame, what a link may lead to."""
    block, link = activity["block"], activity["link"]
    opens = block and block["usable"] and block["has_editor"] and activity["can_edit"]
    grant = call("courses", "open_block_editor", {"activity_id": activity["id"]}) if opens else None
    return {
        "editor_frame": _frame(grant),
        "targets": _choices(link) if link and activity["can_edit"] else [],
        "target": _target(link),
        "video_hosts": current_app.extensions["cercle"].allowed_video_hosts,
    }


def allowed_kinds() -> list[str]:
    """Block types of other makers that authors may use."""
    found = ask("courses", "list_block_types", {"limit": MANY}) or {"items": []}
    return [one["block_type"] for one in found["items"] if one["allowed"] and one["installed"]]


def _frame(grant: View | None) -> View | None:
    if grant is None:
        return None
    origin = current_app.extensions["cercle"].content_origin
    return {
        "src": f"{origin}{grant['path']}",
        "origin": origin,
        "nonce": grant["nonce"],
        "view": grant["view"],
    }


def _target(link: View | None) -> View | None:
    """Title and address of what a link leads to; the title is None where the reader may not see it."""
    if not link or not link["target_id"]:
        return None
    if link["kind"] == "survey":
        found = ask("surveys", "get_survey", {"survey_id": link["target_id"]})
    else:
        found = ask("community", "get_topic", {"topic_id": link["target_id"]})
    return {
        "href": link["url"],
        "title": found and found["title"],
        "language": found and found.get("language"),
    }


def _choices(link: View) -> list[tuple[str, str]]:
    """(id, title) of the surveys or topics that may be chosen; newest first."""
    if link["kind"] == "survey":
        found = ask("surveys", "list_surveys", {"limit": 50}) or {"items": []}
        return [(one["id"], i18n.pick(current().language, one["title"])) for one in found["items"]]
    found = ask("community", "list_topics", {"limit": 50}) or {"items": []}
    return [(one["id"], one["title"]) for one in found["items"]]
