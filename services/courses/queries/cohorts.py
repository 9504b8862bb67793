"""Cohorts of a course, and how one may take part in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from services.courses import policy, store
from services.courses.domain.cohorts import ENDED, Cohort
from services.courses.domain.course import SELF_PACED, Course
from services.courses.gates import cohort_of
from services.courses.tables import cohorts, courses, enrolments, interests, seats, waiting
from services.courses.views import View
from shared.actor import ADMIN, COORDINATOR
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of

SHOWN = 50
CHOICES = 200


def list_cohorts(tx: Tx, wanted: View) -> View:
    """The cohorts of a course, newest first, with how many take part. Raises NotFound."""
    course = store.load_course(tx, wanted["course_id"])
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    found = select(Cohort).where(cohorts.c.course_id == course.id).order_by(cohorts.c.id.desc())
    if request.after is not None:
        found = found.where(cohorts.c.id < parse_id(request.after[0]))
    shown = list(tx.session.execute(found.limit(request.limit + 1)).scalars())
    views = _views(tx, course, shown)
    return page_of(shown, request, lambda cohort: [cohort.id], lambda cohort: views[cohort.id])


def get_cohort(tx: Tx, cohort_id: object) -> View:
    """One of them. Raises NotFound."""
    cohort = tx.session.get(Cohort, parse_id(cohort_id))
    if cohort is None:
        raise NotFound
    course = store.load_course(tx, cohort.course_id)
    return _views(tx, course, [cohort])[cohort.id]


def cohort_choices(tx: Tx, ids: list[UUID] | None) -> View:
    """Cohorts of published courses by name, newest first, for who addresses a survey to some of them. Raises Forbidden.

    At most CHOICES of them, unless `ids` asks for certain ones.
    """
    tx.actor.require_account()
    if not tx.actor.has(COORDINATOR, ADMIN):
        raise Forbidden
    found = (
        select(cohorts.c.id, cohorts.c.course_id, cohorts.c.name, courses.c.title, cohorts.c.starts_on)
        .join(courses, courses.c.id == cohorts.c.course_id)
        .order_by(cohorts.c.starts_on.desc(), cohorts.c.id.desc())
        .limit(CHOICES)
    )
    found = found.where(cohorts.c.id.in_(ids) if ids is not None else courses.c.edition > 0)
    items = [
        {"id": str(row["id"]), "course_id": str(row["course_id"]), "name": row["name"], "course": row["title"],
         "starts_on": row["starts_on"].isoformat()}
        for row in rows(tx, found)
    ]  # fmt: skip
    return {"items": items, "next_cursor": None}


def _views(tx: Tx, course: Course, shown: Sequence[Cohort]) -> dict[UUID, View]:
    """CohortView of each. Who takes part is counted for those who manage cohorts; others see the free seats."""
    ids = [cohort.id for cohort in shown]
    taken, waits = _counts(tx, seats, ids), _counts(tx, waiting, ids)
    mine = _mine(tx, course.id)
    manages = policy.can_manage_cohorts(tx.actor, course)
    return {
        cohort.id: _view(tx, cohort, taken.get(cohort.id, 0), waits.get(cohort.id, 0), manages=manages)
        | {"mine": mine.get(cohort.id), "can_edit": manages}
        for cohort in shown
    }


def _counts(tx: Tx, table: Any, ids: Sequence[UUID]) -> dict[UUID, int]:
    count = select(table.c.cohort_id, func.count()).where(table.c.cohort_id.in_(ids))
    return {row[0]: row[1] for row in tx.session.execute(count.group_by(table.c.cohort_id))}


def _mine(tx: Tx, course_id: UUID) -> dict[UUID, View]:
    """The actor's seat and places on waiting lists in a course, by cohort."""
    seat = (
        select(seats.c.cohort_id)
        .join(enrolments, enrolments.c.id == seats.c.enrolment_id)
        .where(enrolments.c.course_id == course_id, enrolments.c.account_id == tx.actor.account_id)
    )
    found = {cohort_id: {"seat": True, "place": None} for cohort_id in tx.session.execute(seat).scalars()}
    return found | {
        cohort_id: {"seat": False, "place": place} for cohort_id, place in places(tx, course_id).items()
    }


def places(tx: Tx, course_id: UUID | None = None) -> dict[UUID, int]:
    """Cohort id -> how far up the actor is on its waiting list, of one course or of all."""
    mine = waiting.alias()
    ahead = and_(waiting.c.cohort_id == mine.c.cohort_id, waiting.c.place <= mine.c.place)
    found = (
        select(mine.c.cohort_id, func.count())
        .join(waiting, ahead)
        .where(mine.c.account_id == tx.actor.account_id)
        .group_by(mine.c.cohort_id)
    )
    if course_id is not None:
        of_course = select(cohorts.c.id).where(cohorts.c.course_id == course_id)
        found = found.where(mine.c.cohort_id.in_(of_course))
    return {row[0]: row[1] for row in tx.session.execute(found)}


def _view(tx: Tx, cohort: Cohort, taken: int, waits: int, *, manages: bool) -> View:
    free = None if cohort.seats is None else 0 if waits else max(0, cohort.seats - taken)
    plain = {name: getattr(cohort, name) for name in ("time_zone", "seats", "version")}
    return plain | {
        "id": str(cohort.id),
        "course_id": str(cohort.course_id),
        "name": dict(cohort.name),
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "enrol_by": cohort.enrol_by.isoformat() if cohort.enrol_by else None,
        "starts_at": cohort.starts_at.isoformat(),
        "ends_at": cohort.ends_at.isoformat(),
        "closes_at": cohort.closes_at.isoformat(),
        "releases": dict(cohort.releases),
        "state": cohort.state(tx.now),
        "open": cohort.is_open(tx.now),
        "free": free,
        "taken": taken if manages else None,
        "waiting": waits if manages else None,
    }


def get_enrolment(tx: Tx, course_id: object) -> View:
    """How the actor takes part in a course, or may: what a course's page offers. Raises NotFound."""
    account_id = tx.actor.require_account()
    course = store.load_course(tx, course_id)
    enrolment = store.find_enrolment(tx, course.id)
    cohort = cohort_of(tx, enrolment.id) if enrolment else None
    shown = _upcoming(tx, course)
    views = _views(tx, course, shown)
    after = _courses_first(tx, course)
    interested = select(interests.c.since).where(
        interests.c.course_id == course.id, interests.c.account_id == account_id
    )
    return {
        "course_id": str(course.id),
        "pace": course.pace,
        "enrolled": enrolment is not None,
        "cohort_id": str(cohort.id) if cohort else None,
        "after": after,
        "cohorts": [views[one.id] for one in shown],
        "interested": tx.session.execute(interested).first() is not None,
        "can": _rights(tx, course, after, [one for one in shown if one.is_open(tx.now)])
        | {"leave": enrolment is not None and enrolment.completed_at is None},
    }


def _rights(tx: Tx, course: Course, after: Sequence[View], joinable: Sequence[Cohort]) -> dict[str, bool]:
    ready = policy.can_enrol(tx.actor, course) and all(first["completed"] for first in after)
    return {
        "enrol": ready and course.pace == SELF_PACED,
        "join": ready and bool(joinable),
        "manage": policy.can_manage_cohorts(tx.actor, course),
    }


def _upcoming(tx: Tx, course: Course) -> list[Cohort]:
    """Cohorts that have not ended, the earliest first."""
    yesterday = tx.now.date().toordinal() - 1
    found = select(Cohort).where(
        cohorts.c.course_id == course.id, cohorts.c.ends_on >= tx.now.date().fromordinal(yesterday)
    )
    first = found.order_by(cohorts.c.starts_on, cohorts.c.id).limit(SHOWN)
    return [one for one in tx.session.execute(first).scalars() if one.state(tx.now) != ENDED]


def _courses_first(tx: Tx, course: Course) -> list[View]:
    """The courses to complete before this one."""
    wanted = [UUID(first) for first in course.after]
    if not wanted:
        return []
    mine = and_(enrolments.c.course_id == courses.c.id, enrolments.c.account_id == tx.actor.account_id)
    found = select(courses.c.id, courses.c.title, enrolments.c.completed_at).select_from(
        courses.outerjoin(enrolments, mine)
    )
    return [
        {"id": str(row["id"]), "title": row["title"], "completed": row["completed_at"] is not None}
        for row in rows(tx, found.where(courses.c.id.in_(wanted)).order_by(courses.c.id))
    ]
