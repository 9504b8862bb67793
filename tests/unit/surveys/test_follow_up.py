"""Follow-up waves: who is asked, when and once; pseudonyms; figures equal to the methods; the verdict's rule."""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from services.surveys.domain.verdict import EVIDENCE
from services.surveys.methods.ratings import Ratings
from services.surveys.methods.response_shift import response_shift
from services.surveys.methods.waves import paired_change
from shared.actor import Actor
from shared.contracts.base import DomainEvent
from shared.contracts.courses import CourseCompleted, CoursePublished, EnrolmentStarted
from shared.errors import CercleError, Forbidden, NotFound
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.surveys.support import PAIR, Desk, View

HANDLERS = {EnrolmentStarted: "on_enrolment_started", CourseCompleted: "on_course_completed",
            CoursePublished: "on_course_published"}  # fmt: skip
# Importance and ability of six people before, after, at 90 days, and the then-test.
BEFORE = [(5, 2), (5, 1), (4, 2), (5, 2), (4, 1), (5, 3)]
AFTER = [(5, 4), (5, 4), (4, 4), (5, 3), (4, 4), (5, 5)]
LATER = [(5, 5), (5, 4), (4, 4), (5, 4), (4, 4), (5, 5)]
THEN = [1, 1, 2, 1, 1, 2]


class Course:
    """A course that answers the top need of a survey, and its learners."""

    def __init__(self, desk: Desk, people: int = 6) -> None:
        self.desk, self.id = desk, new_id()
        self.need = UUID(desk.first_need()["id"])
        self.people = [desk.harness.actor("learner") for _ in range(people)]
        self.hear(CoursePublished(self.id, PAIR, 1, None, self.need))

    def hear(self, told: DomainEvent, times: int = 2) -> None:
        envelope = envelope_of(
            told, source="courses", subject=new_id(), time=self.desk.harness.clock.now(), version=0
        )
        for _ in range(times):
            self.desk.harness.deliver("surveys", HANDLERS[type(told)], envelope)

    def enrol(self, *people: Actor) -> None:
        for person in people or self.people:
            self.hear(EnrolmentStarted(self.id, person.account_id, self.need))  # type: ignore[arg-type]

    def complete(self, *people: Actor) -> None:
        for person in people or self.people:
            self.hear(CourseCompleted(self.id, person.account_id, PAIR, self.need))  # type: ignore[arg-type]

    def answer(self, wave: str, given: list[tuple[Any, Any]], then: list[int] | None = None) -> None:
        for place, (importance, ability) in enumerate(given):
            more = {"then_ability": then[place]} if then else {}
            self.say(self.people[place], wave, importance=importance, ability=ability, **more)

    def say(self, person: Actor, wave: str, **given: Any) -> View:
        found: View = self.desk.ask("answer_follow_up", person, need_id=str(self.need), wave=wave, **given)
        return found

    def job(self, days: float = 0) -> None:
        self.desk.harness.clock.advance(timedelta(days=days))
        run = self.desk.harness.services["surveys"].run_follow_ups  # type: ignore[attr-defined]
        run()

    def lived(self, later: list[tuple[int, int]] | None = None) -> None:
        """From the enrolment to the figures of the ninetieth day."""
        self.enrol()
        self.answer("before", BEFORE)
        self.complete()
        self.answer("after", AFTER, THEN)
        self.job(91)
        self.answer("90-days", later or LATER)
        self.job()

    def loop(self, actor: Actor | None = None) -> View:
        found: View = self.desk.ask("get_loop", actor, need_id=str(self.need))
        return found

    def measure(self, wave: str) -> View | None:
        found: View | None = next(w for w in self.loop()["follow_up"]["waves"] if w["wave"] == wave)[
            "measure"
        ]
        return found


@pytest.fixture
def course(desk: Desk) -> Course:
    return Course(desk)


def code(call: Any, *args: Any, **given: Any) -> str:
    with pytest.raises(CercleError) as caught:
        call(*args, **given)
    return caught.value.fields[0].code if caught.value.fields else caught.value.code


def test_each_wave_is_asked_once_in_its_time_and_left_out_for_good(course: Course) -> None:
    desk, (one, two, three, *_) = course.desk, course.people

    def asked(person: Actor) -> list[str]:
        return [ask["wave"] for ask in desk.ask("list_follow_ups", person)["items"]]

    course.enrol(one, two, three)
    assert asked(one) == asked(two) == ["before"]
    course.say(one, "before", importance=5, ability=2)
    course.say(two, "before", importance=5, ability="na")
    assert code(course.say, one, "before", importance=5, ability=2) == "follow-up-answered"
    course.complete(one, two, three)
    # Who did not answer before cannot be compared, and is asked nothing more.
    assert (asked(one), asked(two), asked(three)) == (["after"], ["after"], [])
    assert code(course.say, one, "after", importance=5, ability=4) == "missing"
    assert code(course.say, one, "30-days", importance=5, ability=4) == "not-found"
    desk.ask("decline_follow_up", two, need_id=str(course.need), wave="after")
    course.job(30)
    course.job()
    assert (asked(one), asked(two)) == (["30-days"], [])
    assert code(course.say, one, "after", importance=5, ability=4, then_ability=2) == "follow-up-over"
    assert code(course.say, one, "30-days", importance=5, ability=4, then_ability=2) == "unknown-field"
    assert code(course.say, one, "30-days", importance=6, ability=4) == "out-of-range"
    told = [e.data["wave"] for e in desk.harness.events("surveys") if e.type == "surveys.followup.asked.v1"
            and e.data["account_id"] == str(one.account_id)]  # fmt: skip
    assert told == ["before", "after", "30-days"]
    assert [ask["wave"] for ask in desk.ask("home", one)["follow_ups"]] == ["30-days"]
    course.job(61)
    course.job(31)
    assert asked(one) == []
    assert course.loop()["follow_up"]["waves"][1]["asked"]["value"] == 2


def test_a_completion_that_comes_first_asks_nothing(course: Course) -> None:
    course.complete(course.people[0])
    course.enrol(course.people[0])
    assert course.desk.ask("list_follow_ups", course.people[0])["items"] == []


def test_figures_are_those_of_the_methods_and_can_be_rebuilt(course: Course) -> None:
    course.lived()
    after, later = course.measure("after"), course.measure("90-days")
    assert after
    assert later
    order = np.lexsort(np.array([(*b, *a, t) for b, a, t in zip(BEFORE, LATER, THEN, strict=True)]).T[::-1])
    waves = [
        Ratings(table[:, [0]], table[:, [1]], ("c1",))
        for table in (np.array(given, float)[order] for given in (BEFORE, LATER))
    ]
    (expected,) = paired_change(*waves, seed=later["manifest"]["seed"])
    assert expected.gap
    assert expected.effect
    assert (later["n"], later["gap"]["change"], later["gap"]["low"], later["gap"]["high"]) == (
        6, expected.gap.change, expected.gap.low, expected.gap.high)  # fmt: skip
    assert later["effect"]["g"] == expected.effect.g
    sides = [np.array([row[1] for row in given], float)[order] for given in (BEFORE, LATER)]
    shift = response_shift(sides[0], sides[1], np.array(THEN, float)[order], seed=later["manifest"]["seed"])
    assert later["shift"]["adjusted"]["value"] == shift.adjusted.value == pytest.approx(3.0)
    assert later["shift"]["observed"]["value"] == pytest.approx(15 / 6)
    checked = course.desk.ask("verify_follow_up", need_id=str(course.need))["waves"]
    assert [(wave["wave"], wave["same"]) for wave in checked] == [("90-days", True), ("after", True)]
    engine = course.desk.harness.services["surveys"].db.engine
    with engine.begin() as connection:
        change = "UPDATE follow_up_answers SET ability = 1 WHERE wave = '90-days' AND ability = 5"
        connection.execute(text(change))
    checked = course.desk.ask("verify_follow_up", need_id=str(course.need))["waves"]
    assert [(wave["wave"], wave["same"]) for wave in checked] == [("90-days", False), ("after", True)]


def test_a_wave_that_lacks_a_few_people_of_another_shows_its_change_alone(desk: Desk) -> None:
    """Else the mean of before over ten, less that over nine, would be the answer of who stopped answering."""
    course = Course(desk, 10)
    course.enrol()
    course.answer("before", [(5, 1 + place % 3) for place in range(10)])
    course.complete()
    course.answer("after", [(5, 4)] * 10, [1 + place % 2 for place in range(10)])
    course.job()
    course.job(31)
    course.answer("30-days", [(5, 3 + place % 3) for place in range(9)])
    course.job()
    course.job(61)
    course.answer("90-days", [(5, 4 + place % 2) for place in range(5)])
    course.job()
    after, month, later = (course.measure(wave) for wave in ("after", "30-days", "90-days"))
    assert after
    assert month
    assert later
    assert (after["n"], month["n"], later["n"]) == (10, 9, 5)
    assert [one["gap"]["before"] is None for one in (after, month, later)] == [False, True, False]
    assert (after["shift"] is None, month["shift"], month["mwds"]["after"]) == (False, None, None)
    assert month["gap"]["change"] is not None
    checked = desk.ask("verify_follow_up", need_id=str(course.need))["waves"]
    assert [wave["same"] for wave in checked] == [True] * 3


def test_under_five_pairs_nothing_is_shown_and_later_ones_wait_for_five(desk: Desk) -> None:
    course = Course(desk, 10)
    course.enrol()
    course.answer("before", [(5, 2)] * 10)
    course.complete()
    for place, person in enumerate(course.people):
        course.say(person, "after", importance=5, ability=4, then_ability=2)
        course.job()
        measure = course.measure("after")
        assert (measure or {}).get("n") == {3: None, 4: 5, 8: 5, 9: 10}.get(place, None if place < 4 else 5)
    shown = course.loop(desk.harness.actor("learner"))["follow_up"]["waves"]
    assert [wave["rate"] for wave in shown] == [1.0, 1.0, None, None]


def test_met_partly_and_unmet_by_the_rule_that_is_shown(desk: Desk) -> None:
    for later, gap_left, verdict in (
        (LATER, None, "met"),  # 0.17 left of 2.83
        (AFTER, None, "partly-met"),  # 0.67 left
        (AFTER, 0.7, "met"),
        (BEFORE, 4, "unmet"),  # nothing changed, whatever may be left
    ):
        course = Course(desk)
        if gap_left is not None:
            desk.ask("set_verdict_rule", need_id=str(course.need), gap_left=gap_left)
        course.lived(later)
        loop = course.loop()
        said = loop["follow_up"]["verdict"]
        assert (said["verdict"], loop["need"]["status"], said["figures"]["n"]) == (verdict, verdict, 6)
        assert said["rule"] == {"gap_left": 0.5 if gap_left is None else gap_left, "wave": "90-days"}
        met = loop["steps"][-1]
        assert (met["state"], met["figure"]["verdict"]) == (
            "done" if verdict == "met" else "declined",
            verdict,
        )
        assert code(desk.ask, "set_verdict_rule", need_id=str(course.need), gap_left=4) == "rule-fixed"
    told = [e.data["verdict"] for e in desk.harness.events("surveys") if e.type == "surveys.need.assessed.v1"]
    assert told == ["met", "partly-met", "met", "unmet"]
    draft = desk.ask("carry_needs_over")
    assert [(item["code"], draft["status"]) for item in draft["items"]] == [("c1", "draft")]


def test_superseded_is_a_coordinators_decision_and_stays(course: Course) -> None:
    desk = course.desk
    payload: View = {"need_id": str(course.need), "reason": PAIR}
    assert code(desk.ask, "carry_needs_over") == "nothing-unmet"
    with pytest.raises(Forbidden):
        desk.ask("supersede_need", course.people[0], **payload)
    with pytest.raises(Forbidden):
        desk.ask("set_verdict_rule", course.people[0], need_id=str(course.need), gap_left=1)
    desk.ask("supersede_need", **payload)
    course.enrol()
    assert desk.ask("list_follow_ups", course.people[0])["items"] == []
    said = course.loop(course.people[0])["follow_up"]["verdict"]
    assert (said["verdict"], said["reason"]) == ("superseded", PAIR)
    assert code(desk.ask, "supersede_need", **payload) == "already-superseded"
    assert [n["code"] for n in desk.ask("list_needs", status="superseded")["items"]] == ["c1"]


def test_other_words_are_another_series(course: Course) -> None:
    one, two = course.people[:2]
    course.enrol(one)
    course.say(one, "before", importance=5, ability=2)
    with course.desk.harness.services["surveys"].db.engine.begin() as connection:
        words = json.dumps({"fr": "autre", "en": "other"})
        connection.execute(text(f"UPDATE needs SET statement = '{words}' WHERE code = 'c1'"))
    course.enrol(two)
    course.complete(one)
    asks = {person: course.desk.ask("list_follow_ups", person)["items"] for person in (one, two)}
    # Who began with the old words is asked the old words again.
    assert (asks[one][0]["wave"], asks[one][0]["statement"]) == ("after", PAIR)
    assert asks[two][0]["statement"]["en"] == "other"
    assert course.loop()["follow_up"]["series"]["number"] == 2


def test_no_call_gives_the_link_and_it_goes_with_the_last_question(course: Course) -> None:
    desk = course.desk
    course.lived()
    engine = desk.harness.services["surveys"].db.engine

    def read(sql: str, at: int = 0) -> list[str]:
        with engine.connect() as connection:
            return [str(row[at]) for row in connection.execute(text(sql))]

    names = read("SELECT pseudonym FROM follow_up_answers")
    assert len(set(names)) == 6
    assert read("SELECT count(*) FROM follow_up_pseudonyms") == ["0"]  # asked for the last time: forgotten
    views = [desk.ask("get_loop", person, need_id=str(course.need)) for person in (None, course.people[0])]
    views += [desk.ask(method) for method in ("list_loops", "home", "list_decisions", "list_follow_ups")]
    views += [desk.ask("verify_follow_up", need_id=str(course.need))]
    views += [event.to_dict() for event in desk.harness.events("surveys")]
    said = json.dumps(views, default=str).replace("-", "")
    assert [name for name in names if name.replace("-", "") in said] == []
    # One's own earlier answers are not given back either: they would anchor the next.
    question = desk.ask("get_follow_up", course.people[0], need_id=str(course.need), wave="90-days")
    assert (question["state"], "importance" in question, "ability" in question) == ("answered", False, False)
    columns = read("PRAGMA table_info(follow_up_answers)", 1)
    assert not {"account_id", "created_at", "answered_at"} & set(columns)
    # The table of links is read and written where answers are taken and nowhere else.
    from services.surveys import measuring, verification
    from services.surveys.queries import follow_up as views_module

    for module in (measuring, verification, views_module):
        assert "pseudonym_links" not in inspect.getsource(module)


def test_questions_of_others_are_unknown(course: Course) -> None:
    course.enrol(course.people[0])
    answer: View = {"importance": 1, "ability": 1}
    for method in ("get_follow_up", "decline_follow_up", "answer_follow_up"):
        more = answer if method == "answer_follow_up" else {}
        with pytest.raises(NotFound):
            course.desk.ask(method, course.people[1], need_id=str(course.need), wave="before", **more)


def test_a_completion_is_never_learning(course: Course) -> None:
    evidence = {one["kind"]: one for one in course.loop()["evidence"]}
    assert {kind: one["shows_learning"] for kind, one in evidence.items()} == {
        "enrolments": False,
        "completions": False,
    }
    assert course.loop()["follow_up"]["evidence"]["ltem"] == EVIDENCE["self-rated-gap"].ltem == 3
