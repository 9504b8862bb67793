from itertools import permutations
from uuid import UUID

import pytest

from shared.actor import Actor
from shared.contracts.base import DomainEvent
from shared.contracts.community import TopicOpened
from shared.contracts.courses import CourseCompleted, CourseDrafted, CoursePublished, EnrolmentStarted
from shared.contracts.identity import AccountDisabled, AccountRegistered, AccountUpdated
from shared.errors import Forbidden, NotFound
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.surveys.support import PAIR, TEXTS, Desk, View

HANDLERS = {
    CourseDrafted: "on_course_drafted", CoursePublished: "on_course_published",
    EnrolmentStarted: "on_enrolment_started", CourseCompleted: "on_course_completed", TopicOpened: "on_topic_opened",
    AccountRegistered: "on_account_registered", AccountUpdated: "on_account_updated",
    AccountDisabled: "on_account_disabled",
}  # fmt: skip


def hear(desk: Desk, told: DomainEvent, version: int = 0, times: int = 2) -> None:
    """Deliver an event, more than once as a broker may."""
    envelope = envelope_of(
        told, source="courses", subject=new_id(), version=version, time=desk.harness.clock.now()
    )
    for _ in range(times):
        desk.harness.deliver("surveys", HANDLERS[type(told)], envelope)


def approved(desk: Desk) -> tuple[UUID, UUID]:
    need = desk.first_need()
    proposal = desk.ask("open_proposal", need_id=need["id"], **TEXTS)
    desk.ask("decide_proposal", proposal_id=proposal["id"], version=1, outcome="approved", reason=PAIR)
    return UUID(need["id"]), UUID(proposal["id"])


def states(loop: View) -> list[str]:
    return [step["state"] for step in loop["steps"]]


def test_loop_runs_from_survey_to_completion(desk: Desk) -> None:
    need_id, proposal_id = approved(desk)
    course, topic = new_id(), new_id()
    loop = desk.ask("get_loop", need_id=str(need_id))
    assert states(loop) == ["done"] * 4 + ["current", "waiting", "waiting"]
    hear(desk, CourseDrafted(course, PAIR, proposal_id, need_id))
    hear(desk, TopicOpened(topic, new_id(), None, proposal_id, need_id))
    loop = desk.ask("get_loop", need_id=str(need_id))
    assert (loop["course"], loop["topic_id"]) == (
        {
            "id": str(course),
            "title": PAIR,
            "status": "drafted",
            "since": desk.harness.clock.now().isoformat(),
        },
        str(topic),
    )
    assert loop["need"]["status"] == "drafted"
    hear(desk, CoursePublished(course, PAIR, 1, proposal_id, need_id))
    people = [new_id() for _ in range(6)]
    for person in people:
        hear(desk, EnrolmentStarted(course, person, need_id))
    hear(desk, CourseCompleted(course, people[0], PAIR, need_id))
    loop = desk.ask("get_loop", need_id=str(need_id))
    assert (loop["enrolments"]["value"], loop["completions"]["value"]) == (6, 1)
    assert states(loop) == ["done"] * 6 + ["current"]
    assert loop["figures"]["value"] == pytest.approx(10.1111, abs=1e-4)
    asked = loop["follow_up"]["waves"][0]["asked"]["value"]
    assert (loop["decision"]["outcome"], asked, loop["need"]["status"]) == ("approved", 6, "published")


def test_small_counts_are_for_staff_only(desk: Desk) -> None:
    need_id, _ = approved(desk)
    course = new_id()
    hear(desk, CoursePublished(course, PAIR, 1, None, need_id))
    for person in (new_id() for _ in range(4)):
        hear(desk, EnrolmentStarted(course, person, need_id))
    hear(desk, CourseCompleted(course, new_id(), PAIR, need_id))
    shown = {role: desk.ask("get_loop", desk.harness.actor(role), need_id=str(need_id))
             for role in ("learner", "facilitator", "trainer", "coordinator", "researcher")}  # fmt: skip
    values = {role: loop["enrolments"]["value"] for role, loop in shown.items()}
    assert values == {"learner": None, "facilitator": None, "trainer": 4, "coordinator": 4, "researcher": 4}
    assert shown["learner"]["enrolments"] == {"value": None, "fewer_than": 5}
    assert "'value': 4" not in str(shown["learner"]["steps"])
    assert states(shown["learner"])[5] == "current"
    assert states(shown["trainer"])[5] == "done"


def test_loop_is_the_same_whatever_the_order_of_events(desk: Desk) -> None:
    need_id, proposal_id = approved(desk)
    seen = []
    for order in permutations(range(4)):
        course, person = new_id(), new_id()
        told: list[DomainEvent] = [
            CourseDrafted(course, PAIR, proposal_id, need_id),
            CoursePublished(course, {"fr": "neuf", "en": "new"}, 2, proposal_id, need_id),
            CoursePublished(course, PAIR, 1, proposal_id, need_id),
            EnrolmentStarted(course, person, need_id),
        ]
        for place in order:
            hear(desk, told[place])
        found = desk.ask("get_loop", need_id=str(need_id))
        of_course = desk.ask("need_of_course", course_id=str(course))
        seen.append((found["course"]["title"]["en"], found["need"]["status"], of_course["proposal"]["id"]))
    assert set(seen) == {("new", "published", str(proposal_id))}
    assert desk.ask("get_loop", need_id=str(need_id))["enrolments"]["value"] == len(seen)


def test_course_without_a_need_is_nobodys_loop(desk: Desk) -> None:
    course = new_id()
    hear(desk, CourseDrafted(course, PAIR))
    hear(desk, CoursePublished(course, PAIR, 1))
    hear(desk, EnrolmentStarted(course, new_id()))
    hear(desk, TopicOpened(new_id(), new_id()))
    with pytest.raises(NotFound):
        desk.ask("need_of_course", course_id=str(course))
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        for table in ("loop_courses", "loop_learners", "loop_topics"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def test_published_before_drafted_and_before_the_decision(desk: Desk) -> None:
    need_id = UUID(desk.first_need()["id"])
    hear(desk, CoursePublished(new_id(), PAIR, 1, None, need_id))
    loop = desk.ask("get_loop", need_id=str(need_id))
    assert (loop["need"]["status"], states(loop)) == ("published", ["done"] * 5 + ["current", "waiting"])


def test_board_is_for_coordinators(desk: Desk) -> None:
    desk.first_need()
    assert [loop["need"]["code"] for loop in desk.ask("list_loops")["items"]] == ["c1", "c4", "c2", "c3"]
    assert desk.ask("list_loops", status="published")["items"] == []
    for role in ("learner", "trainer", "researcher"):
        with pytest.raises(Forbidden):
            desk.ask("list_loops", desk.harness.actor(role))


def test_members_projection_counts_who_is_asked(desk: Desk) -> None:
    one, two, three = new_id(), new_id(), new_id()
    hear(desk, AccountUpdated(one, ["trainer"], "fr", "America/Toronto"), version=3)
    hear(desk, AccountRegistered(one, ["learner"], "fr", "America/Toronto"), version=1)
    hear(desk, AccountUpdated(one, ["learner"], "fr", "America/Toronto"), version=2)
    hear(desk, AccountRegistered(two, ["learner", "trainer"], "en", "America/Regina"), version=1)
    hear(desk, AccountDisabled(three), version=2)
    hear(desk, AccountRegistered(three, ["learner"], "fr", "America/Toronto"), version=1)
    everyone, trainers = desk.launched(), desk.launched(audience_roles=["trainer"])
    learners = desk.launched(audience_roles=["learner"])
    invited = [desk.ask("get_progress", survey_id=s["id"])["invited"] for s in (everyone, trainers, learners)]
    assert invited == [2, 2, 1]
    assert [row["invited"] for row in desk.ask("home")["coordinator"]["closing"]] == [2, 2, 1]
    person = Actor(one, frozenset({"trainer"}))
    answers = {i["code"]: {"importance": 1, "ability": 1} for i in trainers["items"]}
    desk.ask("submit_response", person, survey_id=trainers["id"], answers=answers, language="fr")
    assert desk.ask("get_progress", survey_id=trainers["id"])["response_rate"] == 0.5
    desk.ask("close_survey", survey_id=trainers["id"])
    hear(desk, AccountDisabled(two), version=2)
    assert desk.ask("get_results", survey_id=trainers["id"])["invited"] == 2


@pytest.mark.parametrize(
    ("method", "queries"),
    [("list_surveys", 1), ("list_needs", 1), ("list_proposals", 1), ("list_loops", 10), ("home", 8)],
)
def test_lists_ask_as_often_for_three_rows_as_for_one(
    desk: Desk, statements: list[str], method: str, queries: int
) -> None:
    told = []
    for _ in range(3):
        survey = desk.ranked()
        desk.launched()
        need = desk.ask("list_needs", survey_id=survey["id"])["items"][0]
        desk.ask("open_proposal", need_id=need["id"], **TEXTS)
        statements.clear()
        desk.ask(method)
        told.append(len(statements))
    assert told == [queries] * 3


def test_get_needs_gives_the_known_ones(desk: Desk) -> None:
    need = desk.first_need()
    found = desk.ask("get_needs", ids=[need["id"], str(new_id())])["items"]
    assert found == [need]
    manifest = desk.ask("get_need", need_id=need["id"])["manifest"]
    assert (manifest["methods"][0], manifest["resamples"]) == ("mwds", 2000)
