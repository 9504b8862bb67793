"""Fields that nobody offered, and ids of two owners in one call."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from shared.errors import CercleError
from tests.unit.access.operations import OPERATIONS, body_of, send
from tests.unit.access.table import TABLE
from tests.unit.access.world import Params, World
from tests.unit.courses.support import pair, statement

# What a forger would add: the rights, owners, states and inner arguments of any command.
FORGED = {
    "roles": ["admin"], "status": "active", "email_verified": True, "pseudonym": "somebody", "account_id": str(uuid4()),
    "author_id": str(uuid4()), "opened_by": str(uuid4()), "created_by": str(uuid4()), "version": 1, "edition": 9,
    "method": "get_contact", "service": "identity", "timeout": 600, "actor": {"roles": ["admin"]}, "network": "10.0.0.1",
    "user_agent": "x", "session": "x", "survey_id": str(uuid4()), "course_id": str(uuid4()), "topic_id": str(uuid4()),
    "storage_key": "uploads/x", "endorsements": 99, "decided_by": str(uuid4()), "seed": 1, "invited": 1, "rank": 1,
    "score": 1, "completed_at": "2026-01-01T00:00:00Z", "password_hash": "x", "id": str(uuid4()),
}  # fmt: skip
TARGETS = {
    "{survey_id}": "open_survey", "{need_id}": "need", "{proposal_id}": "proposal", "{course_id}": "draft_course",
    "{module_id}": "draft_course", "{unit_id}": "draft_course", "{item_id}": "draft_course",
    "{activity_id}": "draft_course", "{objective_id}": "draft_course", "{topic_id}": "topic", "{post_id}": "topic",
    "{account_id}": "newcomer",
}  # fmt: skip
OPEN = {"open_survey"}
OFFERED = {
    ("seed_account", "roles"),
    ("open_vote", "roles"),  # of those entitled
    ("call_handler", "method"),
    ("edit_post", "version"),
    ("set_quiz", "version"),
    ("update_question", "version"),
}
WITH_BODY = sorted(name for name, operation in OPERATIONS.items() if operation.has_body)


def target_of(world: World, operation: str) -> Params:
    path = OPERATIONS[operation].path
    if operation == "set_activity_file":
        return world.kept("file_draft")
    if operation == "set_activity_h5p":
        return world.kept("h5p_draft")
    if operation == "open_topic":
        return world.kept("topic")
    if operation == "course_counts":
        return world.kept("draft_course")
    usual = next((target for part, target in TARGETS.items() if part in path), "any")
    named = [target for target in TABLE[operation] if target != "unknown"]
    return world.kept(usual if usual in named or usual in OPEN else named[0])


@pytest.mark.parametrize("operation", WITH_BODY)
def test_a_field_that_is_not_offered_is_refused_and_nothing_is_written(
    operation: str, world: World, books: Any
) -> None:
    params = target_of(world, operation)
    body = body_of(world, operation, params)
    before = books.edition()
    for name, value in FORGED.items():
        if name in body or (operation, name) in OFFERED:
            continue
        answer = send(world, "admin", operation, params, json={**body, name: value})
        told = (answer.status_code, [(one["path"], one["code"]) for one in answer.json().get("errors", [])])
        assert told == (422, [(name, "unknown-field")]), (operation, name, answer.text)
    assert books.edition() == before


# ---------------------------------------------------------------------- two owners in one call
def refused(world: World, who: str, operation: str, params: Params, **more: Any) -> tuple[int, str]:
    answer = send(world, who, operation, params, **more)
    return answer.status_code, answer.json()["code"]


def test_an_activity_of_another_course_is_not_found_in_this_one(world: World) -> None:
    mine, other = world.made("course"), world.made("course")
    mixed = mine | {"activity_id": other["activity_id"]}
    assert refused(world, "learner", "open_activity", mixed) == (404, "not-found")
    preview = {"course_id": mine["course_id"], "activity_id": other["activity_id"], "preview": True}
    with pytest.raises(CercleError) as caught:
        world.call("trainer", "courses", "open_activity", **preview)
    assert caught.value.code == "not-found"


def test_an_activity_of_a_course_one_is_not_enrolled_in_keeps_nothing(world: World) -> None:
    """The learner is enrolled in every `course`; the other learner in none but their own."""
    theirs, mine = world.made("course"), world.made("course")
    world.call("other learner", "courses", "enrol", course_id=mine["course_id"])
    for operation in ("mark_viewed", "save_state", "call_handler"):
        assert refused(world, "other learner", operation, theirs) == (404, "not-found")
    told = refused(world, "other learner", "record_statement", theirs, json={"statement": statement()})
    assert told == (404, "not-found")


def test_an_item_of_another_survey_is_no_answer_here(world: World) -> None:
    here = world.made("open_survey")
    there = world.desk.launched(items=[{"code": "own.elsewhere", "statement": pair("Elsewhere")}])
    foreign = {item["code"]: {"importance": 3, "ability": 3} for item in there["items"]}
    for operation in ("save_survey_draft", "submit_response"):
        body = {"answers": foreign, "language": "en"}
        assert refused(world, "learner", operation, here, json=body)[0] == 422, operation
    assert world.desk.ask("get_progress", survey_id=here["survey_id"])["responses"] == 0


def test_an_item_id_of_another_survey_becomes_a_new_item(world: World) -> None:
    there, here = world.made("draft_survey"), world.made("draft_survey")
    before = world.desk.ask("get_survey", survey_id=there["survey_id"])["items"]
    body = {"items": [{"id": before[0]["id"], "statement": pair("Taken over")}]}
    edited = send(world, "coordinator", "edit_survey", here, json=body).json()
    assert edited["items"][0]["id"] != before[0]["id"]
    assert world.desk.ask("get_survey", survey_id=there["survey_id"])["items"] == before


def test_an_item_named_twice_is_refused(world: World) -> None:
    here = world.made("draft_survey")
    item = world.desk.ask("get_survey", survey_id=here["survey_id"])["items"][0]
    twice = {
        "items": [{"id": item["id"], "statement": pair("A")}, {"id": item["id"], "statement": pair("B")}]
    }
    answer = send(world, "coordinator", "edit_survey", here, json=twice)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "duplicate")


def test_an_upload_of_another_person_cannot_be_taken(world: World) -> None:
    mine = world.made("file_draft")
    foreign = {"upload_id": world.upload("other trainer"), "alt": pair("Alt")}
    assert refused(world, "trainer", "set_activity_file", mine, json=foreign) == (404, "not-found")
    assert refused(world, "admin", "set_activity_file", mine) == (404, "not-found")
    edit = send(world, "trainer", "set_activity_file", mine).json()
    taken = mine | {"version": edit["version"]}
    assert refused(world, "trainer", "set_activity_file", taken) == (404, "not-found")


def test_a_version_of_another_thing_is_stale(world: World) -> None:
    one = world.made("draft_survey")
    assert refused(world, "coordinator", "edit_survey", one | {"version": 7}) == (412, "stale")


def test_a_second_proposal_of_a_need_is_refused_and_the_first_stays(world: World) -> None:
    need = world.made("free_need")
    first = send(world, "coordinator", "open_proposal", need).json()
    assert refused(world, "coordinator", "open_proposal", need) == (409, "proposal-already-open")
    assert world.desk.ask("get_need", need_id=need["need_id"])["open_proposal_id"] == first["id"]


def test_a_system_service_cannot_be_played_by_a_person(world: World) -> None:
    """Only the notifications service, under its own signature, may ask for an address."""
    account = str(world.actors["learner"].account_id)
    for who in ("admin", "coordinator"):
        with pytest.raises(CercleError) as caught:
            world.call(who, "identity", "get_contact", account_id=account)
        assert caught.value.code == "not-found"
    with pytest.raises(CercleError) as caught:
        world.harness.call_as_service("courses", "identity", "get_contact", {"account_id": account})
    assert caught.value.code == "not-found"
