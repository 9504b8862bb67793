"""Crashes between two steps, repeats, and events in any order: the same end."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select

from services.notifications.tables import notifications, recipients
from services.surveys.tables import members
from shared.contracts.base import DomainEvent
from shared.contracts.community import TopicOpened
from shared.contracts.courses import CourseCompleted, CourseDrafted, CoursePublished, EnrolmentStarted
from shared.contracts.identity import AccountDisabled, AccountRegistered, AccountUpdated
from shared.db.tx import rows
from shared.errors import CercleError
from shared.ids import new_id
from shared.messaging.envelope import Envelope, envelope_of
from shared.testing.harness import Harness
from tests.unit.courses.support import pair
from tests.unit.surveys.support import TEXTS, Desk

ORDERS = 12


def envelope(harness: Harness, event: DomainEvent, subject: UUID, version: int = 0) -> Envelope:
    source = event.type.partition(".")[0]
    return envelope_of(event, source=source, subject=subject, version=version, time=harness.clock.now())


def hand_to(harness: Harness, service: str, event: Envelope) -> None:
    """To every handler of the service that listens to it."""
    for event_type, method in harness.services[service].subscriptions():
        if event_type == event.type:
            harness.deliver(service, method, event)


def shuffled(events: list[Envelope], order: int) -> list[Envelope]:
    """In an order of its own, some twice; order 0 is the true one."""
    if order == 0:
        return events
    chance = random.Random(order)
    mixed = events + chance.sample(events, len(events) // 2)
    chance.shuffle(mixed)
    return mixed


def test_a_loop_is_the_same_whatever_the_order_of_events(make_harness: Callable[..., Harness]) -> None:
    desk = Desk(make_harness("surveys"))
    seen = []
    for order in range(ORDERS):
        need = desk.first_need()["id"]
        proposal = desk.ask("open_proposal", need_id=need, **TEXTS)
        decision = {"outcome": "approved", "reason": pair("Yes"), "version": proposal["version"]}
        desk.ask("decide_proposal", proposal_id=proposal["id"], **decision)
        for event in shuffled(story(desk.harness, UUID(need), UUID(proposal["id"])), order):
            hand_to(desk.harness, "surveys", event)
        loop = desk.ask("get_loop", need_id=need)
        status = desk.ask("get_need", need_id=need)["status"]
        steps = [(step["key"], step["state"]) for step in loop["steps"]]
        shown = {
            "title": loop["course"]["title"],
            "status": loop["course"]["status"],
            "topic": bool(loop["topic_id"]),
        }
        counts = {kind: loop[kind]["value"] for kind in ("enrolments", "completions")}
        seen.append((status, steps, shown | counts))
    assert seen[0][0] == "published"
    assert seen[0][2] == {"title": pair("Edition 2"), "status": "published", "topic": True, "enrolments": 3,
                          "completions": 1}  # fmt: skip
    assert seen == [seen[0]] * ORDERS


def story(harness: Harness, need: UUID, proposal: UUID) -> list[Envelope]:
    course, people = new_id(), [new_id() for _ in range(3)]
    drafted = CourseDrafted(course, pair("Draft"), proposal, need)
    editions = [CoursePublished(course, pair(f"Edition {n}"), n, proposal, need) for n in (1, 2)]
    enrolled = [EnrolmentStarted(course, person, need) for person in people]
    completed = CourseCompleted(course, people[0], pair("Edition 2"), need)
    topic = TopicOpened(new_id(), new_id(), None, proposal, need)
    parts: list[tuple[DomainEvent, int]] = [(drafted, 1), *((one, 1 + one.edition) for one in editions),
                                            *((one, 0) for one in enrolled), (completed, 0), (topic, 1)]  # fmt: skip
    return [envelope(harness, event, course, version) for event, version in parts]


@pytest.mark.parametrize(("service", "table"), [("surveys", members), ("notifications", recipients)])
def test_an_account_is_the_same_whatever_the_order_of_events(
    service: str, table: Table, make_harness: Callable[..., Harness]
) -> None:
    harness, seen = make_harness(service), []
    for order in range(ORDERS):
        account = new_id()
        zone = ("en", "America/Toronto")
        events = [
            envelope(harness, AccountRegistered(account, ["learner"], *zone), account, 1),
            envelope(harness, AccountUpdated(account, ["learner", "trainer"], *zone), account, 2),
            envelope(harness, AccountDisabled(account), account, 3),
        ]
        for event in shuffled(events, order):
            hand_to(harness, service, event)
        with harness.services[service].db.engine.connect() as connection:
            found = connection.execute(select(table).where(table.c.account_id == account)).mappings().one()
        seen.append(
            {key: value for key, value in found.items() if key not in ("account_id", "unsubscribe_key")}
        )
    assert seen[0]["active"] is False
    assert seen == [seen[0]] * ORDERS


# ---------------------------------------------------------------------- crashes
def approved(harness: Harness) -> tuple[Desk, str]:
    desk = Desk(harness)
    need = desk.first_need()["id"]
    proposal = desk.ask("open_proposal", need_id=need, **TEXTS)
    decision = {"outcome": "approved", "reason": pair("Yes"), "version": proposal["version"]}
    desk.ask("decide_proposal", proposal_id=proposal["id"], **decision)
    return desk, proposal["id"]


def effects(harness: Harness, proposal_id: str) -> tuple[int, int, int]:
    """Draft courses, topics and notifications of the approval."""
    trainer = harness.actor("trainer")
    courses = harness.call("courses", "list_courses", {"proposal_id": proposal_id}, actor=trainer)["items"]
    topics = harness.call("community", "list_topics", {}, actor=trainer)["items"]
    told = select(func.count()).where(notifications.c.kind == "proposal-approved")
    with harness.services["notifications"].db.read(trainer) as tx:
        count = tx.session.execute(told).scalar_one()
    return len(courses), sum(topic["proposal_id"] == proposal_id for topic in topics), count


def reopened(harness: Harness, folder: Path) -> Harness:
    """The process ended and another one starts on the same files."""
    now = harness.clock.now()
    harness.close()
    again = Harness(folder)
    again.clock.advance(now + timedelta(minutes=1) - again.clock.now())
    return again


def some_members(harness: Harness, count: int) -> None:
    for _ in range(count):
        account = new_id()
        hand_to(harness, "notifications",
                envelope(harness, AccountRegistered(account, ["learner"], "fr", "America/Toronto"), account, 1))  # fmt: skip


def test_a_stop_after_the_commit_and_before_any_delivery_loses_nothing(tmp_path: Path) -> None:
    first = Harness(tmp_path)
    some_members(first, 3)
    _, proposal = approved(first)
    assert effects(first, proposal) == (0, 0, 0)
    second = reopened(first, tmp_path)
    second.drain()
    assert effects(second, proposal) == (1, 1, 3)
    second.close()


@pytest.mark.parametrize("done", [("courses",), ("community",), ("courses", "community", "notifications")])
def test_a_stop_between_handlers_and_the_mark_of_delivery_doubles_nothing(
    done: tuple[str, ...], tmp_path: Path
) -> None:
    """The state that a kill leaves: some handlers have committed, the outbox row is still there."""
    first = Harness(tmp_path)
    some_members(first, 3)
    _, proposal = approved(first)
    event = next(one for one in first.events("surveys") if one.type == "surveys.proposal.approved.v1")
    for service in done:
        hand_to(first, service, event)
    second = reopened(first, tmp_path)
    second.drain()
    second.drain()
    assert effects(second, proposal) == (1, 1, 3)
    second.close()


def test_a_service_that_is_away_gets_its_events_later_and_the_others_none_twice(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    some_members(harness, 3)
    harness.bus.take_down("courses")
    _, proposal = approved(harness)
    harness.drain()
    harness.bus.bring_up("courses")
    assert effects(harness, proposal) == (0, 1, 3)
    harness.clock.advance(timedelta(minutes=20))
    harness.drain()
    assert effects(harness, proposal) == (1, 1, 3)
    harness.close()


class LateClock:
    """Time runs away once a transaction has begun."""

    def __init__(self, now: datetime) -> None:
        self.readings = iter([now])
        self.late = now + timedelta(minutes=2)

    def now(self) -> datetime:
        return next(self.readings, self.late)


@pytest.mark.parametrize("method", ["create_survey", "open_proposal", "endorse_proposal"])
def test_work_that_is_late_at_its_commit_is_undone_with_its_events_and_its_key(
    method: str, make_harness: Callable[..., Harness]
) -> None:
    desk = Desk(make_harness("surveys"))
    need = desk.first_need()["id"]
    payload: dict[str, Any] = {"template_id": "borich"}
    if method == "open_proposal":
        payload = {"need_id": need, **TEXTS}
    if method == "endorse_proposal":
        payload = {"proposal_id": desk.ask("open_proposal", need_id=need, **TEXTS)["id"]}
    service = desk.harness.services["surveys"]
    before = state(desk)
    service.db.clock = LateClock(desk.harness.clock.now())
    with pytest.raises(CercleError) as caught:
        desk.ask(method, key="late", **payload)
    assert (caught.value.status, caught.value.code) == (504, "deadline")
    service.db.clock = desk.harness.clock
    assert state(desk) == before
    desk.ask(method, key="late", **payload)  # the key was not used up
    assert state(desk) != before


def state(desk: Desk) -> dict[str, int]:
    service = desk.harness.services["surveys"]
    metadata = service.tables.outbox.metadata
    with service.db.read(desk.coordinator) as tx:
        counted = [
            (name, select(func.count().label("n")).select_from(table))
            for name, table in metadata.tables.items()
        ]
        return {name: rows(tx, statement)[0]["n"] for name, statement in counted}
