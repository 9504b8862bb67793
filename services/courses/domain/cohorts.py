"""A cohort: people who take a course together, between two days, with seats and a waiting list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.courses.domain.course import Pair
from shared.errors import Conflict, FieldProblem, Invalid, Stale

REMIND: Final = timedelta(days=3)
"""How long before its end a cohort is reminded."""
UPCOMING: Final = "upcoming"
RUNNING: Final = "running"
ENDED: Final = "ended"


class CohortRequired(Conflict):
    """The course is taken with a cohort; `enrol` names one."""

    code = "cohort-required"


class CohortClosed(Conflict):
    """Enrolment in this cohort has ended."""

    code = "cohort-closed"


class AlreadyInCohort(Conflict):
    """A person is in one cohort of a course at a time: leave the other first."""

    code = "already-in-cohort"


class CohortHasPeople(Conflict):
    """A cohort with learners or people waiting is not deleted."""

    code = "cohort-has-people"


class CoursesFirst(Conflict):
    """Other courses come first; `params.courses` are their titles."""

    code = "courses-first"


class AlreadyCompleted(Conflict):
    """There is nothing left to leave."""

    code = "already-completed"


class Locked(Conflict):
    """An activity that cannot be begun yet."""

    code = "activity-locked"


class NotStarted(Locked):
    """The cohort begins at `params.at`."""

    code = "activity-not-started"


class OpensLater(Locked):
    """Released at `params.at`."""

    code = "activity-opens-later"


class AfterOthers(Locked):
    """What is titled in `params.after` comes first."""

    code = "activity-after"


class GateRefused(Invalid):
    """A prerequisite that is unknown, or that would wait for itself."""

    code = "prerequisite-refused"


def start_of(day: date, zone: str) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def end_of(day: date, zone: str) -> datetime:
    """The last minute of a day in a zone, in UTC: midnight would be read as the next day."""
    return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)


@dataclass(eq=False)
class Cohort:
    """Days are whole days in `time_zone`. `seats` None: as many as come. `enrol_by` None: until its end.

    `releases`: item id -> ISO day on which that item opens for this cohort.
    """

    id: UUID
    course_id: UUID
    name: Pair
    starts_on: date
    ends_on: date
    time_zone: str
    created_at: datetime
    seats: int | None = None
    enrol_by: date | None = None
    releases: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    reminded_at: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        """When learners may begin."""
        return start_of(self.starts_on, self.time_zone)

    @property
    def ends_at(self) -> datetime:
        """When it is due."""
        return end_of(self.ends_on, self.time_zone)

    @property
    def closes_at(self) -> datetime:
        """When enrolment ends."""
        return end_of(self.enrol_by or self.ends_on, self.time_zone)

    def is_open(self, now: datetime) -> bool:
        """Takes enrolments, or names for the waiting list."""
        return now < self.closes_at

    def state(self, now: datetime) -> str:
        """Upcoming, running or ended."""
        if now < self.starts_at:
            return UPCOMING
        return RUNNING if now < self.ends_at else ENDED

    def has_room(self, taken: int) -> bool:
        """Whether a seat is free."""
        return self.seats is None or taken < self.seats

    def dates(self) -> dict[UUID, datetime]:
        """Releases as instants."""
        zone = self.time_zone
        return {UUID(item): start_of(date.fromisoformat(day), zone) for item, day in self.releases.items()}

    def edit(self, version: int) -> None:
        """Count one more version. Raises Stale."""
        if version != self.version:
            raise Stale(current=self.version)
        self.version += 1

    def check(self) -> None:
        """Raises Invalid: the end before the start, or enrolment open after the end."""
        problems = []
        if self.ends_on < self.starts_on:
            problems.append(FieldProblem("ends_on", "before-start"))
        if self.enrol_by is not None and self.enrol_by > self.ends_on:
            problems.append(FieldProblem("enrol_by", "after-end"))
        if problems:
            raise Invalid(fields=problems)
