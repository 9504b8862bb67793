"""Events of the courses service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import DomainEvent


@dataclass(frozen=True, slots=True)
class CourseDrafted(DomainEvent):
    """An approved proposal has its draft course."""

    type: ClassVar[str] = "courses.course.drafted.v1"
    course_id: UUID
    title: dict[str, str]
    proposal_id: UUID | None = None
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CoursePublished(DomainEvent):
    """Learners can enrol; `edition` counts publications from 1. `note`: what the trainer says of a new edition."""

    type: ClassVar[str] = "courses.course.published.v1"
    course_id: UUID
    title: dict[str, str]
    edition: int
    proposal_id: UUID | None = None
    need_id: UUID | None = None
    note: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentStarted(DomainEvent):
    """A learner enrolled."""

    type: ClassVar[str] = "courses.enrolment.started.v1"
    course_id: UUID
    account_id: UUID
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class UnitCompleted(DomainEvent):
    """A learner completed every activity of a unit."""

    type: ClassVar[str] = "courses.unit.completed.v1"
    course_id: UUID
    unit_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class ModuleCompleted(DomainEvent):
    """A learner completed every unit of a module."""

    type: ClassVar[str] = "courses.module.completed.v1"
    course_id: UUID
    module_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class CourseCompleted(DomainEvent):
    """A learner completed every module of a course."""

    type: ClassVar[str] = "courses.course.completed.v1"
    course_id: UUID
    account_id: UUID
    title: dict[str, str]
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FollowUpDue(DomainEvent):
    """So many days after completing a course, a learner is asked whether it was of use at work."""

    type: ClassVar[str] = "courses.followup.due.v1"
    course_id: UUID
    account_id: UUID
    days: int
    title: dict[str, str]
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CohortOpened(DomainEvent):
    """A course has a cohort to enrol in; `account_ids` asked to hear of it."""

    type: ClassVar[str] = "courses.cohort.opened.v1"
    course_id: UUID
    cohort_id: UUID
    title: dict[str, str]
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class SeatGiven(DomainEvent):
    """A seat became free, and the next person of the waiting list has it."""

    type: ClassVar[str] = "courses.seat.given.v1"
    course_id: UUID
    cohort_id: UUID
    account_id: UUID
    title: dict[str, str]
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class CohortJoined(DomainEvent):
    """A learner has a seat in a cohort. The envelope's version orders it with CohortLeft of the same two."""

    type: ClassVar[str] = "courses.cohort.joined.v1"
    course_id: UUID
    cohort_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class CohortLeft(DomainEvent):
    """A learner gave a seat back."""

    type: ClassVar[str] = "courses.cohort.left.v1"
    course_id: UUID
    cohort_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class CohortDue(DomainEvent):
    """A cohort ends soon, once per end; `account_ids` have not finished."""

    type: ClassVar[str] = "courses.cohort.due.v1"
    course_id: UUID
    cohort_id: UUID
    title: dict[str, str]
    ends_at: datetime
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class LearnerNudged(DomainEvent):
    """A trainer invites learners to go on."""

    type: ClassVar[str] = "courses.learner.nudged.v1"
    course_id: UUID
    title: dict[str, str]
    account_ids: list[UUID]
