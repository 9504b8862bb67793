"""Projections of other services: members, and what became of each need."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, String, Table, Uuid

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

members = Table(
    "members",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("roles", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("province", String(2)),
    Column("sector", String(40)),
    Column("language", String(2)),
    Column("agency", String(36)),
)

# The three below are fed by events of other services in any order, so they refer to nothing.
loop_courses = Table(
    "loop_courses",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("need_id", Uuid, nullable=False),
    Column("proposal_id", Uuid),
    Column("title", Json, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("changed_at", UtcDateTime),
)
Index("ix_loop_courses_need_id", loop_courses.c.need_id)

loop_learners = Table(
    "loop_learners",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    CheckConstraint("kind IN ('enrolled', 'completed')", name="kind"),
)

loop_topics = Table(
    "loop_topics",
    metadata,
    Column("topic_id", Uuid, primary_key=True),
    Column("need_id", Uuid, nullable=False),
    Column("proposal_id", Uuid),
)
Index("ix_loop_topics_need_id", loop_topics.c.need_id)
