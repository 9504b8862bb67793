"""Lists of courses: always the same three statements, however many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, false, func, or_, select, true

from services.courses import policy
from services.courses.domain.course import DRAFT, PUBLISHED
from services.courses.domain.outline import ACTIVITY, MODULE, UNIT
from services.courses.tables import attempts, courses, enrolments, items, published_blocks, snapshots
from shared.db.tx import Tx, rows
from shared.ids import parse_id
from shared.paging import PageRequest, page_of
from shared.text import has_words

View = dict[str, Any]
Row = dict[str, Any]
SEARCHED = 500
"""Courses that one search looks at."""
SMALLEST_SHOWN = 5


def list_courses(tx: Tx, wanted: View) -> View:
    """Published courses for everyone signed in, drafts for staff; newest first."""
    tx.actor.require_account()
    condition = _visible(tx)
    for name in ("status", "need_id", "proposal_id"):
        if wanted[name] is not None:
            condition = and_(condition, courses.c[name] == wanted[name])
    return _page(tx, condition, wanted)


def list_drafts(tx: Tx, wanted: View) -> View:
    """Drafts of the actor and drafts that nobody took; nothing for others than staff."""
    tx.actor.require_account()
    written_too = cast(courses.c.co_authors, String).contains(str(tx.actor.account_id))
    mine = or_(courses.c.author_id == tx.actor.account_id, courses.c.author_id.is_(None), written_too)
    return _page(
        tx,
        and_(_visible(tx), courses.c.status == DRAFT, mine) if policy.is_staff(tx.actor) else false(),
        wanted,
    )


def list_my_courses(tx: Tx, wanted: View) -> View:
    """Courses that the actor is enrolled in; newest first."""
    tx.actor.require_account()
    return _page(tx, enrolments.c.id.is_not(None), wanted)


def search(tx: Tx, words: str, limit: int) -> View:
    """Courses that the actor may see whose title or summary has every word, in either language; newest first.

    Accents have no portable SQL, so the newest few hundred are read and compared here.
    """
    tx.actor.require_account()
    columns = (courses.c.id, courses.c.title, courses.c.summary, *_EDITION)
    newest = select(*columns).select_from(courses.outerjoin(snapshots, _NEWEST)).where(_visible(tx))
    seen = [_as_seen(tx, row) for row in rows(tx, newest.order_by(courses.c.id.desc()).limit(SEARCHED))]
    found = [row for row in seen if has_words(words, [*row["title"].values(), *row["summary"].values()])]
    return {"items": [{"id": str(row["id"]), "title": row["title"]} for row in found[:limit]]}


_NEWEST = and_(snapshots.c.course_id == courses.c.id, snapshots.c.number == courses.c.edition)
_EDITION = (
    snapshots.c.document["course"].label("edition_head"),
    snapshots.c.document["counts"].label("edition_counts"),
)


def _as_seen(tx: Tx, row: Row) -> Row:
    """Staff find a course by what its draft says, others by what its edition says."""
    return row if policy.is_staff(tx.actor) or not row["edition_head"] else row | row["edition_head"]


def _visible(tx: Tx) -> ColumnElement[bool]:
    return true() if policy.is_staff(tx.actor) else courses.c.status == PUBLISHED


def _page(tx: Tx, condition: ColumnElement[bool], wanted: View) -> View:
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    if request.after is not None:
        condition = and_(condition, courses.c.id < parse_id(request.after[0]))
    found = some_courses(tx, condition, request.limit + 1)
    shown = {row["id"]: view for row, view in zip(found, summaries(tx, found), strict=True)}
    return page_of(found, request, lambda row: [row["id"]], lambda row: shown[row["id"]])


def some_courses(tx: Tx, condition: ColumnElement[bool], limit: int) -> list[Row]:
    """Rows of courses with the actor's enrolment, newest first."""
    mine = and_(
        enrolments.c.course_id == courses.c.id,
        enrolments.c.account_id == tx.actor.account_id,
        enrolments.c.left_at.is_(None),
    )
    statement = (
        select(
            *courses.c,
            enrolments.c.id.label("enrolment_id"),
            enrolments.c.completed_at.label("my_completed_at"),
            *_EDITION,
        )
        .select_from(courses.outerjoin(enrolments, mine).outerjoin(snapshots, _NEWEST))
        .where(condition)
        .order_by(courses.c.id.desc())
        .limit(limit)
    )
    return rows(tx, statement)


def summaries(tx: Tx, found: Sequence[Row]) -> list[View]:
    """CourseSummary of each row: of the newest edition, or of the draft while there is none."""
    counts = _counts(tx, [row["id"] for row in found if not row["edition_counts"]])
    done = _done(tx, [row["enrolment_id"] for row in found if row["enrolment_id"]])
    return [
        _summary(row, row["edition_counts"] or counts[row["id"]], done.get(row["enrolment_id"], 0))
        for row in found
    ]


def _summary(row: Row, counts: dict[str, int], done: int) -> View:
    total = counts.get(ACTIVITY, 0)
    mine = {"progress": done / total if total else 0.0, "completed_at": iso(row["my_completed_at"])}
    head = row["edition_head"] or {}
    shown = row | {name: head[name] for name in ("title", "summary", "only_language") if name in head}
    return course_head(shown) | {
        "only_language": shown["only_language"],
        "counts": {"modules": counts.get(MODULE, 0), "units": counts.get(UNIT, 0), "activities": total},
        "my": mine if row["enrolment_id"] else None,
    }


def course_head(row: Row) -> View:
    """What every view of a course begins with."""
    plain = ("title", "summary", "status", "edition", "version", "languages")
    ids = ("id", "need_id", "proposal_id", "author_id")
    return (
        {name: row[name] for name in plain}
        | {name: str(row[name]) if row[name] else None for name in ids}
        | {"created_at": iso(row["created_at"]), "published_at": iso(row["published_at"])}
    )


def iso(at: Any) -> str | None:
    """An instant for the wire."""
    return at.isoformat() if at else None


def _counts(tx: Tx, course_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    statement = (
        select(items.c.course_id, items.c.kind, func.count())
        .where(items.c.course_id.in_(course_ids))
        .group_by(items.c.course_id, items.c.kind)
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    for course_id, kind, count in tx.session.execute(statement):
        counts[course_id][kind] = count
    return counts


def _done(tx: Tx, enrolment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Completed activities that the newest edition still has, per enrolment."""
    statement = (
        select(attempts.c.enrolment_id, func.count())
        .join(published_blocks, published_blocks.c.usage_id == attempts.c.activity_id)
        .where(attempts.c.enrolment_id.in_(enrolment_ids), attempts.c.completed_at.is_not(None))
        .group_by(attempts.c.enrolment_id)
    )
    return {row[0]: row[1] for row in tx.session.execute(statement)}


def course_counts(tx: Tx, course_ids: Sequence[UUID]) -> View:
    """Enrolments, completions and mean progress of the courses that the actor may see, in the order asked.

    Under five people a figure tells of persons: it is null for who may not see such small counts.
    """
    tx.actor.require_account()
    visible = select(courses.c.id).where(courses.c.id.in_(course_ids), _visible(tx))
    seen = set(tx.session.execute(visible).scalars())
    totals = _enrolment_totals(tx, course_ids)
    shares = _mean_progress(tx, course_ids)
    known = [course_id for course_id in dict.fromkeys(course_ids) if course_id in seen]
    least = 0 if policy.can_see_small_counts(tx.actor) else SMALLEST_SHOWN
    found = {known_id: (*totals.get(known_id, (0, 0)), shares.get(known_id, 0.0)) for known_id in known}
    return {"items": [{"course_id": str(known_id), **_count(*found[known_id], least)} for known_id in known]}


def _count(started: int, completed: int, share: float, least: int) -> View:
    """`share`: sum of the learners' progress; `least`: the smallest number of people that may be told."""
    return {
        "enrolments": started if started >= least else None,
        "completions": completed if completed >= least else None,
        "mean_progress": share / started if started and started >= least else None,
    }


def _enrolment_totals(tx: Tx, course_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    statement = (
        select(enrolments.c.course_id, func.count(), func.count(enrolments.c.completed_at))
        .where(enrolments.c.course_id.in_(course_ids), enrolments.c.left_at.is_(None))
        .group_by(enrolments.c.course_id)
    )
    return {course_id: (started, done) for course_id, started, done in tx.session.execute(statement)}


def _mean_progress(tx: Tx, course_ids: Sequence[UUID]) -> dict[UUID, float]:
    """Sum of the learners' progress per course: completed attempts on activities of the newest edition / activities."""
    here, is_activity = published_blocks.c, published_blocks.c.usage_id == published_blocks.c.activity_id
    sizes = (
        select(here.course_id, func.count())
        .where(here.course_id.in_(course_ids), is_activity)
        .group_by(here.course_id)
    )
    totals = {row[0]: row[1] for row in tx.session.execute(sizes)}
    done = (
        select(here.course_id, func.count())
        .join(attempts, attempts.c.activity_id == here.usage_id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(
            here.course_id.in_(course_ids),
            attempts.c.completed_at.is_not(None),
            enrolments.c.left_at.is_(None),
        )
        .group_by(here.course_id)
    )
    return {course_id: count / totals[course_id] for course_id, count in tx.session.execute(done)}
