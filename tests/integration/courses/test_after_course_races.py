"""Certificates, evaluations, statements and SCORM data on PostgreSQL, where transactions really run together."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

from shared.actor import VISITOR
from shared.errors import CercleError
from tests.unit.courses.scorm_packages import scorm_12
from tests.unit.courses.support import Desk
from tests.unit.courses.test_certificates import SIGNED
from tests.unit.courses.test_scorm import placed

COUNT = 6
MBOX = {"mbox": "mailto:somebody@example.org"}


def together(work: Any, count: int = COUNT) -> list[Any]:
    """Results, or the codes of errors, of calls that start at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(timeout=20)
        try:
            return work(number)
        except CercleError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_certificates_and_answers_of_many_at_once(desk: Desk) -> None:
    course = desk.draft("text")
    version = desk.version(course["id"])
    desk.ask("set_certificate_settings", course_id=course["id"], version=version, **SIGNED)
    desk.publish(course)
    people = [desk.harness.actor("learner") for _ in range(COUNT)]
    for person in people:
        desk.ask("enrol", person, course_id=course["id"])
        desk.ask("mark_viewed", person, activity_id=course["activities"][0])

    def issue(number: int) -> Any:
        payload = {"course_id": course["id"], "holder_name": f"Person {number}"}
        return desk.ask("issue_certificate", people[number], **payload)

    made = together(issue, 3)
    assert all(isinstance(one, dict) for one in made), made
    assert len({one["code"] for one in made}) == 3
    assert together(lambda _: issue(3), 3).count("certificate-issued") == 2

    def answer(number: int) -> Any:
        payload = {
            "course_id": course["id"],
            "moment": "end",
            "language": "en",
            "answers": {"relevance": "4"},
        }
        return desk.ask("answer_evaluation", people[number], **payload)

    assert together(answer) == [{"answered": True}] * COUNT
    end = desk.ask("evaluation_results", course_id=course["id"])["moments"][0]
    assert (end["answered"], end["shown"] >= 5) == (COUNT, True)
    desk.harness.clock.advance(timedelta(days=31))
    together(lambda _: desk.service.ask_follow_ups(), 2)
    assert desk.types().count("courses.followup.due.v1") == COUNT


def test_statements_of_a_tool_and_of_players_are_one_sequence(desk: Desk) -> None:
    made = desk.ask("register_xapi_tool", desk.admin, name="T", scopes=["all"])
    tool: Any = {"credentials": {"key": made["key"], "secret": made["secret"]}}
    one: Any = {
        "id": str(uuid4()), "actor": MBOX, "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
        "object": {"id": "https://tool.example/1"}, "context": {"registration": str(uuid4())},
    }  # fmt: skip
    results = together(lambda _: desk.ask("xapi_store", VISITOR, statements=[one], **tool))
    assert results == [{"ids": [one["id"]]}] * COUNT
    for wanted in (
        {}, {"verb": one["verb"]["id"]}, {"activity": "https://tool.example/1"}, {"agent": json.dumps(MBOX)},
        {"registration": one["context"]["registration"]}, {"statement_id": one["id"]},
    ):  # fmt: skip
        found = desk.ask("xapi_find", VISITOR, **tool, **wanted)
        assert (found.get("id") or found["statements"][0]["id"]) == one["id"], wanted
    assert desk.ask("xapi_find", desk.learner, pseudonym="p")["statements"] == []
    place: Any = {
        "activity_id": "https://a.example",
        "agent": MBOX,
        "state_id": "s",
        "content_type": "text/plain",
    }
    first = together(
        lambda number: (
            desk.ask("xapi_write_state", VISITOR, **tool, **place, content="eA==", if_none_match="*")
            | {"number": number}
        )
    )
    assert sum(isinstance(answer, dict) for answer in first) >= 1
    assert {answer for answer in first if isinstance(answer, str)} <= {"xapi-state-changed"}


def test_scorm_data_of_one_learner_queue(desk: Desk) -> None:
    course = placed(desk, scorm_12())
    data = json.dumps({"core": {"lesson_status": "passed", "score": {"raw": "8", "max": "10"}}})

    def save(number: int) -> Any:
        payload = {"activity_id": course["activities"][0], "item_id": "i1", "sequence": number}
        return desk.ask("save_scorm", desk.learner, data=data, **payload)

    found = together(save)
    assert [one["course_completed"] for one in found].count(True) == 1
