"""Reaching those who are asked: by name where roles do not say who, and again where they have not answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.surveys import audience, store, tables
from services.surveys.domain import reminders as rules
from services.surveys.domain.audience import Audience, mask_of
from services.surveys.domain.reminders import Reminder
from services.surveys.domain.survey import OPEN, Survey
from shared.actor import ADMIN, COORDINATOR
from shared.contracts.surveys import AudienceNamed
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import new_id

LAUNCHED, RANKED, REMINDED = "launched", "ranked", "reminded"


def launched(tx: Tx, survey: Survey) -> None:
    """Name those asked where more than roles limits the audience, and fix the reminders."""
    if survey.filters:
        _name(tx, survey, LAUNCHED, audience.load(tx, survey))
    _plan(tx, survey, tuple(rules.plan(*_dates(survey))))


def ranked(tx: Tx, survey: Survey) -> None:
    """Name those asked, but coordinators, who hear of every ranking anyway."""
    if survey.filters:
        others = tables.members.c.roles.bitwise_and(mask_of((COORDINATOR, ADMIN))) == 0
        _name(tx, survey, RANKED, audience.load(tx, survey), others)


def extended(tx: Tx, survey: Survey) -> None:
    """The reminder before the end moves with it; one that was sent stays, and another one comes."""
    _plan(tx, survey, (rules.CLOSING,))


def remind(tx: Tx, survey_id: UUID) -> int:
    """Remind those who have not answered, now; how many.

    Raises NotFound, Forbidden, SurveyNotOpen, SurveyClosed, TooManyReminders, ReminderTooSoon.
    """
    survey = store.coordinated_survey(tx, survey_id)
    if survey.is_draft:
        raise NotFound
    survey.require_open(tx.now)
    rules.require_allowed(of_survey(tx, survey.id), tx.now)
    reached = _remind(tx, survey)
    row = {"id": new_id(), "survey_id": survey.id, "kind": rules.ASKED, "due_at": tx.now}
    tx.session.execute(insert(tables.reminders).values(row | {"sent_at": tx.now, "reached": reached}))
    return reached


def due(tx: Tx) -> list[UUID]:
    """Surveys with a reminder whose moment has come."""
    table = tables.reminders
    chosen = select(table.c.survey_id).where(table.c.sent_at.is_(None), table.c.due_at <= tx.now).distinct()
    return list(tx.session.execute(chosen).scalars())


def send_due(tx: Tx, survey_id: UUID) -> int:
    """Send what is due for one survey, once; it waits while the last reminder is fresh. How many were reached.

    A survey that closed first needs no reminder any more.
    """
    table = tables.reminders
    survey = store.locked_survey(tx, survey_id)
    if survey is None or survey.status(tx.now) != OPEN:
        unsent = (table.c.survey_id == survey_id) & table.c.sent_at.is_(None)
        tx.session.execute(delete(table).where(unsent, table.c.due_at <= tx.now))
        return 0
    known = of_survey(tx, survey_id)
    waiting = [one.id for one in known if one.sent_at is None and one.due_at <= tx.now]
    until = rules.rests_until(known)
    if not waiting or (until is not None and tx.now < until):
        return 0
    reached = _remind(tx, survey)
    sent = update(table).where(table.c.id.in_(waiting)).values(sent_at=tx.now, reached=reached)
    tx.session.execute(sent)
    return reached


def of_survey(tx: Tx, survey_id: UUID) -> list[Reminder]:
    """The reminders of a survey, sent and to come, in the order of their moments."""
    table = tables.reminders
    columns = [table.c[name] for name in ("id", "kind", "due_at", "sent_at", "reached")]
    chosen = select(*columns).where(table.c.survey_id == survey_id).order_by(table.c.due_at, table.c.id)
    return [Reminder(**row) for row in rows(tx, chosen)]


def still_asked(tx: Tx, survey_id: UUID, account_id: UUID) -> bool:
    """Whether a reminder that is about to leave still makes sense: open, and no answer yet."""
    survey = tx.session.get(Survey, survey_id)
    if survey is None or survey.status(tx.now) != OPEN:
        return False
    done = tables.participations
    mine = (done.c.survey_id == survey_id) & (done.c.account_id == account_id)
    return tx.session.execute(select(done.c.account_id).where(mine)).first() is None


def _remind(tx: Tx, survey: Survey) -> int:
    done = tables.participations
    answered = select(done.c.account_id).where(done.c.survey_id == survey.id)
    silent = tables.members.c.account_id.not_in(answered)
    return _name(tx, survey, REMINDED, audience.load(tx, survey), silent)


def _name(tx: Tx, survey: Survey, about: str, asked: Audience, *limits: audience.Condition) -> int:
    """Publish the ids of those asked (and within `limits`); how many."""
    named = 0
    for ids in audience.chunks(tx, asked, *limits):
        event = AudienceNamed(survey.id, about, survey.title, *_dates(survey), ids)
        tx.publish(event, subject=survey.id, version=survey.version)
        named += len(ids)
    return named


def _plan(tx: Tx, survey: Survey, kinds: tuple[str, ...]) -> None:
    """Set the coming reminders of these kinds anew."""
    table = tables.reminders
    unsent = (table.c.survey_id == survey.id) & table.c.sent_at.is_(None) & table.c.kind.in_(kinds)
    tx.session.execute(delete(table).where(unsent))
    planned = rules.plan(*_dates(survey))
    fresh = [
        {"id": new_id(), "survey_id": survey.id, "kind": kind, "due_at": planned[kind]}
        for kind in kinds
        if kind in planned and planned[kind] > tx.now
    ]
    if fresh:
        tx.session.execute(insert(table), fresh)


def _dates(survey: Survey) -> tuple[datetime, datetime]:
    if survey.opens_at is None or survey.closes_at is None:
        raise AssertionError("a launched survey has its dates")
    return survey.opens_at, survey.closes_at
