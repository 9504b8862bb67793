"""Reminders: planned at launch, asked for by a coordinator, and only to those who have not answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.surveys.domain import reminders as rules
from shared.actor import Actor
from shared.contracts.identity import AccountRegistered
from shared.errors import CercleError, Forbidden, NotFound
from shared.messaging.envelope import envelope_of
from shared.testing.harness import Harness
from tests.unit.surveys.support import Desk, View, answers_of, member

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, {}),
        (2, {"closing": 1.0}),
        (7, {"closing": 4.0}),
        (20, {"closing": 17.0}),
        (21, {"halfway": 10.5, "closing": 18.0}),
        (60, {"halfway": 30.0, "closing": 57.0}),
    ],
)
def test_plan_follows_the_length(days: int, expected: dict[str, float]) -> None:
    planned = rules.plan(AT, AT + timedelta(days=days))
    assert planned == {kind: AT + timedelta(days=count) for kind, count in expected.items()}


def reminded(desk: Desk) -> list[list[str]]:
    """Who was reminded, event by event."""
    return [
        sorted(event.data["account_ids"])
        for event in desk.harness.events("surveys")
        if event.type == "surveys.audience.named.v1" and event.data["about"] == "reminded"
    ]


def answer(desk: Desk, survey: View, person: Actor) -> None:
    desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")


def job(desk: Desk) -> None:
    service: Any = desk.harness.services["surveys"]
    service.send_reminders()


def refused(desk: Desk, survey: View, actor: Actor | None = None) -> str:
    with pytest.raises(CercleError) as error:
        desk.ask("remind", actor, survey_id=survey["id"])
    return error.value.code


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_only_those_asked_who_have_not_answered_are_reminded(desk: Desk, anonymity: str) -> None:
    done, waiting, late = (member(desk, province="QC") for _ in range(3))
    member(desk, province="ON")
    survey = desk.launched(audience={"province": ["QC"]}, anonymity=anonymity)
    answer(desk, survey, done)
    shown = desk.ask("remind", survey_id=survey["id"])
    assert reminded(desk) == [sorted([str(waiting.account_id), str(late.account_id)])]
    assert (shown["left"], shown["can_remind"], shown["items"][0]["reached"]) == (2, False, 2)
    # Between the event and the mail: the service that writes asks once more, and nobody else may.
    answer(desk, survey, late)
    ask = {"survey_id": survey["id"], "account_id": str(late.account_id)}
    assert desk.harness.call_as_service("notifications", "surveys", "still_asked", ask) == {"asked": False}
    ask["account_id"] = str(waiting.account_id)
    assert desk.harness.call_as_service("notifications", "surveys", "still_asked", ask) == {"asked": True}
    for caller in (desk.coordinator, waiting):
        with pytest.raises(NotFound):
            desk.ask("still_asked", caller, **ask)


def test_a_coordinator_reminds_every_other_day_and_three_times(desk: Desk) -> None:
    person = member(desk)
    survey = desk.launched(closes_at=desk.days(30), opens_at=desk.days(1))
    assert refused(desk, survey) == "survey-not-open"
    with pytest.raises(Forbidden):
        desk.ask("remind", person, survey_id=survey["id"])
    desk.harness.clock.advance(timedelta(days=1))
    for number in range(3):
        assert desk.ask("remind", survey_id=survey["id"])["left"] == 2 - number
        desk.harness.clock.advance(timedelta(hours=47))
        assert refused(desk, survey) == ("reminder-too-soon" if number < 2 else "too-many-reminders")
        desk.harness.clock.advance(timedelta(hours=1))
    assert refused(desk, survey) == "too-many-reminders"
    assert len(reminded(desk)) == 3


def test_planned_reminders_go_once_wait_for_a_fresh_one_and_follow_an_extension(desk: Desk) -> None:
    person = member(desk)
    survey = desk.launched(closes_at=desk.days(7))
    desk.harness.clock.advance(timedelta(days=3))
    job(desk)
    assert reminded(desk) == []
    desk.ask("remind", survey_id=survey["id"])
    desk.harness.clock.advance(timedelta(days=1))  # due now, a day after the coordinator's
    job(desk)
    assert len(reminded(desk)) == 1
    desk.harness.clock.advance(timedelta(days=1))
    job(desk)
    job(desk)
    assert reminded(desk) == [[str(person.account_id)]] * 2
    desk.ask("extend_survey", survey_id=survey["id"], version=survey["version"], closes_at=desk.days(10))
    kinds = [
        (one["kind"], one["sent_at"] is not None)
        for one in desk.ask("get_reminders", survey_id=survey["id"])["items"]
    ]
    assert kinds == [("asked", True), ("closing", True), ("closing", False)]
    answer(desk, survey, person)
    desk.harness.clock.advance(timedelta(days=7))
    job(desk)
    assert len(reminded(desk)) == 2  # everybody has answered: nothing to tell


def test_a_closed_survey_reminds_nobody(desk: Desk) -> None:
    member(desk)
    survey = desk.launched(closes_at=desk.days(7))
    desk.ask("close_survey", survey_id=survey["id"])
    desk.harness.clock.advance(timedelta(days=5))
    job(desk)
    assert reminded(desk) == []
    assert refused(desk, survey) == "survey-closed"
    assert desk.ask("get_reminders", survey_id=survey["id"])["items"] == []


def test_a_mail_does_not_leave_to_who_answered_in_between(make_harness: Callable[..., Harness]) -> None:
    desk = Desk(make_harness("surveys", "notifications"))
    done, waiting = member(desk), member(desk)
    for person in (done, waiting):
        assert person.account_id is not None
        told = AccountRegistered(person.account_id, ["learner"], "fr", "America/Toronto")
        envelope = envelope_of(told, source="identity", subject=person.account_id, version=1,
                               time=desk.harness.clock.now())  # fmt: skip
        desk.harness.deliver("notifications", "on_account_registered", envelope)
    survey = desk.launched()
    desk.harness.drain()
    desk.ask("remind", survey_id=survey["id"])
    answer(desk, survey, done)
    desk.harness.drain()
    with desk.harness.services["notifications"].db.engine.connect() as connection:
        rows = connection.execute(text(
            "SELECT n.account_id, d.status, d.note FROM deliveries d JOIN notifications n ON n.id = d.notification_id "
            "WHERE n.kind = 'survey-reminder'"
        )).all()  # fmt: skip
    settled = {row[0]: (row[1], row[2]) for row in rows}
    assert settled == {
        str(done.account_id).replace("-", ""): ("skipped", "answered"),
        str(waiting.account_id).replace("-", ""): ("sent", None),
    }
