from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.courses.domain.evaluations import INSTRUMENTS, MIN_CELL, REACTION, TRANSFER, summary
from services.courses.tables import evaluation_answers, evaluation_requests, messaging
from shared.actor import Actor
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.courses.support import Desk, View

GOOD = {"relevance": "4", "difficulty": "3", "intent": "5"}
DUE = "courses.followup.due.v1"


def finish(desk: Desk, course: View, count: int = 1) -> list[Actor]:
    """So many learners who have completed the course."""
    people = [desk.harness.actor("learner") for _ in range(count)]
    for person in people:
        desk.ask("enrol", person, course_id=course["id"])
        desk.ask("mark_viewed", person, activity_id=course["activities"][0])
    return people


def answer(desk: Desk, person: Actor, course: View, moment: str = "end", **more: Any) -> Any:
    payload = {"course_id": course["id"], "moment": moment, "language": "en", "answers": GOOD} | more
    return desk.ask("answer_evaluation", person, **payload)


@pytest.fixture
def course(desk: Desk) -> View:
    return desk.publish(desk.draft("text"))


def results(desk: Desk, course: View, moment: str = "end") -> View:
    found = desk.ask("evaluation_results", course_id=course["id"])["moments"]
    return next(one for one in found if one["moment"] == moment)


def test_one_answer_a_person_once_the_course_is_completed(desk: Desk, course: View) -> None:
    with pytest.raises(Conflict, match="evaluation-not-open"):
        answer(desk, desk.learner, course)
    with pytest.raises(NotFound):
        answer(desk, desk.coordinator, course)
    person = finish(desk, course)[0]
    assert desk.ask("get_evaluation", person, course_id=course["id"], moment="end")["open"] is True
    answer(desk, person, course)
    with pytest.raises(Conflict, match="evaluation-answered"):
        answer(desk, person, course)
    assert desk.ask("get_evaluation", person, course_id=course["id"], moment="end")["answered"] is True


def test_wrong_answers_are_named_and_nothing_is_kept(desk: Desk, course: View) -> None:
    person = finish(desk, course)[0]
    for wrong in ({"relevance": "9"}, {"relevance": ["1"]}, {"invented": "1"}, {"relevance": 4}):
        with pytest.raises(Invalid):
            answer(desk, person, course, answers=wrong)
    assert desk.counts()["evaluation_answers"] == 0
    answer(desk, person, course)


def test_results_come_five_at_a_time(desk: Desk, course: View) -> None:
    people = finish(desk, course, 2 * MIN_CELL)
    for person in people[: MIN_CELL - 1]:
        answer(desk, person, course, comment="Shorter, please")
    before = results(desk, course)
    assert (before["answered"], before["shown"], before["results"], before["comments"]) == (4, 0, [], [])
    answer(desk, people[MIN_CELL - 1], course, answers={"relevance": "1"})
    five = results(desk, course)
    by_name = {one["name"]: one for one in five["results"]}
    assert five["shown"] == 5
    assert by_name["relevance"]["counts"] == {"1": 1, "2": 0, "3": 0, "4": 4, "5": 0}
    assert by_name["relevance"]["median"] == "4"
    assert by_name["intent"]["counts"] is None  # four answered it
    assert five["comments"] == ["Shorter, please"] * 4
    for person in people[MIN_CELL : 2 * MIN_CELL - 1]:
        answer(desk, person, course)
        assert results(desk, course)["results"] == five["results"]
    answer(desk, people[-1], course)
    assert results(desk, course)["shown"] == 10


def test_an_answer_holds_nothing_of_the_person(desk: Desk, course: View) -> None:
    person = finish(desk, course)[0]
    desk.ask("answer_evaluation", person, key="a-key-of-the-page", course_id=course["id"], moment="end",
             language="fr", answers=GOOD, comment="")  # fmt: skip
    with desk.service.db.engine.connect() as connection:
        row = dict(connection.execute(select(evaluation_answers)).mappings().one())
        remembered = connection.execute(select(messaging.commands)).mappings().all()
    assert row["id"].version == 4
    assert set(row) == {
        "id",
        "course_id",
        "moment",
        "instrument",
        "language",
        "answers",
        "comment",
        "released",
    }
    assert str(person.account_id) not in json.dumps(row, default=str)
    assert "a-key-of-the-page" not in str(remembered)
    assert {column.name for column in evaluation_requests.c} == {
        "enrolment_id", "moment", "due_at", "asked_at", "answered",
    }  # fmt: skip


def test_results_are_for_the_trainer_and_coordinators(desk: Desk, course: View) -> None:
    assert desk.ask("evaluation_results", desk.coordinator, course_id=course["id"])["min_cell"] == 5
    for actor in (desk.learner, desk.harness.actor("trainer")):
        with pytest.raises(Forbidden):
            desk.ask("evaluation_results", actor, course_id=course["id"])


def test_transfer_questions_are_asked_at_30_and_90_days_each_once(desk: Desk, course: View) -> None:
    finish(desk, course)
    times = []
    for _ in range(95):
        desk.harness.clock.advance(timedelta(days=1))
        desk.service.ask_follow_ups()
        desk.service.ask_follow_ups()
        times.append(desk.types().count(DUE))
    assert [times.index(1) + 1, times.index(2) + 1, times[-1]] == [30, 90, 2]
    event = next(one for one in desk.harness.events("courses") if one.type == DUE)
    assert event.data["days"] == 30
    assert set(event.data) == {"course_id", "account_id", "days", "title", "need_id"}


def test_a_question_that_waited_too_long_is_not_asked(desk: Desk, course: View) -> None:
    finish(desk, course)
    desk.harness.clock.advance(timedelta(days=120))
    desk.service.ask_follow_ups()
    assert [one.data["days"] for one in desk.harness.events("courses") if one.type == DUE] == [90]


def test_transfer_is_answered_for_each_objective_and_not_before_its_day(desk: Desk, course: View) -> None:
    people = finish(desk, course, MIN_CELL)
    aim = desk.ask("get_course", course_id=course["id"])["objectives"][0]["id"]
    used = {"objectives": {aim: "once"}, "helped": ["time", "material"], "hindered": []}
    with pytest.raises(Conflict, match="evaluation-not-open"):
        answer(desk, people[0], course, "30", answers=used)
    desk.harness.clock.advance(timedelta(days=30))
    for wrong in ({"objectives": {"x": "once"}}, {"helped": ["time", "time"]}, {"helped": "time"}):
        with pytest.raises(Invalid):
            answer(desk, people[0], course, "30", answers=wrong)
    for person in people:
        answer(desk, person, course, "30", answers=used)
    found = {one["name"]: one for one in results(desk, course, "30")["results"]}
    assert found["objectives"]["each"][0]["objective_id"] == aim
    assert found["objectives"]["each"][0]["counts"]["once"] == 5
    assert found["helped"]["counts"]["material"] == 5
    assert results(desk, course, "30")["instrument"]["kirkpatrick"] == 3
    assert results(desk, course, "90")["answered"] == 0


def test_who_has_answered_early_is_not_reminded(desk: Desk, course: View) -> None:
    person = finish(desk, course)[0]
    desk.harness.clock.advance(timedelta(days=30))
    answer(desk, person, course, "30", answers={})
    desk.service.ask_follow_ups()
    assert DUE not in desk.types()


def test_the_instruments_are_frozen() -> None:
    """A changed word asks for a new version beside the old one; then this hash is of the new words."""

    def digest(instrument: Any) -> str:
        return hashlib.sha256(repr(instrument).encode()).hexdigest()[:12]

    assert {one.version for one in INSTRUMENTS.values()} == {"reaction-1", "transfer-1"}
    assert (digest(REACTION), digest(TRANSFER)) == ("e502d49e7df3", "9937c9ea07c5")
    for one in (REACTION, TRANSFER):
        assert all(set(question.text) == {"fr", "en"} for question in one.questions)


def test_a_small_cell_is_not_counted() -> None:
    question = REACTION.questions[0]
    four = summary(question, [{"relevance": "5"}] * 4)
    assert four == {"n": None, "counts": None, "median": None}
    assert summary(question, [{"relevance": "5"}] * 5)["n"] == 5
