"""Whether a learner may begin an activity: the one place that asks the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.courses import store
from services.courses.domain.cohorts import AfterOthers, Cohort, NotStarted, OpensLater
from services.courses.domain.learning import Enrolment
from services.courses.domain.outline import OutlineItem
from services.courses.domain.rules import AFTER, NOT_STARTED, Calendar, Lock, lock_of
from services.courses.tables import cohorts, seats
from shared.db.tx import Tx
from shared.errors import NotFound

View = dict[str, Any]


def cohort_of(tx: Tx, enrolment_id: UUID) -> Cohort | None:
    """The cohort that an enrolment has a seat in."""
    found = (
        select(Cohort)
        .join(seats, seats.c.cohort_id == cohorts.c.id)
        .where(seats.c.enrolment_id == enrolment_id)
    )
    return tx.session.execute(found).scalar_one_or_none()


def cohort_head(cohort: Cohort) -> View:
    """What a learner's pages say of a cohort."""
    return {
        "id": str(cohort.id),
        "name": dict(cohort.name),
        "starts_at": cohort.starts_at.isoformat(),
        "ends_at": cohort.ends_at.isoformat(),
        "time_zone": cohort.time_zone,
    }


def calendar_of(started_at: datetime, cohort: Cohort | None) -> Calendar:
    """The dates of one learner: of the cohort, or counted from the day of enrolment."""
    return Calendar(cohort.starts_at, cohort.dates()) if cohort else Calendar(started_at, {})


def require_open(tx: Tx, enrolment: Enrolment, item: OutlineItem) -> None:
    """Raises Locked with the reason."""
    outline = store.learner_outline(tx, enrolment.course_id)
    if item.id not in outline.by_id:
        raise NotFound
    calendar = calendar_of(enrolment.started_at, cohort_of(tx, enrolment.id))
    completed = store.completed_activities(tx, enrolment.id)
    lock = lock_of(outline, outline.by_id[item.id], completed, calendar, tx.now)
    if lock is None:
        return
    if lock.code == AFTER:
        raise AfterOthers(after=[dict(first.title) for first in lock.after])
    error = NotStarted if lock.code == NOT_STARTED else OpensLater
    raise error(at=lock.at.isoformat() if lock.at else None)


def lock_view(lock: Lock | None) -> View | None:
    """A lock for the wire: `{code, at, after: [{id, title}]}`."""
    if lock is None:
        return None
    after = [{"id": str(item.id), "title": dict(item.title)} for item in lock.after]
    return {"code": lock.code, "at": lock.at.isoformat() if lock.at else None, "after": after}
