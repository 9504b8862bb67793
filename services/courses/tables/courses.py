"""Courses, their outline and objectives."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, Uuid

from services.courses.domain.course import BLOOM
from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

courses = Table(
    "courses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", Json, nullable=False),
    Column("summary", Json, nullable=False),
    Column("need_id", Uuid, index=True),
    Column("proposal_id", Uuid, unique=True),  # once per proposal, however often the event comes
    Column("author_id", Uuid, index=True),
    Column("status", String(20), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("languages", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Column("pace", String(20), nullable=False, server_default="self"),
    Column("after", Json, nullable=False, server_default="[]"),
    Column("co_authors", Json, nullable=False, server_default="[]"),
    Column("only_language", String(2)),
    Column("edited_by", Uuid),
    Column("edited_at", UtcDateTime),
    Column("touched", Integer, nullable=False, server_default="1"),
    one_of("status", ("draft", "published"), "status"),
    CheckConstraint("edition >= 0 AND version >= 1", name="counters"),
)

items = Table(
    "items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("parent_id", Uuid, ForeignKey("items.id", ondelete="CASCADE"), index=True),
    Column("kind", String(20), nullable=False),
    Column("title", Json, nullable=False),
    Column("position", Integer, nullable=False),
    Column("block_type", String(60)),
    Column("rule", Json),
    Column("ready_in", Json, nullable=False),
    Column("content_language", String(20)),
    Column("after", Json, nullable=False, server_default="[]"),
    Column("release_days", Integer),
    Column("touched", Integer, nullable=False, server_default="1"),
    one_of("kind", ("module", "unit", "activity"), "kind"),
    CheckConstraint("(kind = 'module') = (parent_id IS NULL)", name="parent"),
    CheckConstraint("(kind = 'activity') = (block_type IS NOT NULL)", name="block"),
)

objectives = Table(
    "objectives",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("text", Json, nullable=False),
    Column("bloom", String(20), nullable=False),
    Column("need_id", Uuid, index=True),
    Column("audience", Json),
    Column("behaviour", Json),
    Column("condition", Json),
    Column("degree", Json),
    Column("modules", Json, nullable=False, server_default="[]"),
    Column("assessments", Json, nullable=False, server_default="[]"),
    Column("touched", Integer, nullable=False, server_default="1"),
    one_of("bloom", BLOOM, "bloom"),
)
