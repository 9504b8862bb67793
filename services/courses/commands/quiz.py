"""Taking a quiz: begin, save each answer, submit. All writes of one learner in one course queue on the enrolment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from xblock.core import XBlock

from services.courses import quiz_views, store
from services.courses.commands.learning import Seat, credit, outcome_of, sit_down
from services.courses.domain.errors import WrongKind
from services.courses.domain.learning import Attempt, Enrolment
from services.courses.domain.outline import QUIZ
from services.courses.domain.questions import BadAnswer, kind_of
from services.courses.domain.quiz import (
    GRACE,
    LAST,
    Asked,
    NoAttemptsLeft,
    QuizClosed,
    QuizEmpty,
    Result,
    due,
    is_late,
    result_of,
)
from services.courses.players.xblock_runtime import load_block
from services.courses.tables import attempts, enrolments, quiz_answers, quiz_attempts, results
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound
from shared.ids import new_id, parse_id

View = dict[str, Any]
BATCH = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """A learner at a quiz: their seat, and the block as the newest edition has it."""

    seat: Seat
    block: XBlock

    @property
    def rules(self) -> dict[str, Any]:
        """The quiz's rules."""
        options: dict[str, Any] = self.block.options
        return options


def _sit(tx: Tx, activity_id: object) -> Desk:
    seat = sit_down(tx, activity_id)
    if seat.item.block_type != QUIZ:
        raise WrongKind
    return Desk(seat, load_block(store.runtime_for(tx), seat.item.id))


def start_quiz(tx: Tx, activity_id: object) -> View:
    """The attempt that is open, else a new one. Raises NotFound, Locked, WrongKind, NoAttemptsLeft, QuizEmpty."""
    desk = _sit(tx, activity_id)
    course_id, account_id = desk.seat.enrolment.course_id, desk.seat.enrolment.account_id
    factor, extra = quiz_views.allowance(tx, course_id, account_id)
    sittings = quiz_views.rows_of(tx, desk.seat.attempt.id)
    if sittings and not sittings[-1]["submitted_at"]:
        if not is_late(sittings[-1]["due_at"], tx.now):
            return _view(tx, desk, sittings[-1]["id"])
        _finish(tx, desk, sittings[-1])
    if quiz_views.standing(desk.rules, sittings, extra)["attempts_left"] == 0:
        raise NoAttemptsLeft
    paper = desk.block.source().paper(desk.rules, secrets.randbits(32))
    if not paper:
        raise QuizEmpty
    quiz_attempt_id = new_id()
    tx.session.execute(insert(quiz_attempts).values(
        id=quiz_attempt_id, attempt_id=desk.seat.attempt.id, activity_id=desk.seat.item.id,
        number=len(sittings) + 1, paper=paper, started_at=tx.now, due_at=due(tx.now, desk.rules, factor),
    ))  # fmt: skip
    return _view(tx, desk, quiz_attempt_id)


def _view(tx: Tx, desk: Desk, quiz_attempt_id: UUID) -> View:
    sittings = quiz_views.rows_of(tx, desk.seat.attempt.id)
    row = next(row for row in sittings if row["id"] == quiz_attempt_id)
    _, extra = quiz_views.allowance(tx, desk.seat.enrolment.course_id, desk.seat.enrolment.account_id)
    where = quiz_views.standing(desk.rules, sittings, extra)
    review = quiz_views.sees_answers(desk.rules, row, where)
    answers = quiz_views.answers_of(tx, quiz_attempt_id)
    return quiz_views.sitting_view(row, desk.rules, answers, review=review) | {
        "activity_id": str(desk.seat.item.id),
        "course_id": str(desk.seat.enrolment.course_id),
        "title": dict(desk.seat.item.title),
        "preview": False,
        "now": tx.now.isoformat(),
        "outcome": None,
    }


def _open(tx: Tx, quiz_attempt_id: object) -> tuple[Desk, View]:
    """The actor's own attempt, everything locked. Raises NotFound."""
    found_id = parse_id(quiz_attempt_id)
    whose = (
        select(quiz_attempts.c.activity_id)
        .join(attempts, attempts.c.id == quiz_attempts.c.attempt_id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(quiz_attempts.c.id == found_id, enrolments.c.account_id == tx.actor.require_account())
    )
    activity_id = tx.session.execute(whose).scalar_one_or_none()
    if activity_id is None:
        raise NotFound
    desk = _sit(tx, activity_id)
    row = rows(tx, select(*quiz_attempts.c).where(quiz_attempts.c.id == found_id))[0]
    return desk, row


@dataclass(frozen=True, slots=True)
class SaveAnswer:
    """`sequence`: the browser's own count of saves of this question; an older one than stored is not kept."""

    quiz_attempt_id: object
    question_id: str
    answer: Any
    sequence: int | None


def save_quiz_answer(tx: Tx, cmd: SaveAnswer) -> View:
    """Keep one answer; None takes it back. Raises NotFound, QuizClosed, Invalid."""
    _, row = _open(tx, cmd.quiz_attempt_id)
    if row["submitted_at"] or is_late(row["due_at"], tx.now):
        raise QuizClosed
    asked = next((one for one in row["paper"] if one["id"] == cmd.question_id), None)
    if asked is None:
        raise NotFound
    known = quiz_views.answers_of(tx, row["id"]).get(cmd.question_id)
    before = known["sequence"] if known else 0
    if cmd.sequence is not None and cmd.sequence <= before:
        return {
            "saved": False,
            "sequence": before,
            "saved_at": known["saved_at"].isoformat() if known else None,
        }
    answer = _read(asked, cmd.answer, "answer")
    sequence = before + 1 if cmd.sequence is None else cmd.sequence
    _keep(tx, row["id"], asked["id"], answer, sequence)
    return {"saved": True, "sequence": sequence, "saved_at": tx.now.isoformat()}


def _keep(tx: Tx, quiz_attempt_id: UUID, question_id: str, answer: Any, sequence: int) -> None:
    upsert(tx.session, quiz_answers, {
        "quiz_attempt_id": quiz_attempt_id, "question_id": question_id, "answer": answer, "sequence": sequence,
        "saved_at": tx.now,
    })  # fmt: skip


def _read(asked: Asked, answer: Any, path: str) -> Any:
    if answer is None:
        return None
    try:
        return kind_of(asked["question"]).read(asked["question"], answer)
    except BadAnswer:
        raise Invalid(fields=[FieldProblem(path, "bad-answer")]) from None


@dataclass(frozen=True, slots=True)
class SubmitQuiz:
    """`answers`: by question id, what was not yet saved; the rest stays as saved."""

    quiz_attempt_id: object
    answers: Mapping[str, Any]


def submit_quiz(tx: Tx, cmd: SubmitQuiz) -> View:
    """End the attempt and score it; again: the same result. What comes after the time limit is not taken.

    Raises NotFound, Invalid.
    """
    desk, row = _open(tx, cmd.quiz_attempt_id)
    if row["submitted_at"]:
        return _view(tx, desk, row["id"])
    if not is_late(row["due_at"], tx.now):
        keep_answers(tx, row, cmd.answers)
    outcome = _finish(tx, desk, row)
    return _view(tx, desk, row["id"]) | {"outcome": outcome}


def keep_answers(tx: Tx, row: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """Save several answers at once. Raises Invalid with each that has another shape than its question."""
    known = quiz_views.answers_of(tx, row["id"])
    for question_id, answer in read_answers(row["paper"], answers).items():
        sequence = known[question_id]["sequence"] + 1 if question_id in known else 1
        _keep(tx, row["id"], question_id, answer, sequence)


def read_answers(paper: list[Asked], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Checked answers by question id. Raises Invalid."""
    asked = {one["id"]: one for one in paper}
    found, wrong = {}, []
    for question_id, answer in answers.items():
        path = f"answers.{question_id}"
        if question_id not in asked:
            wrong.append(FieldProblem(path, "unknown-question"))
            continue
        try:
            found[question_id] = _read(asked[question_id], answer, path)
        except Invalid as error:
            wrong += error.fields
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _finish(tx: Tx, desk: Desk, row: Mapping[str, Any]) -> View:
    """Score what is saved; the learner's attempt on the activity, its completion and the reports follow."""
    answers, result = _score(tx, row, desk.rules["pass_mark"])
    desk.block.take_result(result)
    outcome = outcome_of(desk.block, desk.block.runtime.published)
    view = credit(tx, desk.seat, replace(outcome, success=result.passed))
    sittings = quiz_views.rows_of(tx, desk.seat.attempt.id)
    if quiz_views.standing(desk.rules, sittings, 0)["counting_id"] == str(row["id"]):
        _report(tx, desk.seat.attempt.id, row["paper"], answers, result)
    if desk.rules["counts"] == LAST:
        desk.seat.attempt.score, desk.seat.attempt.success = result.score, result.passed
        view["score"] = result.score
    return view


def _score(tx: Tx, row: Mapping[str, Any], pass_mark: float) -> tuple[dict[str, Any], Result]:
    """The answers and their result. Effect: the attempt is submitted."""
    answers = {key: saved["answer"] for key, saved in quiz_views.answers_of(tx, row["id"]).items()}
    result = result_of(row["paper"], answers, pass_mark)
    ended = tx.now if row["due_at"] is None else min(tx.now, row["due_at"] + GRACE)
    tx.session.execute(update(quiz_attempts).where(quiz_attempts.c.id == row["id"]).values(
        submitted_at=ended, marks={key: asdict(mark) for key, mark in result.marks.items()}, points=result.points,
        max_points=result.max_points, score=result.score, passed=result.passed,
    ))  # fmt: skip
    return answers, result


def _report(tx: Tx, attempt_id: UUID, paper: list[Asked], answers: Mapping[str, Any], result: Result) -> None:
    """The rows of the counting attempt for the trainer's reports."""
    tx.session.execute(delete(results).where(results.c.attempt_id == attempt_id))
    for position, one in enumerate(paper):
        question, layout, mark = one["question"], one["layout"], result.marks[one["id"]]
        kind, answer = kind_of(question), answers.get(one["id"])
        tx.session.execute(insert(results).values(
            attempt_id=attempt_id, sub_id=one["id"], position=position, kind=kind.result,
            prompt=quiz_views.plain(question["stem"]), flagged=False,
            response=None if answer is None else [_said(text) for text in kind.said(question, layout, answer)],
            correct=[_said(text) for text in kind.right(question, layout)], score=mark.points,
            max_score=question["points"], success=mark.success, stored_at=tx.now,
        ))  # fmt: skip


def _said(text: Any) -> Any:
    """A text that is the same in both languages is one text."""
    if isinstance(text, list):
        return [_said(one) for one in text]
    return text["fr"] if text["fr"] == text["en"] else dict(text)


def close_overdue(tx: Tx) -> int:
    """Submit attempts whose time is over, as they were saved; how many."""
    late = (
        select(quiz_attempts.c.id, quiz_attempts.c.attempt_id)
        .where(quiz_attempts.c.submitted_at.is_(None), quiz_attempts.c.due_at < tx.now - GRACE)
        .order_by(quiz_attempts.c.due_at)
        .limit(BATCH)
    )
    found = tx.session.execute(late).all()
    for quiz_attempt_id, attempt_id in found:
        _close(tx, quiz_attempt_id, attempt_id)
    return len(found)


def _close(tx: Tx, quiz_attempt_id: UUID, attempt_id: UUID) -> None:
    attempt = tx.session.get_one(Attempt, attempt_id)
    enrolment = tx.session.get_one(
        Enrolment, attempt.enrolment_id, with_for_update=True, populate_existing=True
    )
    row = rows(tx, select(*quiz_attempts.c).where(quiz_attempts.c.id == quiz_attempt_id))[0]
    if row["submitted_at"]:
        return
    tx.session.refresh(attempt)
    try:
        item = store.learner_activity(tx, attempt.activity_id)
    except NotFound:  # no longer in the course: there is nothing left to complete
        _score(tx, row, 0)
        return
    block = load_block(store.runtime_for(tx, user=False), item.id)
    _finish(tx, Desk(Seat(enrolment, item, attempt), block), row)
