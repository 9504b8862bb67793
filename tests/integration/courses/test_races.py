"""What only PostgreSQL shows: transactions that really run together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.courses.players import blocks
from services.courses.tables import h5p_libraries, items, statements, states, xblock_definitions
from shared.contracts.surveys import ProposalApproved
from shared.errors import CercleError
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.courses.support import PACKAGES, Desk, pair, statement
from tests.unit.courses.test_runtime import PollBlock

TOGETHER = 20
HELLO = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()


def together(work: Callable[[int], Any], count: int = TOGETHER) -> list[Any]:
    """Results, or the codes of errors, of `count` calls that start at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(timeout=20)
        try:
            return work(number)
        except CercleError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def record(desk: Desk, activity_id: str, said: dict[str, Any], key: str | None = None) -> Any:
    return desk.ask(
        "record_statement", desk.learner, key, activity_id=activity_id, statement=said, pseudonym="p"
    )


def rows(desk: Desk, table: Any) -> list[dict[str, Any]]:
    with desk.service.db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def test_twenty_statements_on_twenty_activities_complete_each_part_once(desk: Desk) -> None:
    course = desk.play("h5p-test.h5p", *["text"] * (TOGETHER - 1))
    play, *texts = course["activities"]

    def work(number: int) -> Any:
        if number:
            return desk.ask("mark_viewed", desk.learner, activity_id=texts[number - 1])
        return record(desk, play, statement())

    told = together(work)
    assert sorted(round(view["progress"] * TOGETHER) for view in told) == list(range(1, TOGETHER + 1))
    assert Counter(view["course_completed"] for view in told) == {False: TOGETHER - 1, True: 1}
    counted = Counter(desk.types())
    assert {name: counted[f"courses.{name}.completed.v1"] for name in ("unit", "module", "course")} == {
        "unit": 1, "module": 1, "course": 1,
    }  # fmt: skip


def test_twenty_copies_of_one_statement_are_one(desk: Desk) -> None:
    course = desk.play()
    said = statement(id=str(new_id()))
    told = together(lambda number: record(desk, course["activities"][0], said, f"k{number}"))
    assert {view["score"] for view in told} == {0.8}
    assert (len(rows(desk, statements)), desk.types().count("courses.course.completed.v1")) == (1, 1)


def test_twenty_different_statements_keep_the_best_score(desk: Desk) -> None:
    course = desk.play()
    together(lambda number: record(desk, course["activities"][0], statement(raw=number, highest=TOGETHER)))
    learner = desk.ask("roster", course_id=course["id"])["items"][0]
    assert (learner["score"], len(rows(desk, statements))) == ((TOGETHER - 1) / TOGETHER, TOGETHER)


def test_twenty_states_leave_the_highest_sequence(desk: Desk) -> None:
    course = desk.play()
    base = {"activity_id": course["activities"][0], "data_type": "state", "sub_content_id": "0"}
    together(lambda number: desk.ask("save_state", desk.learner, **base, state=f"s{number}", sequence=number))
    kept = rows(desk, states)
    assert [(row["state"], row["sequence"]) for row in kept] == [(f"s{TOGETHER - 1}", TOGETHER - 1)]


def test_twenty_enrolments_of_one_person_are_one(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    person = desk.harness.actor("learner")
    told = together(lambda _: desk.ask("enrol", person, course_id=course["id"]))
    assert len({view["id"] for view in told}) == 1
    assert desk.types().count("courses.enrolment.started.v1") == 2  # theirs, and the desk's own learner


def test_one_of_twenty_editors_of_a_version_wins(desk: Desk) -> None:
    course = desk.draft("text")
    version = desk.version(course["id"])
    told = together(
        lambda number: desk.ask(
            "rename_item", item_id=course["unit"], version=version, title=pair(f"by {number}")
        )
    )
    assert Counter(x if isinstance(x, str) else "saved" for x in told) == {"stale": TOGETHER - 1, "saved": 1}
    assert desk.version(course["id"]) == version + 1


def test_twenty_additions_without_version_all_stay_in_order(desk: Desk) -> None:
    course = desk.draft()
    together(lambda number: desk.ask("add_module", course_id=course["id"], title=pair(str(number))))
    modules = [row for row in rows(desk, items) if row["kind"] == "module"]
    assert sorted(row["position"] for row in modules) == list(range(TOGETHER + 1))


def test_one_of_twenty_trainers_takes_a_draft(desk: Desk) -> None:
    told_by = {"proposal": new_id(), "need": new_id()}
    event = ProposalApproved(told_by["proposal"], told_by["need"], pair("P"), pair("N"), "live", new_id())

    def tell(_: int) -> bool:
        envelope = envelope_of(
            event, source="surveys", subject=told_by["proposal"], version=1, time=desk.harness.clock.now()
        )
        return desk.harness.deliver("courses", "on_proposal_approved", envelope)

    together(tell)
    drafts = desk.ask("list_drafts")["items"]
    assert [UUID(draft["proposal_id"]) for draft in drafts] == [told_by["proposal"]]
    told = together(
        lambda _: desk.ask("take_course", desk.harness.actor("trainer"), course_id=drafts[0]["id"])
    )
    assert Counter(x if isinstance(x, str) else "taken" for x in told) == {
        "course-already-taken": TOGETHER - 1, "taken": 1,
    }  # fmt: skip
    assert desk.types().count("courses.course.drafted.v1") == 1


def test_twenty_votes_in_a_shared_field_are_all_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(blocks.BLOCKS, "poll", PollBlock)
    course = desk.publish(desk.draft("text"))
    with desk.service.db.engine.begin() as connection:
        connection.execute(xblock_definitions.update().values(block_type="poll"))
    people = [desk.harness.actor("learner") for _ in range(TOGETHER)]
    for person in people:
        desk.ask("enrol", person, course_id=course["id"])
    payload = {
        "activity_id": course["activities"][0],
        "handler": "answer",
        "body": json.dumps({"vote": "yes"}),
    }
    told = together(lambda number: desk.ask("call_handler", people[number], **payload))
    tallies = sorted(json.loads(view["body"])["tally"]["yes"] for view in told)
    assert tallies == list(range(1, TOGETHER + 1))


def test_six_installations_of_one_package_share_their_libraries(desk: Desk) -> None:
    course = desk.draft(*["h5p"] * 6)
    uploads = [desk.upload(HELLO, "package.h5p") for _ in range(6)]
    told = together(
        lambda number: desk.ask(
            "set_activity_h5p", activity_id=course["activities"][number], upload_id=uploads[number]
        ),
        6,
    )
    assert {view["main_library"] for view in told} == {"H5P.TrueFalse-1.6"}
    installed = rows(desk, h5p_libraries)
    desk.service.empty_trash()
    assert all(
        desk.service.storage.exists(f"h5p/libraries/{row['folder']}/library.json") for row in installed
    )
    assert len({key.split("/")[2] for key in desk.stored() if key.startswith("h5p/content/")}) == 6
    assert (desk.counts()["trash"], desk.counts()["uploads"]) == (0, 0)
