"""Tables of the courses service, and the mapping of its domain classes onto them."""

from __future__ import annotations

from sqlalchemy.orm import registry

from services.courses.domain.course import Course, Objective
from services.courses.domain.learning import Attempt, Enrolment
from services.courses.domain.outline import OutlineItem
from services.courses.tables.base import messaging, metadata
from services.courses.tables.blocks import xblock_definitions, xblock_fields, xblock_usages
from services.courses.tables.courses import courses, items, objectives
from services.courses.tables.files import trash, uploads
from services.courses.tables.h5p import h5p_content_libraries, h5p_contents, h5p_libraries, h5p_policy
from services.courses.tables.learning import (
    attempts,
    completions,
    enrolments,
    play_grants,
    statements,
    states,
)
from services.courses.tables.results import results

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Course, courses)
_mapper.map_imperatively(OutlineItem, items)
_mapper.map_imperatively(Objective, objectives)
_mapper.map_imperatively(Enrolment, enrolments)
_mapper.map_imperatively(Attempt, attempts)

__all__ = [
    "attempts",
    "completions",
    "courses",
    "enrolments",
    "h5p_content_libraries",
    "h5p_contents",
    "h5p_libraries",
    "h5p_policy",
    "items",
    "messaging",
    "metadata",
    "objectives",
    "play_grants",
    "results",
    "statements",
    "states",
    "trash",
    "uploads",
    "xblock_definitions",
    "xblock_fields",
    "xblock_usages",
]
