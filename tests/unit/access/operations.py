"""Every operation of the five documents as a request: its address, and a body that the service would accept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.app import documents, load_document
from tests.unit.access.world import PASSWORD, Params, World
from tests.unit.courses.support import pair
from tests.unit.surveys.support import TEXTS, answers_of

BASE = "/api/v1"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation: `public` when a visitor may call it."""

    id: str
    method: str
    path: str
    public: bool
    has_body: bool


def operations() -> dict[str, Operation]:
    """All of them by operationId."""
    found = [
        Operation(one["operationId"], method, path, one.get("security") == [], "requestBody" in one)
        for name in documents()
        for path, methods in load_document(name)["paths"].items()
        for method, one in methods.items()
        if method in METHODS
    ]
    return {operation.id: operation for operation in found}


OPERATIONS = operations()
QUERIES = {"search_topics": {"q": "topic"}, "search_needs": {"q": "need"}, "search_courses": {"q": "course"}}
PLAIN: dict[str, Any] = {
    "create_invitation": {"roles": ["learner"], "language": "en"},
    "open_invitation": {"secret": "nothing"},
    "accept_invitation": {"secret": "nothing", "email": "x@example.org", "password": PASSWORD, "display_name": "New",
                          "language": "en", "time_zone": "America/Toronto"},
    "update_profile": {"city": "Moncton"},
    "set_language": {"language": "en"},
    "change_password": {"current_password": "not this one", "new_password": "another long phrase 8"},
    "create_token": {"name": "t", "scopes": ["read"]},
    "set_roles": {"roles": ["learner"]},
    "seed_account": {"email": "seeded@example.org", "password": PASSWORD, "display_name": "Seeded", "language": "en",
                     "time_zone": "America/Toronto"},
    "create_course": {"title": pair("Course")},
    "update_course": {"title": pair("Course"), "summary": pair("Summary")},
    "add_module": {"title": pair("Module")},
    "add_unit": {"title": pair("Unit")},
    "add_activity": {"title": pair("Activity"), "kind": "text"},
    "rename_item": {"title": pair("Other")},
    "move_item": {"direction": "up"},
    "add_objective": {"text": pair("Objective"), "bloom": "apply"},
    "update_objective": {"text": pair("Objective"), "bloom": "create"},
    "set_activity_text": {"body": pair("Text")},
    "set_completion": {"completion": "viewed"},
    "set_h5p_policy": {"trainers_may_install": True},
    "record_statement": {"statement": {}},
    "save_state": {"data_type": "state", "sub_content_id": "0", "state": "{}", "sequence": 1},
    "call_handler": {},
    "create_survey": {"template_id": "borich"},
    "edit_survey": {"title": pair("Title")},
    "open_proposal": TEXTS,
    "edit_proposal": {"format": "live"},
    "decide_proposal": {"outcome": "declined", "reason": pair("No")},
    "add_post": {"body": "Words", "language": "en"},
    "edit_post": {"body": "Other words"},
    "set_preferences": {"items": [{"kind": "topic-reply", "channel": "email", "enabled": True}]},
}  # fmt: skip


MADE: dict[str, Callable[[World, Params], Any]] = {
    "sign_in": lambda world, _: {"email": f"nobody{next(world.numbers)}@example.org", "password": PASSWORD},
    "extend_survey": lambda world, _: {"closes_at": world.desk.days(30)},
    "save_survey_draft": lambda _, params: _answers(params),
    "submit_response": lambda _, params: _answers(params),
    "set_activity_file": lambda _, params: {"upload_id": params["upload_id"], "alt": pair("Alt")},
    "set_activity_h5p": lambda _, params: {"upload_id": params["upload_id"]},
    "course_counts": lambda _, params: {"course_ids": [params["course_id"]]},
    "open_topic": lambda _, params: {
        "space_id": params.get("space_id") or params["topic_id"], "title": "Topic", "language": "en", "body": "B",
    },
}  # fmt: skip
"""Bodies that depend on the thing."""


def _answers(params: Params) -> Any:
    return {"answers": answers_of(params["survey"]) if "survey" in params else {}, "language": "en"}


def body_of(world: World, operation: str, params: Params) -> Any:
    """A body that would be accepted."""
    return MADE[operation](world, params) if operation in MADE else PLAIN[operation]


def send(world: World, who: str, operation: str, params: Params, **more: Any) -> httpx.Response:
    """The request of one person."""
    one = OPERATIONS[operation]
    headers = {"If-Match": f'"{params["version"]}"'} if "version" in params else {}
    if one.has_body and "json" not in more:
        more["json"] = body_of(world, operation, params)
    path = BASE + one.path.format(**params)
    return world.clients[who].request(
        one.method, path, headers=headers, params=QUERIES.get(operation), **more
    )
