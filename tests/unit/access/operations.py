"""Every operation of the five documents as a request: its address, and a body that the service would accept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.app import documents, load_document
from tests.unit.access.world import PARTS, PASSWORD, Params, World
from tests.unit.courses.quiz_support import GIVEN
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
QUERIES: dict[str, dict[str, str | int]] = {
    "h5p_library_semantics": {"library": "H5P.Quiz 1.0"},
    "preview_quiz": {"seed": 1},
    "completion_report": {"by": "course"},
    "search_topics": {"q": "topic"},
    "search_needs": {"q": "need"},
    "search_courses": {"q": "course"},
}
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
    "set_h5p_library": {"restricted": False},
    "set_finished": {"score": 1, "max_score": 1, "opened": 1, "finished": 2},
    "set_h5p_event_policy": {"keep_days": 30},
    "start_h5p_draft": {},
    "save_h5p_draft": {"params": {}, "metadata": {"title": "T"}},
    "use_h5p_draft": {},
    "start_h5p_upgrade": {"dry_run": True},
    "set_h5p_display": {"hidden": ["embed"]},
    "set_activity_video": {"captions": {"fr": "", "en": ""}, "transcript": {"fr": "", "en": ""}},
    "set_activity_link": {"target_id": "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"},
    "set_block_type": {"allowed": True},
    "publish_course": {"note": pair("News")},
    "set_course_language": {"only_language": None},
    "place_item": {"position": 0},
    "record_statement": {"statement": {}},
    "save_state": {"data_type": "state", "sub_content_id": "0", "state": "{}", "sequence": 1},
    "call_handler": {},
    "set_certificate_settings": {"enabled": True, "signatory_name": "Somebody"},
    "issue_certificate": {"holder_name": "Somebody Else"},
    "save_scorm": {"item_id": "i1", "data": "{}", "sequence": 1},
    "register_xapi_tool": {"name": "T", "scopes": ["statements/write"]},
    "revoke_certificate": {"reason": "Wrong person"},
    "answer_evaluation": {"language": "en", "answers": {"relevance": "4"}},
    "set_gate": {"after": [], "release_days": 3},
    "set_enrolment_rules": {"pace": "self", "after": []},
    "create_cohort": {"name": pair("C"), "starts_on": "2026-11-01", "ends_on": "2100-01-01",
                      "time_zone": "America/Toronto"},
    "update_cohort": {"name": pair("D"), "starts_on": "2026-11-01", "ends_on": "2100-01-01",
                      "time_zone": "America/Toronto"},
    "set_interest": {"wanted": True},
    "beat": {"seconds": 10},
    "nudge_learners": {"account_ids": ["018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"]},
    "set_quiz": {"entries": [], "rules": {}},
    "grade_quiz_preview": {"seed": 1, "answers": {}},
    "save_quiz_answer": {"answer": 0},
    "submit_quiz": {},
    "set_accommodation": {"time_factor": 1.5},
    "add_question": {"question": GIVEN["numeric"]},
    "update_question": {"question": GIVEN["numeric"]},
    "retire_question": {"retired": True},
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
    "add_question_image": lambda _, params: {"upload_id": params["upload_id"]},
    "set_activity_file": lambda _, params: {"upload_id": params["upload_id"], "alt": pair("Alt")},
    "add_h5p_media": lambda _, params: {"upload_id": params["upload_id"], "kind": "image"},
    "set_activity_h5p": lambda _, params: {"upload_id": params["upload_id"]},
    "import_olx": lambda _, params: {"upload_id": params["upload_id"]},
    "set_activity_scorm": lambda _, params: {"upload_id": params["upload_id"]},
    "install_h5p_libraries": lambda _, params: {"upload_id": params["upload_id"]},
    "copy_h5p_content": lambda _, params: {"content_id": params["content_id"]},
    "align_objectives": lambda _, params: {
        "objectives": [{"objective_id": params["objective_id"], "modules": [], "assessments": []}],
    },
    "restore_item": lambda _, params: {"item_id": params["item_id"]},
    "course_counts": lambda _, params: {"course_ids": [params["course_id"]]},
    "open_topic": lambda _, params: {
        "space_id": params.get("space_id") or params["topic_id"], "title": "Topic", "language": "en", "body": "B",
    },
}  # fmt: skip
"""Bodies that depend on the thing."""

for _part in PARTS:
    QUERIES |= _part.QUERIES
    PLAIN |= _part.PLAIN
    MADE |= _part.MADE


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
