"""Quizzes as learners, authors and trainers see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from xblock.core import XBlock

from services.courses import policy, quiz_views, store
from services.courses.commands.quiz import read_answers
from services.courses.domain.course import Course
from services.courses.domain.errors import WrongKind
from services.courses.domain.outline import QUIZ, OutlineItem
from services.courses.domain.quiz import (
    BANK,
    DRAW,
    FEWEST,
    Asked,
    QuizEmpty,
    Source,
    references,
    result_of,
)
from services.courses.domain.quiz_statistics import statistics
from services.courses.players.question_bank import QuizService
from services.courses.players.xblock_runtime import load_block
from services.courses.tables import (
    accommodations,
    attempts,
    bank_questions,
    enrolments,
    quiz_answers,
    quiz_attempts,
    quiz_images,
)
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of

View = dict[str, Any]


def get_quiz(tx: Tx, activity_id: object) -> View:
    """The QuizView: rules, size, and the reader's own attempts. Raises NotFound, WrongKind."""
    item = _visible(tx, activity_id)
    block = load_block(store.runtime_for(tx), item.id)
    rules = block.options
    enrolment = store.find_enrolment(tx, item.course_id)
    factor, extra = quiz_views.allowance(tx, item.course_id, tx.actor.account_id)
    attempt = store.find_attempt(tx, enrolment.id, item.id) if enrolment else None
    sittings = quiz_views.rows_of(tx, attempt.id) if attempt else []
    return {
        "activity_id": str(item.id),
        "course_id": str(item.course_id),
        "title": dict(item.title),
        "questions": block.source().size(),
        "rules": rules,
        "minutes": rules["time_limit"] * factor if rules["time_limit"] else None,
        "attempts": [quiz_views.line_of(row) for row in sittings],
    } | quiz_views.standing(rules, sittings, extra)


def _visible(tx: Tx, activity_id: object, *, draft: bool = False) -> OutlineItem:
    item = store.visible_activity(tx, activity_id, draft=draft)
    if item.block_type != QUIZ:
        raise WrongKind
    return item


def get_quiz_draft(tx: Tx, activity_id: object) -> View:
    """What the editor shows: every entry with its question. Raises NotFound for others than staff, WrongKind."""
    item, course, block = _draft(tx, activity_id)
    source = _source(tx, course, block)
    newest = _newest(tx, block)
    return {
        "activity_id": str(item.id),
        "course_id": str(course.id),
        "title": dict(item.title),
        "version": course.version,
        "can_edit": policy.can_edit_course(tx.actor, course),
        "rules": block.options,
        "entries": [_entry(entry, source, newest) for entry in block.entries],
        "languages": source.languages(),
        "missing": [{"code": code, "params": params} for code, params in _missing(source)],
        "submitted": quiz_views.count_submitted(tx, item.id),
    }


def _missing(source: Source) -> list[tuple[str, dict[str, Any]]]:
    return [*source.missing(), *source.unready()]


def _draft(tx: Tx, activity_id: object) -> tuple[OutlineItem, Course, XBlock]:
    item = _visible(tx, activity_id, draft=True)
    block = load_block(store.runtime_for(tx, role="author", user=False), item.id)
    return item, store.load_course(tx, item.course_id), block


def _source(tx: Tx, course: Course, block: XBlock) -> Source:
    """The draft with what its draws would draw from today."""
    source: Source = block.source(QuizService(tx.session).pools(block.entries, course.author_id))
    return source


def _newest(tx: Tx, block: XBlock) -> dict[str, int]:
    """The newest version of each question of the bank that the quiz names."""
    ids = [UUID(question_id) for question_id, _ in references(block.entries)]
    found = select(bank_questions.c.id, bank_questions.c.version).where(bank_questions.c.id.in_(ids))
    return {str(row.id): row.version for row in tx.session.execute(found)} if ids else {}


def _entry(entry: Mapping[str, Any], source: Source, newest: Mapping[str, int]) -> View:
    shown = {"question": None, "question_id": None, "version": None, "newest": None, "tag": None, "count": None,
             "pool": None} | dict(entry)  # fmt: skip
    if entry["kind"] == BANK:
        shown["question"] = source.bank.get((entry["question_id"], entry["version"]))
        shown["newest"] = newest.get(entry["question_id"])
    elif entry["kind"] == DRAW:
        shown["pool"] = len(source.pool(entry))
    return shown


# --- attempts


def get_quiz_attempt(tx: Tx, quiz_attempt_id: object) -> View:
    """One attempt: the learner's own, or a learner's for the trainer of the course. Raises NotFound."""
    row, enrolment = _attempt(tx, quiz_attempt_id)
    item = store.learner_activity(tx, row["activity_id"])
    rules = load_block(store.runtime_for(tx), item.id).options
    mine = enrolment["account_id"] == tx.actor.account_id
    sittings = quiz_views.rows_of(tx, row["attempt_id"])
    _, extra = quiz_views.allowance(tx, item.course_id, enrolment["account_id"])
    where = quiz_views.standing(rules, sittings, extra)
    review = quiz_views.sees_answers(rules, row, where) if mine else row["submitted_at"] is not None
    view = quiz_views.sitting_view(row, rules, quiz_views.answers_of(tx, row["id"]), review=review)
    return view | {
        "activity_id": str(item.id), "course_id": str(item.course_id), "title": dict(item.title),
        "preview": False, "now": tx.now.isoformat(), "outcome": None, "account_id": str(enrolment["account_id"]),
    }  # fmt: skip


def _attempt(tx: Tx, quiz_attempt_id: object) -> tuple[View, View]:
    columns = (*quiz_attempts.c, enrolments.c.account_id, enrolments.c.course_id)
    statement = (
        select(*columns)
        .join(attempts, attempts.c.id == quiz_attempts.c.attempt_id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(quiz_attempts.c.id == parse_id(quiz_attempt_id))
    )
    found = rows(tx, statement)
    if not found:
        raise NotFound
    row = found[0]
    whose = {name: row.pop(name) for name in ("account_id", "course_id")}
    if whose["account_id"] != tx.actor.account_id:
        course = store.load_course(tx, whose["course_id"])
        if not policy.can_see_roster(tx.actor, course):
            raise NotFound
    return row, whose


def get_question_image(tx: Tx, image_id: object, quiz_attempt_id: object | None) -> View:
    """Where a picture is: for who writes courses, and for a learner in whose paper it is. Raises NotFound."""
    if quiz_attempt_id is None:
        if not policy.is_staff(tx.actor):
            raise NotFound
    else:
        row, _ = _attempt(tx, quiz_attempt_id)
        pictures = [one["question"]["image"] for one in row["paper"]]
        if str(image_id) not in [picture["id"] for picture in pictures if picture]:
            raise NotFound
    columns = (quiz_images.c.storage_key, quiz_images.c.media_type, quiz_images.c.size)
    found = rows(tx, select(*columns).where(quiz_images.c.id == parse_id(image_id)))
    if not found:
        raise NotFound
    return found[0]


# --- preview: nothing is kept


def preview_quiz(tx: Tx, activity_id: object, seed: int) -> View:
    """A paper of the draft as a learner would get it. Raises NotFound for others than staff, QuizEmpty."""
    return _preview(tx, activity_id, seed, None)


def grade_quiz_preview(tx: Tx, activity_id: object, seed: int, answers: Mapping[str, Any]) -> View:
    """The same paper with its result. Raises also Invalid."""
    return _preview(tx, activity_id, seed, answers)


def _preview(tx: Tx, activity_id: object, seed: int, given: Mapping[str, Any] | None) -> View:
    item, course, block = _draft(tx, activity_id)
    rules = block.options
    paper = _source(tx, course, block).paper(rules, seed)
    if not paper:
        raise QuizEmpty
    row = _unkept(tx, paper)
    answers: dict[str, Any] = {}
    if given is not None:
        answers = read_answers(paper, given)
        result = result_of(paper, answers, rules["pass_mark"])
        marks = {key: {"credit": mark.credit, "points": mark.points} for key, mark in result.marks.items()}
        row |= {
            "submitted_at": tx.now, "marks": marks, "points": result.points, "max_points": result.max_points,
            "score": result.score, "passed": result.passed,
        }  # fmt: skip
    saved = {key: {"answer": answer, "sequence": 0} for key, answer in answers.items()}
    view = quiz_views.sitting_view(row, rules, saved, review=given is not None)
    return view | {
        "id": None, "activity_id": str(item.id), "course_id": str(course.id), "title": dict(item.title),
        "preview": True, "now": tx.now.isoformat(), "outcome": None, "seed": seed,
    }  # fmt: skip


def _unkept(tx: Tx, paper: list[Asked]) -> View:
    nothing = ("due_at", "submitted_at", "marks", "points", "max_points", "score", "passed")
    return {"id": None, "number": 1, "paper": paper, "started_at": tx.now} | dict.fromkeys(nothing)


# --- for the trainer


def list_quiz_attempts(tx: Tx, wanted: View) -> View:
    """Learners' attempts, newest first. Raises NotFound, Forbidden."""
    item, _ = _reported(tx, wanted["activity_id"])
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    statement = (
        select(*(column for column in quiz_attempts.c if column.name not in ("paper", "marks")), enrolments.c.account_id)
        .join(attempts, attempts.c.id == quiz_attempts.c.attempt_id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(quiz_attempts.c.activity_id == item.id)
    )  # fmt: skip
    if request.after is not None:
        statement = statement.where(quiz_attempts.c.id < parse_id(request.after[0]))
    found = rows(tx, statement.order_by(quiz_attempts.c.id.desc()).limit(request.limit + 1))
    return page_of(
        found,
        request,
        lambda row: [row["id"]],
        lambda row: quiz_views.line_of(row) | {"account_id": str(row["account_id"])},
    )


def _reported(tx: Tx, activity_id: object) -> tuple[OutlineItem, Course]:
    item = _visible(tx, activity_id)
    course = store.load_course(tx, item.course_id)
    if not policy.can_see_roster(tx.actor, course):
        raise Forbidden
    return item, course


def quiz_statistics(tx: Tx, activity_id: object) -> View:
    """How the questions did in everybody's first attempt; nothing while fewer than five people have submitted one.

    Raises NotFound, Forbidden.
    """
    item, _ = _reported(tx, activity_id)
    columns = (quiz_attempts.c.id, quiz_attempts.c.paper, quiz_attempts.c.marks, quiz_attempts.c.score)
    done = (quiz_attempts.c.activity_id == item.id) & quiz_attempts.c.submitted_at.is_not(None)
    found = rows(tx, select(*columns).where(done, quiz_attempts.c.number == 1).order_by(quiz_attempts.c.id))
    enough = len(found) >= FEWEST
    answers = _answers(tx, [row["id"] for row in found]) if enough else {}
    lines = statistics([(row["paper"], answers[row["id"]], row["marks"]) for row in found]) if enough else []
    return {
        "activity_id": str(item.id),
        "course_id": str(item.course_id),
        "title": dict(item.title),
        "people": len(found) if enough else None,
        "mean_score": round(sum(row["score"] for row in found) / len(found), 4) if enough else None,
        "questions": lines,
    }


def _answers(tx: Tx, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    columns = (quiz_answers.c.quiz_attempt_id, quiz_answers.c.question_id, quiz_answers.c.answer)
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in tx.session.execute(select(*columns).where(quiz_answers.c.quiz_attempt_id.in_(ids))):
        found[row.quiz_attempt_id][row.question_id] = row.answer
    return found


def list_accommodations(tx: Tx, course_id: object) -> View:
    """Who has more time or attempts in a course. Raises NotFound, Forbidden."""
    course = store.load_course(tx, course_id)
    if not policy.can_see_roster(tx.actor, course):
        raise Forbidden
    columns = (accommodations.c.account_id, accommodations.c.time_factor, accommodations.c.extra_attempts)
    mine = (
        select(*columns).where(accommodations.c.course_id == course.id).order_by(accommodations.c.account_id)
    )
    return {"items": [row | {"account_id": str(row["account_id"])} for row in rows(tx, mine)]}
