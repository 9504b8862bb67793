"""My learning: where I was, what is due, what I wait for, what I finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from services.courses.domain.cohorts import Cohort
from services.courses.domain.editions import outline_of
from services.courses.domain.learning import next_activity, progress
from services.courses.domain.outline import Outline
from services.courses.domain.rules import LATER, Lock, locks
from services.courses.gates import calendar_of, cohort_head, lock_view
from services.courses.queries.cohorts import places
from services.courses.queries.learning import SHOWN, drafts, pointer
from services.courses.queries.summaries import iso
from services.courses.tables import (
    attempts,
    cohorts,
    courses,
    enrolments,
    evaluation_requests,
    interests,
    seats,
    snapshots,
    waiting,
)
from services.courses.views import View
from shared.db.tx import Tx, rows
from shared.ids import parse_id
from shared.paging import PageRequest, page_of

GOING = 30
SOON = timedelta(days=60)


def my_learning(tx: Tx, wanted: View) -> View:
    """Everything of the learner's home; the page asked for is that of the finished courses."""
    account_id = tx.actor.require_account()
    going, due = going_on(tx, account_id, GOING)
    return {
        "going": going,
        "due": due,
        "waiting": _waiting(tx, account_id),
        "interests": _interests(tx, account_id),
        "questions": _questions(tx, account_id),
        "finished": _finished(tx, account_id, wanted),
    }


def home(tx: Tx) -> View:
    """For the Today page: what to continue (seen last first), what is due, and drafts for who writes courses."""
    account_id = tx.actor.require_account()
    mine = and_(enrolments.c.account_id == account_id, enrolments.c.left_at.is_(None))
    finished = select(func.count()).where(mine, enrolments.c.completed_at.is_not(None))
    going, due = going_on(tx, account_id, SHOWN)
    return {
        "continue": going,
        "due": due,
        "completed": tx.session.execute(finished).scalar_one(),
        "drafts_to_take": drafts(tx, None),
        "my_drafts": drafts(tx, account_id),
    }


def going_on(tx: Tx, account_id: UUID, limit: int) -> tuple[list[View], list[View]]:
    """Courses begun, seen last first, and the dates that come: always three statements."""
    statement = (
        select(enrolments, snapshots.c.document, seats.c.cohort_id)
        .join(courses, courses.c.id == enrolments.c.course_id)
        .join(snapshots, (snapshots.c.course_id == courses.c.id) & (snapshots.c.number == courses.c.edition))
        .outerjoin(seats, seats.c.enrolment_id == enrolments.c.id)
        .where(
            enrolments.c.account_id == account_id,
            enrolments.c.completed_at.is_(None),
            enrolments.c.left_at.is_(None),
        )
        .order_by(enrolments.c.last_seen_at.desc(), enrolments.c.id.desc())
        .limit(limit)
    )
    found = rows(tx, statement)
    work = _work(tx, [row["id"] for row in found])
    mine = select(Cohort).where(cohorts.c.id.in_([row["cohort_id"] for row in found if row["cohort_id"]]))
    by_id = {cohort.id: cohort for cohort in tx.session.execute(mine).scalars()}
    going, due = [], []
    for row in found:
        cohort, outline = by_id.get(row["cohort_id"]), outline_of(row["document"], row["course_id"])
        row["title"] = row["document"]["course"]["title"]
        done = {activity for activity, completed in work[row["id"]].items() if completed}
        closed = locks(outline, done, work[row["id"]], calendar_of(row["started_at"], cohort), tx.now)
        going.append(_course(row, outline, done, closed, cohort))
        due += _dates(tx, row, outline, closed, cohort)
    return going, sorted(due, key=lambda one: (one["at"], one["course_id"]))


def _work(tx: Tx, enrolment_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, datetime | None]]:
    columns = (attempts.c.enrolment_id, attempts.c.activity_id, attempts.c.completed_at)
    work: dict[UUID, dict[UUID, datetime | None]] = defaultdict(dict)
    for row in rows(tx, select(*columns).where(attempts.c.enrolment_id.in_(enrolment_ids))):
        work[row["enrolment_id"]][row["activity_id"]] = row["completed_at"]
    return work


def _course(
    row: View, outline: Outline, done: set[UUID], closed: Mapping[UUID, Lock], cohort: Cohort | None
) -> View:
    following = next_activity(outline, done, row["last_activity_id"], closed)
    first_closed = next((closed[item.id] for item in outline.activities() if item.id in closed), None)
    return {
        "course_id": str(row["course_id"]),
        "title": row["title"],
        "progress": progress(outline, done),
        "begun": row["last_activity_id"] is not None,
        "last_seen_at": iso(row["last_seen_at"]),
        "next": pointer(following),
        "lock": lock_view(first_closed) if following is None else None,
        "cohort": cohort_head(cohort) if cohort else None,
    }


def _dates(
    tx: Tx, row: View, outline: Outline, closed: Mapping[UUID, Lock], cohort: Cohort | None
) -> list[View]:
    """The start or the end of the cohort, and the releases to come, each day once."""
    head = {"course_id": str(row["course_id"]), "title": row["title"]}
    moments: list[tuple[str, datetime, View | None]] = []
    if cohort:
        moments.append(("ends", cohort.ends_at, None))
        if cohort.starts_at > tx.now:
            moments.append(("starts", cohort.starts_at, None))
    opening: dict[datetime, UUID] = {}
    for activity in outline.activities():
        lock = closed.get(activity.id)
        if lock and lock.at and lock.code == LATER:
            opening.setdefault(lock.at, activity.id)
    moments += [("opens", at, pointer(outline.by_id[first])) for at, first in opening.items()]
    near = tx.now + SOON
    return [
        head | {"kind": kind, "at": at.isoformat(), "activity": activity}
        for kind, at, activity in moments
        if tx.now < at <= near
    ]


def _waiting(tx: Tx, account_id: UUID) -> list[View]:
    mine = select(Cohort).join(waiting, waiting.c.cohort_id == cohorts.c.id)
    found = list(tx.session.execute(mine.where(waiting.c.account_id == account_id)).scalars())
    if not found:
        return []
    titles = select(courses.c.id, courses.c.title).where(courses.c.id.in_([one.course_id for one in found]))
    by_id = {row["id"]: row["title"] for row in rows(tx, titles)}
    place = places(tx)
    return [
        {
            "course_id": str(one.course_id), "title": by_id[one.course_id], "cohort": cohort_head(one),
            "place": place[one.id],
        }
        for one in sorted(found, key=lambda one: (one.starts_on, one.id))
    ]  # fmt: skip


def _interests(tx: Tx, account_id: UUID) -> list[View]:
    mine = (
        select(courses.c.id, courses.c.title)
        .join(interests, interests.c.course_id == courses.c.id)
        .where(interests.c.account_id == account_id)
        .order_by(interests.c.since.desc(), courses.c.id)
        .limit(GOING)
    )
    return [{"course_id": str(row["id"]), "title": row["title"]} for row in rows(tx, mine)]


def _questions(tx: Tx, account_id: UUID) -> list[View]:
    """What one is asked of courses that one finished, until it is answered."""
    asks = evaluation_requests.c
    mine = (
        select(courses.c.id, courses.c.title, asks.moment)
        .join(enrolments, enrolments.c.id == asks.enrolment_id)
        .join(courses, courses.c.id == enrolments.c.course_id)
        .where(enrolments.c.account_id == account_id, asks.due_at <= tx.now, asks.answered.is_(False))
        .order_by(asks.due_at.desc(), courses.c.id)
        .limit(GOING)
    )
    return [
        {"course_id": str(row["id"]), "title": row["title"], "moment": row["moment"]}
        for row in rows(tx, mine)
    ]


def _finished(tx: Tx, account_id: UUID, wanted: View) -> View:
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    score = (
        select(func.avg(attempts.c.score))
        .where(attempts.c.enrolment_id == enrolments.c.id, attempts.c.score.is_not(None))
        .scalar_subquery()
    )
    mine = (
        select(enrolments.c.id, courses.c.id.label("course_id"), courses.c.title, enrolments.c.completed_at,
               score.label("score"))
        .join(courses, courses.c.id == enrolments.c.course_id)
        .where(
            enrolments.c.account_id == account_id,
            enrolments.c.completed_at.is_not(None),
            enrolments.c.left_at.is_(None),
        )
        .order_by(enrolments.c.id.desc())
    )  # fmt: skip
    if request.after is not None:
        mine = mine.where(enrolments.c.id < parse_id(request.after[0]))
    found = rows(tx, mine.limit(request.limit + 1))
    return page_of(found, request, lambda row: [row["id"]], _done)


def _done(row: View) -> View:
    return {
        "course_id": str(row["course_id"]),
        "title": row["title"],
        "completed_at": iso(row["completed_at"]),
        "score": row["score"],
    }
