"""What a person is asked, and what a course's trainer and coordinators may read of the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from services.courses import policy, store
from services.courses.domain.course import Course
from services.courses.domain.evaluations import (
    END,
    INSTRUMENTS,
    MIN_CELL,
    MOMENTS,
    Instrument,
    Question,
    summary,
)
from services.courses.tables import enrolments, evaluation_answers, evaluation_requests
from services.courses.views import View
from shared.actor import ADMIN, COORDINATOR
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound


def get_evaluation(tx: Tx, course_id: object, moment: str) -> View:
    """The form: its questions, the course's objectives, and whether the actor may still answer. Raises NotFound."""
    course = store.load_course(tx, course_id)
    tx.actor.require_account()
    enrolment = store.find_enrolment(tx, course.id)
    if enrolment is None or enrolment.completed_at is None:
        raise NotFound
    asks = evaluation_requests.c
    mine = select(asks.due_at, asks.answered).where(asks.enrolment_id == enrolment.id, asks.moment == moment)
    row = tx.session.execute(mine).first()
    due = row is not None and row.due_at <= tx.now
    return {
        "course_id": str(course.id), "title": dict(course.title), "moment": moment,
        "answered": bool(row and row.answered), "open": due or (row is None and moment == END),
        "objectives": _objectives(tx, course), "instrument": instrument_view(INSTRUMENTS[moment]),
        "min_cell": MIN_CELL,
    }  # fmt: skip


def instrument_view(instrument: Instrument) -> View:
    """An instrument for the wire."""
    return {
        "version": instrument.version, "kirkpatrick": instrument.kirkpatrick, "ltem": instrument.ltem,
        "comment": dict(instrument.comment), "questions": [_question(one) for one in instrument.questions],
    }  # fmt: skip


def _question(question: Question) -> View:
    options = [{"code": code, "text": dict(words)} for code, words in question.options]
    return {"name": question.name, "kind": question.kind, "text": dict(question.text), "options": options}


def _objectives(tx: Tx, course: Course) -> list[View]:
    return [{"id": str(aim.id), "text": dict(aim.text)} for aim in store.learner_objectives(tx, course)]


def evaluation_results(tx: Tx, course_id: object) -> View:
    """Of each moment: how many were asked and answered, and the answers where five or more came together.

    For whoever runs the course, coordinators and admins. Raises NotFound, Forbidden.
    """
    course = store.load_course(tx, course_id)
    if not (policy.can_edit_course(tx.actor, course) or tx.actor.has(COORDINATOR, ADMIN)):
        raise Forbidden
    asked = _asked(tx, course)
    released = _released(tx, course)
    aims = _objectives(tx, course)
    moments = [_moment(moment, asked.get(moment, (0, 0)), released[moment], aims) for moment in MOMENTS]
    return {
        "course_id": str(course.id), "title": dict(course.title), "min_cell": MIN_CELL, "objectives": aims,
        "moments": moments,
    }  # fmt: skip


def _asked(tx: Tx, course: Course) -> dict[str, tuple[int, int]]:
    """Moment -> (asked so far, answered)."""
    asks = evaluation_requests.c
    counted = (
        select(asks.moment, asks.answered, func.count())
        .join(enrolments, enrolments.c.id == asks.enrolment_id)
        .where(enrolments.c.course_id == course.id, asks.asked_at.is_not(None) | asks.answered)
        .group_by(asks.moment, asks.answered)
    )
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for moment, answered, count in tx.session.execute(counted):
        found[moment][0] += count
        found[moment][1] += count if answered else 0
    return {moment: (asked, answered) for moment, (asked, answered) in found.items()}


def _released(tx: Tx, course: Course) -> dict[str, list[View]]:
    held = evaluation_answers.c
    mine = select(held.moment, held.instrument, held.answers, held.comment).where(
        held.course_id == course.id, held.released
    )
    found: dict[str, list[View]] = defaultdict(list)
    for row in rows(tx, mine.order_by(held.id)):
        if row["instrument"] == INSTRUMENTS[row["moment"]].version:
            found[row["moment"]].append(row)
    return found


def _moment(moment: str, asked: tuple[int, int], given: Sequence[View], aims: Sequence[View]) -> View:
    instrument = INSTRUMENTS[moment]
    answers = [row["answers"] for row in given]
    shown = len(answers) >= MIN_CELL
    return {
        "moment": moment, "asked": asked[0], "answered": asked[1], "shown": len(answers) if shown else 0,
        "instrument": instrument_view(instrument),
        "results": [_result(one, answers, aims) for one in instrument.questions] if shown else [],
        "comments": [row["comment"] for row in given if row["comment"]] if shown else [],
    }  # fmt: skip


def _result(question: Question, answers: Sequence[View], aims: Sequence[View]) -> View:
    if question.kind != "each":
        return {"name": question.name, **summary(question, answers), "each": None}
    parts: list[dict[str, Any]] = [
        {"objective_id": aim["id"], **summary(question, answers, aim["id"])} for aim in aims
    ]
    return {"name": question.name, "n": None, "counts": None, "median": None, "each": parts}
