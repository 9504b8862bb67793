from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from services.courses.tables import attempts, enrolments, members, results
from shared.actor import Actor
from shared.errors import Forbidden, NotFound
from tests.unit.courses.support import Desk, View, pair, statement
from tests.unit.courses.test_queries import statements_of

NUDGED = "courses.learner.nudged.v1"


def enrolled(desk: Desk, course: View, count: int) -> list[Actor]:
    people = [desk.harness.actor("learner") for _ in range(count)]
    for person in people:
        desk.ask("enrol", person, course_id=course["id"])
    return people


def fail(desk: Desk, person: Actor, activity_id: str, times: int) -> None:
    for number in range(times):
        said = statement("failed", raw=1, result={"score": {"min": 0, "raw": 1, "max": 5}, "success": False,
                                                  "completion": False})  # fmt: skip
        desk.ask("record_statement", person, f"{person.account_id}-{number}", activity_id=activity_id,
                 statement=said, pseudonym="p")  # fmt: skip


def stuck(desk: Desk, course: View, **wanted: Any) -> list[str]:
    found = desk.ask("roster", course_id=course["id"], state="stuck", **wanted)["items"]
    return [row["account_id"] for row in found]


def test_stuck_are_those_who_began_and_made_no_progress_or_failed_three_times(desk: Desk) -> None:
    course = desk.play("h5p-test.h5p", "text", "text")
    play, first, second = course["activities"]
    idle, failing, trying, done, fresh = enrolled(desk, course, 5)
    desk.ask("mark_viewed", idle, activity_id=first)
    fail(desk, failing, play, 3)
    fail(desk, trying, play, 2)
    desk.ask("open_activity", done, course_id=course["id"], activity_id=first)
    assert stuck(desk, course) == [str(failing.account_id)]
    desk.harness.clock.advance(timedelta(days=8))
    desk.ask("mark_viewed", done, activity_id=second)
    assert sorted(stuck(desk, course)) == sorted(str(one.account_id) for one in (idle, failing, trying))
    assert stuck(desk, course, days=30) == [str(failing.account_id)]
    states = {
        state: len(desk.ask("roster", course_id=course["id"], state=state)["items"])
        for state in ("begun", "not-begun", "finished")
    }
    assert states == {"begun": 4, "not-begun": 2, "finished": 0}  # the desk's own learner has not begun
    row = next(one for one in desk.ask("roster", course_id=course["id"])["items"] if one["stuck_at"])
    assert (row["account_id"], row["stuck_at"]["failures"]) == (str(failing.account_id), 3)
    assert fresh.account_id


def test_nudge_reaches_unfinished_learners_of_the_course_once_in_three_days(desk: Desk) -> None:
    course, other = desk.publish(desk.draft("text")), desk.publish(desk.draft("text"))
    begun, finished = enrolled(desk, course, 2)
    stranger = enrolled(desk, other, 1)[0]
    desk.ask("mark_viewed", finished, activity_id=course["activities"][0])
    asked = [str(one.account_id) for one in (begun, finished, stranger)]
    nudge = {"course_id": course["id"], "account_ids": asked}
    assert [desk.ask("nudge_learners", **nudge)["sent"] for _ in range(2)] == [1, 0]
    desk.harness.clock.advance(timedelta(days=4))
    assert desk.ask("nudge_learners", **nudge)["sent"] == 1
    events = [event.data["account_ids"] for event in desk.harness.events("courses") if event.type == NUDGED]
    assert events == [[str(begun.account_id)]] * 2
    with pytest.raises(Forbidden):
        desk.ask("nudge_learners", desk.harness.actor("trainer"), course_id=course["id"], account_ids=asked)


def answer(
    desk: Desk, person: Actor, activity_id: str, response: str, *, right: bool, flagged: bool = False
) -> None:
    """One row of results, as the players write it."""
    mine = (
        select(attempts.c.id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(attempts.c.activity_id == UUID(activity_id), enrolments.c.account_id == person.account_id)
    )
    with desk.service.db.engine.begin() as connection:
        connection.execute(insert(results).values(
            attempt_id=connection.execute(mine).scalar_one(), sub_id="q1", position=0, kind="choice",
            prompt=pair("Question"), response=[response], correct=["Right"], score=1.0 if right else 0.0,
            max_score=1.0, success=right, flagged=flagged, stored_at=desk.harness.clock.now(),
        ))  # fmt: skip


def test_a_question_shows_how_hard_it_is_and_the_commonest_mistakes(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    activity = course["activities"][0]
    people = enrolled(desk, course, 5)
    for person, word in zip(people, ("Right", "Wrong", "Wrong", "Odd", "Right"), strict=True):
        desk.ask("open_activity", person, course_id=course["id"], activity_id=activity)
        answer(desk, person, activity, word, right=word == "Right", flagged=word == "Odd")
    report = desk.ask("activity_report", activity_id=activity)
    question = report["questions"][0]
    assert (question["answers"], question["right"], question["flagged"]) == (5, 0.4, 1)
    assert question["wrong"] == [{"response": ["Wrong"], "count": 2}, {"response": ["Odd"], "count": 1}]
    whole = desk.ask("course_report", course_id=course["id"])
    figures = whole["activities"][0]
    assert (figures["begun"], figures["answers"], figures["flagged"]) == (5, 5, 1)
    assert whole["people"] == {"enrolled": 6, "begun": 5, "finished": 0}
    mine = desk.ask("learner_report", course_id=course["id"], account_id=str(people[1].account_id))
    assert mine["activities"][0]["answers"][0]["response"] == ["Wrong"]
    with pytest.raises(NotFound):
        desk.ask("learner_report", course_id=course["id"], account_id=str(desk.coordinator.account_id))
    for method, ids in (
        ("course_report", {"course_id": course["id"]}),
        ("activity_report", {"activity_id": activity}),
    ):
        with pytest.raises(Forbidden):
            desk.ask(method, desk.coordinator, **ids)


def test_completion_by_province_hides_small_groups(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    people = enrolled(desk, course, 19)
    places = ["QC"] * 11 + ["ON"] * 6 + ["PE"] * 2
    with desk.service.db.engine.begin() as connection:
        for person, place in zip(people, places, strict=True):
            connection.execute(insert(members).values(
                account_id=person.account_id, province=place, sector="health", language="fr", version=1))  # fmt: skip
    for person in people[:6]:
        desk.ask("mark_viewed", person, activity_id=course["activities"][0])
    report = desk.ask("completion_report", desk.coordinator, by="province")
    found = {one["key"]: (one["people"], one["completed"]) for one in report["groups"]}
    assert report["threshold"] == 5
    assert (found["PE"], found["unknown"][0]) == ((None, None), None)  # two people, and the desk's learner
    assert found["ON"] == (None, None) or found["ON"][1] is None
    assert found["QC"][0] == 11
    trainers = desk.ask("completion_report", by="province", course_id=course["id"])
    assert trainers["threshold"] == 11
    with pytest.raises(Forbidden):
        desk.ask("completion_report", desk.learner, by="province")


@pytest.mark.parametrize("by", ["sector", "language", "course", "cohort"])
def test_every_breakdown_answers(desk: Desk, by: str) -> None:
    desk.publish(desk.draft("text"))
    report = desk.ask("completion_report", desk.coordinator, by=by)
    assert [(one["people"], one["completed"]) for one in report["groups"]] == [(None, None)]


@pytest.mark.parametrize(("method", "expected"), [("roster", 4), ("list_cohorts", 6), ("my_learning", 7)])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_need_the_same_number_of_queries(desk: Desk, method: str, expected: int, count: int) -> None:
    course = desk.publish(desk.draft("text"))
    for _ in range(count):
        desk.ask("create_cohort", course_id=course["id"], name=pair("C"), starts_on="2026-11-01",
                 ends_on="2100-01-01", time_zone="America/Toronto")  # fmt: skip
    enrolled(desk, course, count - 1)
    for _ in range(count - 1):
        desk.publish(desk.draft("text"))
    payload: View = {} if method == "my_learning" else {"course_id": course["id"]}
    with statements_of(desk) as seen:
        answer = desk.ask(method, desk.learner if method == "my_learning" else desk.trainer, **payload)
    assert len(answer["going"] if method == "my_learning" else answer["items"]) == count
    assert len(seen) == expected, seen
