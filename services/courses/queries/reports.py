"""What trainers and coordinators read: who is where, who is stuck, which questions are hard, who completes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from services.courses import policy, store
from services.courses.domain.course import Course
from services.courses.domain.learning import progress
from services.courses.domain.outline import Outline, OutlineItem
from services.courses.queries.summaries import iso
from services.courses.tables import attempts, cohorts, courses, enrolments, members, results, seats
from services.courses.views import View
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of
from shared.suppression import PUBLIC_THRESHOLD, THRESHOLD, suppress_shares

FAILED_OFTEN = 3
"""Failed tries on one unfinished activity after which a learner counts as stuck."""
WRONG_SHOWN = 3
NOBODY_KNOWS = "unknown"


def _reported(tx: Tx, course_id: object) -> Course:
    course = store.load_course(tx, course_id)
    if not policy.can_see_roster(tx.actor, course):
        raise Forbidden
    return course


# --- who is where


def roster(tx: Tx, wanted: View) -> View:
    """Who is enrolled, how far, with which scores; oldest first. Raises NotFound, Forbidden."""
    course = _reported(tx, wanted["course_id"])
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    stuck = is_stuck(tx, wanted["days"])
    mine = (
        select(*enrolments.c, seats.c.cohort_id, case((stuck, 1), else_=0).label("stuck"))
        .outerjoin(seats, seats.c.enrolment_id == enrolments.c.id)
        .where(enrolments.c.course_id == course.id, _state(wanted["state"], stuck))
    )
    if wanted["cohort_id"] is not None:
        mine = mine.where(seats.c.cohort_id == wanted["cohort_id"])
    if request.after is not None:
        mine = mine.where(enrolments.c.id > parse_id(request.after[0]))
    found = rows(tx, mine.order_by(enrolments.c.id).limit(request.limit + 1))
    outline = store.learner_outline(tx, course)
    work = _attempts(tx, [row["id"] for row in found])
    return page_of(
        found, request, lambda row: [row["id"]], lambda row: _learner(row, work[row["id"]], outline)
    )


def is_stuck(tx: Tx, days: int) -> ColumnElement[bool]:
    """Begun, not finished, and without progress for `days` or with three failed tries on one activity."""
    failing = exists().where(
        attempts.c.enrolment_id == enrolments.c.id,
        attempts.c.completed_at.is_(None),
        attempts.c.failures >= FAILED_OFTEN,
    )
    last = func.coalesce(enrolments.c.progressed_at, enrolments.c.started_at)
    return and_(
        enrolments.c.last_activity_id.is_not(None),
        enrolments.c.completed_at.is_(None),
        enrolments.c.left_at.is_(None),
        or_(last < tx.now - timedelta(days=days), failing),
    )


def _state(state: str | None, stuck: ColumnElement[bool]) -> ColumnElement[bool]:
    here = enrolments.c.left_at.is_(None)
    going = and_(here, enrolments.c.completed_at.is_(None))
    conditions: dict[str | None, ColumnElement[bool]] = {
        None: here,
        "begun": and_(going, enrolments.c.last_activity_id.is_not(None)),
        "not-begun": and_(going, enrolments.c.last_activity_id.is_(None)),
        "finished": and_(here, enrolments.c.completed_at.is_not(None)),
        "stuck": stuck,
        "left": enrolments.c.left_at.is_not(None),
    }
    return conditions[state]


def _attempts(tx: Tx, enrolment_ids: Sequence[UUID]) -> dict[UUID, list[View]]:
    work: dict[UUID, list[View]] = defaultdict(list)
    for row in rows(tx, select(*attempts.c).where(attempts.c.enrolment_id.in_(enrolment_ids))):
        work[row["enrolment_id"]].append(row)
    return work


def _learner(row: View, work: Sequence[View], outline: Outline) -> View:
    present = [attempt for attempt in work if attempt["activity_id"] in outline.by_id]
    scores = [attempt["score"] for attempt in present if attempt["score"] is not None]
    done = {attempt["activity_id"] for attempt in present if attempt["completed_at"]}
    return {
        "account_id": str(row["account_id"]),
        "cohort_id": str(row["cohort_id"]) if row["cohort_id"] else None,
        "started_at": iso(row["started_at"]),
        "last_seen_at": iso(row["last_seen_at"]),
        "progressed_at": iso(row["progressed_at"]),
        "completed_at": iso(row["completed_at"]),
        "left_at": iso(row["left_at"]),
        "nudged_at": iso(row["nudged_at"]),
        "begun": row["last_activity_id"] is not None,
        "stuck": bool(row["stuck"]),
        "stuck_at": _stuck_at(present, outline),
        "progress": progress(outline, done),
        "score": sum(scores) / len(scores) if scores else None,
        "activities": {str(attempt["activity_id"]): _attempt(attempt) for attempt in present},
    }


def _stuck_at(work: Iterable[View], outline: Outline) -> View | None:
    """The unfinished activity with the most failed tries, from three on."""
    tried = [one for one in work if one["completed_at"] is None and one["failures"] >= FAILED_OFTEN]
    if not tried:
        return None
    worst = max(tried, key=lambda one: (one["failures"], str(one["activity_id"])))
    return _titled(outline.by_id[worst["activity_id"]]) | {"failures": worst["failures"]}


def _attempt(attempt: View) -> View:
    return {
        "completed": attempt["completed_at"] is not None,
        "score": attempt["score"],
        "failures": attempt["failures"],
    }


def _titled(item: OutlineItem) -> View:
    return {"id": str(item.id), "title": dict(item.title)}


# --- one course, one activity


def course_report(tx: Tx, wanted: View) -> View:
    """Where people are, and each activity in figures. Raises NotFound, Forbidden."""
    course = _reported(tx, wanted["course_id"])
    outline = store.learner_outline(tx, course)
    people = _people(course.id, wanted["cohort_id"])
    figures = {row["activity_id"]: row for row in rows(tx, _figures(people))}
    answers = {row["activity_id"]: row for row in rows(tx, _answers(people))}
    return {
        "course_id": str(course.id),
        "title": dict(course.title),
        "people": _totals(tx, people),
        "activities": [
            _activity(item, figures.get(item.id), answers.get(item.id)) for item in outline.activities()
        ],
    }


def _people(course_id: UUID, cohort_id: UUID | None) -> Select[Any]:
    """Ids of the enrolments that a report is about."""
    here = select(enrolments.c.id).where(enrolments.c.course_id == course_id, enrolments.c.left_at.is_(None))
    if cohort_id is None:
        return here
    return here.join(seats, seats.c.enrolment_id == enrolments.c.id).where(seats.c.cohort_id == cohort_id)


def _totals(tx: Tx, people: Select[Any]) -> View:
    statement = select(
        func.count().label("enrolled"),
        func.count(enrolments.c.last_activity_id).label("begun"),
        func.count(enrolments.c.completed_at).label("finished"),
    ).where(enrolments.c.id.in_(people))
    return rows(tx, statement)[0]


def _figures(people: Select[Any]) -> Select[Any]:
    return (
        select(
            attempts.c.activity_id,
            func.count().label("begun"),
            func.count(attempts.c.completed_at).label("completed"),
            func.avg(attempts.c.score).label("score"),
            func.sum(case((attempts.c.failures > 0, 1), else_=0)).label("failed"),
        )
        .where(attempts.c.enrolment_id.in_(people))
        .group_by(attempts.c.activity_id)
    )


def _answers(people: Select[Any]) -> Select[Any]:
    return (
        select(
            attempts.c.activity_id,
            func.count().label("answers"),
            func.sum(case((results.c.flagged, 1), else_=0)).label("flagged"),
        )
        .join(attempts, attempts.c.id == results.c.attempt_id)
        .where(attempts.c.enrolment_id.in_(people))
        .group_by(attempts.c.activity_id)
    )


def _activity(item: OutlineItem, figures: View | None, answers: View | None) -> View:
    found = figures or {"begun": 0, "completed": 0, "score": None, "failed": 0}
    asked = answers or {"answers": 0, "flagged": 0}
    return _titled(item) | {
        "kind": item.block_type,
        "rule": dict(item.rule or {}),
        **{name: int(found[name]) for name in ("begun", "completed", "failed")},
        "score": found["score"],
        **{name: int(asked[name]) for name in ("answers", "flagged")},
    }


def activity_report(tx: Tx, wanted: View) -> View:
    """Each question of one activity: how hard, the commonest wrong answers. Raises NotFound, Forbidden."""
    activity_id = parse_id(wanted["activity_id"])
    course_id = store.published_course(tx, activity_id) or store.course_of_item(tx, activity_id)
    course = _reported(tx, course_id)
    item = store.learner_outline(tx, course).by_id.get(activity_id) or store.load_activity(tx, activity_id)
    statement = (
        select(*results.c)
        .join(attempts, attempts.c.id == results.c.attempt_id)
        .where(attempts.c.activity_id == item.id,
               attempts.c.enrolment_id.in_(_people(course.id, wanted["cohort_id"])))
        .order_by(results.c.position, results.c.sub_id, results.c.stored_at)
    )  # fmt: skip
    questions: dict[str, list[View]] = defaultdict(list)
    for row in rows(tx, statement):
        questions[row["sub_id"]].append(row)
    return _titled(item) | {
        "course_id": str(course.id),
        "kind": item.block_type,
        "questions": [_question(sub_id, answers) for sub_id, answers in questions.items()],
    }


def _question(sub_id: str, answers: Sequence[View]) -> View:
    """The words are those of the newest answer: the question may have been edited since."""
    newest = answers[-1]
    judged = [one["success"] for one in answers if one["success"] is not None]
    shares = [
        one["score"] / one["max_score"] for one in answers if one["max_score"] and one["score"] is not None
    ]
    return {
        "sub_id": sub_id,
        "parent_id": newest["parent_id"],
        "kind": newest["kind"],
        "prompt": newest["prompt"],
        "correct": newest["correct"],
        "answers": len(answers),
        "right": sum(judged) / len(judged) if judged else None,
        "score": sum(shares) / len(shares) if shares else None,
        "flagged": sum(one["flagged"] for one in answers),
        "wrong": _commonest_wrong(answers),
    }


def _commonest_wrong(answers: Sequence[View]) -> list[View]:
    wrong = Counter(
        json.dumps(one["response"], sort_keys=True, ensure_ascii=False)
        for one in answers
        if one["success"] is False and one["response"] is not None
    )
    common = sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0]))[:WRONG_SHOWN]
    return [{"response": json.loads(text), "count": count} for text, count in common]


def learner_report(tx: Tx, wanted: View) -> View:
    """One learner's way through a course, with every answer. Raises NotFound, Forbidden."""
    course = _reported(tx, wanted["course_id"])
    mine = (
        select(*enrolments.c, seats.c.cohort_id, case((is_stuck(tx, 7), 1), else_=0).label("stuck"))
        .outerjoin(seats, seats.c.enrolment_id == enrolments.c.id)
        .where(enrolments.c.course_id == course.id, enrolments.c.account_id == wanted["account_id"])
    )
    found = rows(tx, mine)
    if not found:
        raise NotFound
    outline = store.learner_outline(tx, course)
    work = _attempts(tx, [found[0]["id"]])[found[0]["id"]]
    answers = _answers_of(tx, [attempt["id"] for attempt in work])
    by_activity = {attempt["activity_id"]: attempt for attempt in work}
    return _learner(found[0], work, outline) | {
        "course_id": str(course.id),
        "title": dict(course.title),
        "activities": [_step(item, by_activity.get(item.id), answers) for item in outline.activities()],
    }


def _answers_of(tx: Tx, attempt_ids: Sequence[UUID]) -> dict[UUID, list[View]]:
    names = (
        "sub_id", "parent_id", "kind", "prompt", "response", "correct", "score", "max_score", "success", "flagged",
        "claimed", "claimed_score",
    )  # fmt: skip
    statement = (
        select(results)
        .where(results.c.attempt_id.in_(attempt_ids))
        .order_by(results.c.position, results.c.sub_id)
    )
    answers: dict[UUID, list[View]] = defaultdict(list)
    for row in rows(tx, statement):
        answers[row["attempt_id"]].append({name: row[name] for name in names} | {"at": iso(row["stored_at"])})
    return answers


def _step(item: OutlineItem, attempt: View | None, answers: Mapping[UUID, list[View]]) -> View:
    head = _titled(item) | {"kind": item.block_type, "rule": dict(item.rule or {})}
    if attempt is None:
        return head | {"begun_at": None, "completed_at": None, "score": None, "failures": 0, "dwell": 0,
                       "answers": []}  # fmt: skip
    return head | {
        "begun_at": iso(attempt["started_at"]),
        "completed_at": iso(attempt["completed_at"]),
        "score": attempt["score"],
        "failures": attempt["failures"],
        "dwell": attempt["dwell"],
        "answers": answers.get(attempt["id"], []),
    }


# --- the programme


def completion_report(tx: Tx, wanted: View) -> View:
    """Enrolments and completions by group, small cells held back. Raises NotFound, Forbidden.

    Coordinators and admins: cells from 5; trainers and researchers: from 11, as for anything that goes further.
    """
    if not policy.can_see_completion(tx.actor):
        raise Forbidden
    course = store.load_course(tx, wanted["course_id"]) if wanted["course_id"] else None
    key = {
        "province": members.c.province, "sector": members.c.sector, "language": members.c.language,
        "cohort": seats.c.cohort_id, "course": enrolments.c.course_id,
    }[wanted["by"]]  # fmt: skip
    statement = (
        select(key.label("group"), func.count(), func.count(enrolments.c.completed_at))
        .select_from(enrolments)
        .outerjoin(members, members.c.account_id == enrolments.c.account_id)
        .outerjoin(seats, seats.c.enrolment_id == enrolments.c.id)
        .where(enrolments.c.left_at.is_(None))
        .group_by(key)
    )
    if course is not None:
        statement = statement.where(enrolments.c.course_id == course.id)
    found = tx.session.execute(statement)
    counts = {str(group or NOBODY_KNOWS): (of, done) for group, of, done in found}
    least = THRESHOLD if policy.can_coordinate(tx.actor) else PUBLIC_THRESHOLD
    shown = suppress_shares(counts, least)
    titles = _group_titles(tx, wanted["by"], counts)
    return {
        "by": wanted["by"],
        "course_id": str(course.id) if course else None,
        "threshold": least,
        "total": shown.total,
        "completed": shown.total_done,
        "groups": [
            {
                "key": group,
                "title": titles.get(group),
                "people": shown.of[group],
                "completed": shown.done[group],
            }
            for group in sorted(
                counts, key=lambda group: (group == NOBODY_KNOWS, -(shown.of[group] or 0), group)
            )
        ],
    }


def _group_titles(tx: Tx, by: str, groups: Iterable[str]) -> dict[str, View]:
    """Bilingual names of cohorts and courses; provinces, sectors and languages have words in the catalogues."""
    ids = [UUID(group) for group in groups if group != NOBODY_KNOWS] if by in ("cohort", "course") else []
    if by == "course":
        found = select(courses.c.id, courses.c.title).where(courses.c.id.in_(ids))
        return {str(row["id"]): row["title"] for row in rows(tx, found)}
    found = select(cohorts.c.id, cohorts.c.name).where(cohorts.c.id.in_(ids))
    return {str(row["id"]): row["name"] for row in rows(tx, found)}
