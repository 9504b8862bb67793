"""Views of attempts on quizzes. What is right is put in at one place only: `_review`."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import nh3
from sqlalchemy import func, select

from services.courses.domain.course import BOTH, Pair
from services.courses.domain.questions import kind_of
from services.courses.domain.quiz import BEST, Asked, Mark, allowed_attempts, counting, may_see_answers
from services.courses.players.markdown import to_html
from services.courses.tables import accommodations, quiz_answers, quiz_attempts
from shared.db.tx import Tx, rows

View = dict[str, Any]


def rows_of(tx: Tx, attempt_id: UUID) -> list[View]:
    """All attempts of one learner on one quiz, in order."""
    mine = select(*quiz_attempts.c).where(quiz_attempts.c.attempt_id == attempt_id)
    return rows(tx, mine.order_by(quiz_attempts.c.number))


def answers_of(tx: Tx, quiz_attempt_id: UUID) -> dict[str, View]:
    """Saved answers by question."""
    mine = select(*quiz_answers.c).where(quiz_answers.c.quiz_attempt_id == quiz_attempt_id)
    return {row["question_id"]: row for row in rows(tx, mine)}


def allowance(tx: Tx, course_id: UUID, account_id: UUID | None) -> tuple[float, int]:
    """(time factor, extra attempts) of one learner."""
    columns = accommodations.c
    mine = select(columns.time_factor, columns.extra_attempts).where(
        columns.course_id == course_id, columns.account_id == account_id
    )
    found = tx.session.execute(mine).first()
    return (found.time_factor, found.extra_attempts) if found else (1.0, 0)


def standing(rules: Mapping[str, Any], sittings: Sequence[View], extra: int) -> View:
    """How far a learner is: attempts allowed and left, the one that is open, the one that counts."""
    allowed = allowed_attempts(rules, extra)
    done = [row for row in sittings if row["submitted_at"]]
    counted = done[counting(rules, [row["score"] for row in done])] if done else None
    passed = [row["passed"] for row in done if row["passed"] is not None]
    waiting = next((row for row in sittings if not row["submitted_at"]), None)
    return {
        "attempts_allowed": allowed,
        "attempts_left": None if allowed is None else max(0, allowed - len(sittings)),
        "open_id": str(waiting["id"]) if waiting else None,
        "counting_id": str(counted["id"]) if counted else None,
        "score": counted["score"] if counted else None,
        "passed": _passed(rules, counted, passed),
    }


def _passed(rules: Mapping[str, Any], counted: View | None, passed: Sequence[bool]) -> bool | None:
    if counted is None or not passed:
        return None
    return any(passed) if rules["counts"] == BEST else counted["passed"]


def line_of(row: Mapping[str, Any]) -> View:
    """One attempt in a list."""
    return {
        "id": str(row["id"]), "number": row["number"], "started_at": row["started_at"].isoformat(),
        "due_at": _iso(row["due_at"]), "submitted_at": _iso(row["submitted_at"]), "score": row["score"],
        "passed": row["passed"],
    }  # fmt: skip


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None


def sitting_view(
    row: Mapping[str, Any], rules: Mapping[str, Any], answers: Mapping[str, View], *, review: bool
) -> View:
    """The QuizAttempt: questions as the learner sees them; with `review`, what is right too."""
    marks = {key: Mark(**mark) for key, mark in (row["marks"] or {}).items()} if review else {}
    return line_of(row) | {
        "points": row["points"], "max_points": row["max_points"], "paging": rules["paging"],
        "pass_mark": rules["pass_mark"], "answers_shown": review,
        "questions": [
            _question(one, number, answers.get(one["id"])) | _review(one, marks.get(one["id"]), review=review)
            for number, one in enumerate(row["paper"], 1)
        ],
    }  # fmt: skip


def sees_answers(rules: Mapping[str, Any], row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether the learner may see what is right in this attempt; where: their standing."""
    left = where["attempts_left"]
    if left == 0 and where["open_id"]:
        left = None  # the last one is still being written
    submitted = row["submitted_at"] is not None
    return may_see_answers(rules, submitted=submitted, left=left, passed=where["passed"])


def _question(one: Asked, number: int, saved: View | None) -> View:
    question = one["question"]
    return {
        "id": one["id"], "number": number, "kind": question["kind"], "points": question["points"],
        "stem": question["stem"], "html": _html(question["stem"]), "image": question["image"],
        "shown": kind_of(question).shown(question, one["layout"]),
        "answer": saved["answer"] if saved else None, "sequence": saved["sequence"] if saved else 0,
    }  # fmt: skip


def _review(one: Asked, mark: Mark | None, *, review: bool) -> View:
    if not review:
        return {"mark": None, "solution": None}
    question = one["question"]
    solution = kind_of(question).solution(question, one["layout"]) | {"feedback": _html(question["feedback"])}
    shown = {"credit": mark.credit, "points": mark.points, "success": mark.success} if mark else None
    return {"mark": shown, "solution": solution}


def _html(text: Pair) -> View:
    return {language: to_html(text[language]) for language in BOTH}


def plain(text: Pair) -> View:
    """Markdown without its marks, for reports."""
    return {
        language: re.sub(r"\s+", " ", html.unescape(nh3.clean(to_html(text[language]), tags=set()))).strip()[:500]
        for language in BOTH
    }  # fmt: skip


def count_submitted(tx: Tx, activity_id: UUID) -> int:
    """How many attempts on a quiz were submitted."""
    done = (quiz_attempts.c.activity_id == activity_id) & quiz_attempts.c.submitted_at.is_not(None)
    return int(tx.session.execute(select(func.count()).select_from(quiz_attempts).where(done)).scalar_one())
