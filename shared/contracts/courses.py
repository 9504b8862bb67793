"""Events of the courses service."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Learners can enrol; `edition` counts publications from 1."""

    type: ClassVar[str] = "courses.course.published.v1"
    course_id: UUID
    title: dict[str, str]
    edition: int
    proposal_id: UUID | None = None
    need_id: UUID | None = None


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
