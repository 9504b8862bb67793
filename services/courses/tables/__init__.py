"""Tables of the courses service, and the mapping of its domain classes onto them."""

from __future__ import annotations

from sqlalchemy.orm import registry

from services.courses.domain.certificates import Certificate
from services.courses.domain.cohorts import Cohort
from services.courses.domain.course import Course, Objective
from services.courses.domain.editions import Snapshot
from services.courses.domain.learning import Attempt, Enrolment
from services.courses.domain.outline import OutlineItem
from services.courses.tables.base import messaging, metadata
from services.courses.tables.blocks import (
    block_grants,
    block_policy,
    xblock_definitions,
    xblock_fields,
    xblock_usages,
)
from services.courses.tables.certificates import (
    badge_keys,
    certificate_settings,
    certificates,
    evaluation_answers,
    evaluation_requests,
)
from services.courses.tables.cohorts import cohorts, interests, members, seats, waiting
from services.courses.tables.courses import courses, items, objectives
from services.courses.tables.editions import frozen_blocks, kept, published_blocks, snapshots
from services.courses.tables.files import trash, uploads
from services.courses.tables.h5p import h5p_content_libraries, h5p_contents, h5p_libraries, h5p_policy
from services.courses.tables.h5p_editor import h5p_draft_files, h5p_drafts, h5p_previews
from services.courses.tables.h5p_play import (
    h5p_embeds,
    h5p_event_policy,
    h5p_events,
    h5p_finishes,
    h5p_lineages,
    h5p_upgrade_items,
    h5p_upgrades,
)
from services.courses.tables.learning import (
    ANY_LINEAGE,
    attempts,
    completions,
    enrolments,
    play_grants,
    statements,
    states,
)
from services.courses.tables.lrs import xapi_statements, xapi_states, xapi_tools, xapi_voids
from services.courses.tables.quiz import (
    accommodations,
    bank_questions,
    bank_tags,
    bank_versions,
    quiz_answers,
    quiz_attempts,
    quiz_images,
)
from services.courses.tables.results import results
from services.courses.tables.scorm import scorm_grants

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Course, courses)
_mapper.map_imperatively(OutlineItem, items)
_mapper.map_imperatively(Objective, objectives)
_mapper.map_imperatively(Enrolment, enrolments)
_mapper.map_imperatively(Attempt, attempts)
_mapper.map_imperatively(Snapshot, snapshots)
_mapper.map_imperatively(Cohort, cohorts)
_mapper.map_imperatively(Certificate, certificates)

__all__ = [
    "ANY_LINEAGE",
    "accommodations",
    "attempts",
    "badge_keys",
    "bank_questions",
    "bank_tags",
    "bank_versions",
    "block_grants",
    "block_policy",
    "certificate_settings",
    "certificates",
    "cohorts",
    "completions",
    "courses",
    "enrolments",
    "evaluation_answers",
    "evaluation_requests",
    "frozen_blocks",
    "h5p_content_libraries",
    "h5p_contents",
    "h5p_draft_files",
    "h5p_drafts",
    "h5p_embeds",
    "h5p_event_policy",
    "h5p_events",
    "h5p_finishes",
    "h5p_libraries",
    "h5p_lineages",
    "h5p_policy",
    "h5p_previews",
    "h5p_upgrade_items",
    "h5p_upgrades",
    "interests",
    "items",
    "kept",
    "members",
    "messaging",
    "metadata",
    "objectives",
    "play_grants",
    "published_blocks",
    "quiz_answers",
    "quiz_attempts",
    "quiz_images",
    "results",
    "scorm_grants",
    "seats",
    "snapshots",
    "statements",
    "states",
    "trash",
    "uploads",
    "waiting",
    "xapi_statements",
    "xapi_states",
    "xapi_tools",
    "xapi_voids",
    "xblock_definitions",
    "xblock_fields",
    "xblock_usages",
]
