"""Cohorts: make and change them, enrol, wait, leave.

Seats and waiting lists of a course change only under the lock of the course's row, so that any number of people who
come at once get exactly the seats that there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from services.courses import policy, store
from services.courses.domain.cohorts import (
    REMIND,
    AlreadyCompleted,
    AlreadyInCohort,
    Cohort,
    CohortClosed,
    CohortHasPeople,
    CohortRequired,
    CoursesFirst,
)
from services.courses.domain.course import IN_COHORTS, Course, Pair
from services.courses.domain.errors import CourseNotPublished
from services.courses.domain.learning import Enrolment
from services.courses.gates import cohort_of
from services.courses.tables import cohorts, courses, enrolments, interests, seats, waiting
from shared.contracts.courses import (
    CohortDue,
    CohortJoined,
    CohortLeft,
    CohortOpened,
    EnrolmentStarted,
    LearnerNudged,
    SeatGiven,
)
from shared.db.dialect import insert_new
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem as Problem
from shared.errors import Forbidden, Invalid, NotFound
from shared.ids import new_id, parse_id

View = dict[str, Any]
BATCH = 200
REST = timedelta(days=3)
"""A learner is nudged no oftener."""


# --- making cohorts


@dataclass(frozen=True, slots=True)
class CohortFields:
    name: Pair
    starts_on: date
    ends_on: date
    time_zone: str
    seats: int | None
    enrol_by: date | None
    releases: dict[str, date]


def create_cohort(tx: Tx, course_id: object, values: CohortFields) -> View:
    """A cohort of the course; who asked to be told of it is told. Raises NotFound, Forbidden, Invalid."""
    course = _managed(tx, course_id)
    cohort = Cohort(
        new_id(), course.id, values.name, values.starts_on, values.ends_on, values.time_zone, tx.now
    )
    _fill_in(tx, cohort, values)
    tx.add(cohort)
    if course.is_published:
        _tell_the_interested(tx, course, cohort)
    return _edited(cohort)


def update_cohort(tx: Tx, cohort_id: object, version: int, values: CohortFields) -> View:
    """The whole cohort anew; further seats go to who waits. Raises NotFound, Forbidden, Stale, Invalid."""
    cohort = _cohort(tx, cohort_id)
    course = _managed(tx, cohort.course_id)
    cohort = _cohort(tx, cohort_id)
    cohort.edit(version)
    if values.ends_on != cohort.ends_on:
        cohort.reminded_at = None
    _fill_in(tx, cohort, values)
    tx.session.flush()
    _give_seats(tx, course, cohort)
    return _edited(cohort)


def delete_cohort(tx: Tx, cohort_id: object, version: int) -> View:
    """Gone, while nobody is in it or waits for it. Raises NotFound, Forbidden, Stale, CohortHasPeople."""
    cohort = _cohort(tx, cohort_id)
    _managed(tx, cohort.course_id)
    cohort = _cohort(tx, cohort_id)
    cohort.edit(version)
    if _taken(tx, cohort.id) or _first_waiting(tx, cohort.id):
        raise CohortHasPeople
    tx.session.delete(cohort)
    return _edited(cohort)


def _managed(tx: Tx, course_id: object) -> Course:
    course = store.lock_course(tx, course_id)
    if not policy.can_manage_cohorts(tx.actor, course):
        raise Forbidden
    return course


def _cohort(tx: Tx, cohort_id: object) -> Cohort:
    cohort = tx.session.get(Cohort, parse_id(cohort_id), populate_existing=True)
    if cohort is None:
        raise NotFound
    return cohort


def _fill_in(tx: Tx, cohort: Cohort, values: CohortFields) -> None:
    cohort.name, cohort.starts_on, cohort.ends_on = values.name, values.starts_on, values.ends_on
    cohort.time_zone, cohort.seats, cohort.enrol_by = values.time_zone, values.seats, values.enrol_by
    known = store.load_outline(tx, cohort.course_id).by_id
    strange = [key for key in values.releases if UUID(key) not in known]
    if strange:
        raise Invalid(fields=[Problem(f"releases.{key}", "unknown-part") for key in strange])
    cohort.releases = {key: day.isoformat() for key, day in values.releases.items()}
    cohort.check()


def _edited(cohort: Cohort) -> View:
    return {"id": str(cohort.id), "course_id": str(cohort.course_id), "version": cohort.version}


def _tell_the_interested(tx: Tx, course: Course, cohort: Cohort) -> None:
    mine = interests.c.course_id == course.id
    people = list(tx.session.execute(select(interests.c.account_id).where(mine)).scalars())
    tx.session.execute(delete(interests).where(mine))
    tx.publish(CohortOpened(course.id, cohort.id, dict(course.title), people), subject=cohort.id)


# --- enrolling


def enrol(tx: Tx, course_id: object, cohort_id: object | None) -> View:
    """Take part, alone or with a cohort; when its seats are taken, a place on its waiting list. Again: the same.

    Raises NotFound, CourseNotPublished, CohortRequired, CoursesFirst, CohortClosed, AlreadyInCohort.
    """
    account_id = tx.actor.require_account()
    course = store.load_course(tx, course_id)
    if not policy.can_enrol(tx.actor, course):
        raise CourseNotPublished
    present = store.find_enrolment(tx, course.id)
    if present is None:
        _require_courses_first(tx, course)
    if cohort_id is not None:
        return _enrol_in_cohort(tx, course.id, cohort_id, account_id)
    if present is None and course.pace == IN_COHORTS:
        raise CohortRequired
    return _enrolled(_start(tx, course, account_id), None)


def _enrol_in_cohort(tx: Tx, course_id: UUID, cohort_id: object, account_id: UUID) -> View:
    course = store.lock_course(tx, course_id)
    cohort = _cohort(tx, cohort_id)
    if cohort.course_id != course.id:
        raise NotFound
    present = store.find_enrolment(tx, course.id)
    current = cohort_of(tx, present.id) if present else None
    if present and current:
        if current.id != cohort.id:
            raise AlreadyInCohort
        return _enrolled(present, cohort.id)
    if place := _place(tx, cohort.id, account_id):
        return _waits(course, cohort, place)
    if not cohort.is_open(tx.now):
        raise CohortClosed
    if cohort.has_room(_taken(tx, cohort.id)) and not _first_waiting(tx, cohort.id):
        return _enrolled(_seat(tx, course, cohort, account_id), cohort.id)
    return _wait(tx, course, cohort, account_id)


def _require_courses_first(tx: Tx, course: Course) -> None:
    wanted = [UUID(first) for first in course.after]
    if not wanted:
        return
    mine = enrolments.c.account_id == tx.actor.account_id
    done = select(enrolments.c.course_id).where(mine, enrolments.c.completed_at.is_not(None))
    missing = select(courses.c.title).where(courses.c.id.in_(wanted), courses.c.id.not_in(done))
    titles = list(tx.session.execute(missing).scalars())
    if titles:
        raise CoursesFirst(courses=titles)


def _start(tx: Tx, course: Course, account_id: UUID) -> Enrolment:
    """A new enrolment, or the one of a person who left and comes back to what they had done."""
    row = {
        "id": new_id(), "course_id": course.id, "account_id": account_id, "started_at": tx.now,
        "last_seen_at": tx.now,
    }  # fmt: skip
    fresh = insert_new(tx.session, enrolments, row)
    mine = (enrolments.c.course_id == course.id) & (enrolments.c.account_id == account_id)
    found = select(Enrolment).where(mine).with_for_update().execution_options(populate_existing=True)
    enrolment = tx.session.execute(found).scalar_one()
    enrolment.left_at = None
    if fresh:
        tx.publish(EnrolmentStarted(course.id, account_id, course.need_id), subject=course.id)
    return enrolment


def _enrolled(enrolment: Enrolment, cohort_id: UUID | None) -> View:
    return {
        "id": str(enrolment.id),
        "course_id": str(enrolment.course_id),
        "started_at": enrolment.started_at.isoformat(),
        "cohort_id": str(cohort_id) if cohort_id else None,
        "waiting": None,
    }


def _waits(course: Course, cohort: Cohort, place: int) -> View:
    """`waiting`: how many have a place up to and with this one."""
    ids = {"course_id": str(course.id), "cohort_id": str(cohort.id)}
    return {"id": None, "started_at": None, "waiting": place, **ids}


def _taken(tx: Tx, cohort_id: UUID) -> int:
    count = select(func.count()).select_from(seats).where(seats.c.cohort_id == cohort_id)
    return tx.session.execute(count).scalar_one()


def _seat(tx: Tx, course: Course, cohort: Cohort, account_id: UUID) -> Enrolment:
    """Give a seat; the person waits for no other cohort of the course any more."""
    enrolment = _start(tx, course, account_id)
    row = {"enrolment_id": enrolment.id, "cohort_id": cohort.id, "given_at": tx.now, "announced": True}
    tx.session.execute(insert(seats).values(row))
    _membership(tx, CohortJoined(course.id, cohort.id, account_id))
    _wait_no_more(tx, course.id, account_id)
    return enrolment


def _membership(tx: Tx, event: CohortJoined | CohortLeft) -> None:
    """Tell who is in a cohort. Seats change under the course's lock, so their moments order them."""
    tx.publish(event, subject=event.cohort_id, version=int(tx.now.timestamp() * 1_000_000))


def announce_seats(tx: Tx) -> None:
    """Tell of seats that were given before there was an event for it."""
    waiting_ = (
        select(seats.c.enrolment_id, seats.c.cohort_id, cohorts.c.course_id, enrolments.c.account_id)
        .join(cohorts, cohorts.c.id == seats.c.cohort_id)
        .join(enrolments, enrolments.c.id == seats.c.enrolment_id)
        .where(seats.c.announced.is_(False))
        .limit(BATCH)
    )
    for row in rows(tx, waiting_):
        # Under the lock that giving and leaving take; who has left meanwhile is not announced.
        tx.session.get_one(Course, row["course_id"], with_for_update=True, populate_existing=True)
        still = update(seats).where(
            seats.c.enrolment_id == row["enrolment_id"], seats.c.cohort_id == row["cohort_id"],
            seats.c.announced.is_(False),
        )  # fmt: skip
        if tx.session.execute(still.values(announced=True).returning(seats.c.enrolment_id)).first():
            _membership(tx, CohortJoined(row["course_id"], row["cohort_id"], row["account_id"]))


def _wait(tx: Tx, course: Course, cohort: Cohort, account_id: UUID) -> View:
    last = select(func.coalesce(func.max(waiting.c.place), 0)).where(waiting.c.cohort_id == cohort.id)
    place = tx.session.execute(last).scalar_one() + 1
    row = {
        "id": new_id(), "cohort_id": cohort.id, "account_id": account_id, "place": place, "since": tx.now,
    }  # fmt: skip
    tx.session.execute(insert(waiting).values(row))
    return _waits(course, cohort, _place(tx, cohort.id, account_id))


def _place(tx: Tx, cohort_id: UUID, account_id: UUID) -> int:
    """How far up a person is on the waiting list, from 1; 0: not on it."""
    here = waiting.c.cohort_id == cohort_id
    mine = select(waiting.c.place).where(here, waiting.c.account_id == account_id).scalar_subquery()
    count = select(func.count()).select_from(waiting).where(here, waiting.c.place <= mine)
    return tx.session.execute(count).scalar_one()


def _first_waiting(tx: Tx, cohort_id: UUID) -> UUID | None:
    first = select(waiting.c.account_id).where(waiting.c.cohort_id == cohort_id)
    return tx.session.execute(first.order_by(waiting.c.place).limit(1)).scalar_one_or_none()


def _wait_no_more(tx: Tx, course_id: UUID, account_id: UUID) -> bool:
    of_course = select(cohorts.c.id).where(cohorts.c.course_id == course_id)
    mine = (waiting.c.account_id == account_id) & waiting.c.cohort_id.in_(of_course)
    found = tx.session.execute(delete(waiting).where(mine).returning(waiting.c.id)).all()
    return bool(found)


def _give_seats(tx: Tx, course: Course, cohort: Cohort) -> None:
    """Free seats go to who waits, in order, while the cohort takes people."""
    while cohort.is_open(tx.now) and cohort.has_room(_taken(tx, cohort.id)):
        account_id = _first_waiting(tx, cohort.id)
        if account_id is None:
            return
        _seat(tx, course, cohort, account_id)
        event = SeatGiven(course.id, cohort.id, account_id, dict(course.title), cohort.starts_at)
        tx.publish(event, subject=cohort.id)


# --- leaving, and asking to be told


def leave_course(tx: Tx, course_id: object) -> View:
    """Leave the course and its waiting lists. What was learned is kept; a freed seat goes to who waits.

    Raises NotFound (neither enrolled nor waiting), AlreadyCompleted.
    """
    account_id = tx.actor.require_account()
    course = store.lock_course(tx, course_id)
    waited = _wait_no_more(tx, course.id, account_id)
    enrolment = store.find_enrolment(tx, course.id, lock=True)
    if enrolment is None:
        if not waited:
            raise NotFound
        return {"course_id": str(course.id)}
    if enrolment.completed_at:
        raise AlreadyCompleted
    enrolment.left_at = tx.now
    cohort = cohort_of(tx, enrolment.id)
    if cohort:
        tx.session.execute(delete(seats).where(seats.c.enrolment_id == enrolment.id))
        _membership(tx, CohortLeft(course.id, cohort.id, account_id))
        _give_seats(tx, course, cohort)
    return {"course_id": str(course.id)}


def set_interest(tx: Tx, course_id: object, *, wanted: bool) -> View:
    """Ask to be told when the course has a cohort to enrol in, or no longer. Raises NotFound, CourseNotPublished."""
    account_id = tx.actor.require_account()
    course = store.load_course(tx, course_id)
    if not course.is_published:
        raise CourseNotPublished
    row = {"course_id": course.id, "account_id": account_id, "since": tx.now}
    if wanted:
        insert_new(tx.session, interests, row)
    else:
        mine = (interests.c.course_id == course.id) & (interests.c.account_id == account_id)
        tx.session.execute(delete(interests).where(mine))
    return {"course_id": str(course.id), "wanted": wanted}


# --- reminders


def remind(tx: Tx) -> None:
    """Tell learners of cohorts that end within three days, once, but not those who finished."""
    horizon = (tx.now + REMIND).date() + timedelta(days=1)
    found = select(Cohort).where(
        cohorts.c.reminded_at.is_(None), cohorts.c.ends_on >= tx.now.date() - timedelta(days=1),
        cohorts.c.ends_on <= horizon,
    )  # fmt: skip
    for cohort in tx.session.execute(found).scalars():
        if tx.now < cohort.ends_at <= tx.now + REMIND:
            _remind(tx, cohort)


def _remind(tx: Tx, cohort: Cohort) -> None:
    cohort.reminded_at = tx.now
    unfinished = (
        select(enrolments.c.account_id)
        .join(seats, seats.c.enrolment_id == enrolments.c.id)
        .where(seats.c.cohort_id == cohort.id, enrolments.c.completed_at.is_(None))
        .order_by(enrolments.c.id)
    )
    people = list(tx.session.execute(unfinished).scalars())
    course = tx.session.get_one(Course, cohort.course_id)
    if people and course.is_published:
        event = CohortDue(course.id, cohort.id, dict(course.title), cohort.ends_at, people)
        tx.publish(event, subject=cohort.id)


def nudge(tx: Tx, course_id: object, account_ids: list[UUID]) -> View:
    """Invite learners to go on; who finished, left or was nudged within three days is left in peace.

    Raises NotFound, Forbidden. Returns `{"sent": n}`.
    """
    course = store.load_course(tx, course_id)
    if not policy.can_see_roster(tx.actor, course):
        raise Forbidden
    rested = enrolments.c.nudged_at.is_(None) | (enrolments.c.nudged_at < tx.now - REST)
    chosen = update(enrolments).where(
        enrolments.c.course_id == course.id, enrolments.c.account_id.in_(account_ids), rested,
        enrolments.c.completed_at.is_(None), enrolments.c.left_at.is_(None),
    )  # fmt: skip
    told = tx.session.execute(chosen.values(nudged_at=tx.now).returning(enrolments.c.account_id)).scalars()
    people = list(told)
    if people:
        tx.publish(LearnerNudged(course.id, dict(course.title), people), subject=course.id)
    return {"sent": len(people)}
