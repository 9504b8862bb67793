"""Asking what a course was worth: at its end, and 30 and 90 days later. Nothing here ties a person to an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from services.courses import store
from services.courses.domain.course import Course
from services.courses.domain.evaluations import (
    DELAYS,
    END,
    INSTRUMENTS,
    MIN_CELL,
    EvaluationAnswered,
    EvaluationNotOpen,
)
from services.courses.domain.learning import Enrolment
from services.courses.tables import courses, evaluation_answers, evaluation_requests
from shared.contracts.courses import FollowUpDue
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import Invalid
from shared.ids import random_id

BATCH = 200
LATE = timedelta(days=60)
"""A question that a long outage kept back this long is not asked any more: the answer would be about another time."""


def schedule(tx: Tx, enrolment: Enrolment) -> None:
    """At a course's completion: one request for each moment, once."""
    for moment, delay in DELAYS.items():
        insert_new(tx.session, evaluation_requests, {
            "enrolment_id": enrolment.id, "moment": moment, "due_at": tx.now + delay,
            # The end's request needs no notification: the page that ends the course asks.
            "asked_at": tx.now if moment == END else None, "answered": False,
        })  # fmt: skip


def ask_due(tx: Tx) -> int:
    """Announce the follow-ups whose day has come; how many. The claim and the event commit together, so each once."""
    asks = evaluation_requests.c
    due = (
        select(asks.enrolment_id, asks.moment)
        .where(asks.asked_at.is_(None), asks.due_at <= tx.now, asks.answered.is_(False))
        .order_by(asks.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    claimed = tx.session.execute(due).all()
    for enrolment_id, moment in claimed:
        here = (asks.enrolment_id == enrolment_id) & (asks.moment == moment) & asks.asked_at.is_(None)
        claim = update(evaluation_requests).where(here).values(asked_at=tx.now).returning(asks.due_at)
        due_at = tx.session.execute(claim).scalar()
        if due_at is not None and tx.now - due_at <= LATE:
            _announce(tx, tx.session.get_one(Enrolment, enrolment_id), int(moment))
    return len(claimed)


def _announce(tx: Tx, enrolment: Enrolment, days: int) -> None:
    course = tx.session.get_one(Course, enrolment.course_id)
    event = FollowUpDue(course.id, enrolment.account_id, days, dict(course.title), course.need_id)
    tx.publish(event, subject=enrolment.id)


@dataclass(frozen=True, slots=True)
class AnswerEvaluation:
    course_id: object
    moment: str
    language: str
    answers: Mapping[str, Any]
    comment: str


def answer_evaluation(tx: Tx, cmd: AnswerEvaluation) -> dict[str, Any]:
    """Keep an anonymous answer, and apart from it that this person has answered.

    Answers become visible five at a time: with each single one, whoever reads the results before and after would
    know it. Raises NotFound, EvaluationNotOpen, EvaluationAnswered, Invalid.
    """
    course = store.load_course(tx, cmd.course_id)
    enrolment = store.require_enrolment(tx, course.id)
    instrument = INSTRUMENTS[cmd.moment]
    objectives = [str(aim.id) for aim in store.learner_objectives(tx, course)]
    if problems := instrument.problems(cmd.answers, objectives):
        raise Invalid(fields=problems)
    _take_turn(tx, enrolment, cmd.moment)
    # The course's row orders those who answer at the same time, so that one of them sees the fifth. Not its key, which
    # the answers refer to.
    tx.session.execute(select(courses.c.id).where(courses.c.id == course.id).with_for_update(key_share=True))
    tx.session.execute(insert(evaluation_answers).values(
        id=random_id(), course_id=course.id, moment=cmd.moment, instrument=instrument.version,
        language=cmd.language, answers=dict(cmd.answers), comment=cmd.comment, released=False,
    ))  # fmt: skip
    _release(tx, course, cmd.moment)
    return {"answered": True}


def _take_turn(tx: Tx, enrolment: Enrolment, moment: str) -> None:
    asks = evaluation_requests.c
    mine = (asks.enrolment_id == enrolment.id) & (asks.moment == moment)
    row = tx.session.execute(select(asks.due_at, asks.answered).where(mine)).first()
    if row is None and moment == END and enrolment.completed_at is not None:
        schedule(tx, enrolment)  # completed before there were evaluations
        row = tx.session.execute(select(asks.due_at, asks.answered).where(mine)).first()
    if row is None or row.due_at > tx.now:
        raise EvaluationNotOpen
    if row.answered:
        raise EvaluationAnswered
    tx.session.execute(update(evaluation_requests).where(mine).values(answered=True))


def _release(tx: Tx, course: Course, moment: str) -> None:
    held = evaluation_answers.c
    here = (held.course_id == course.id) & (held.moment == moment) & held.released.is_(False)
    waiting = tx.session.execute(
        select(func.count()).select_from(evaluation_answers).where(here)
    ).scalar_one()
    if waiting >= MIN_CELL:
        tx.session.execute(update(evaluation_answers).where(here).values(released=True))
