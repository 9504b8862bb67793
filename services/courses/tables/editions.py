"""Snapshots of courses: editions, and states of the draft."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, UniqueConstraint, Uuid

from services.courses.domain.editions import REASONS
from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer),  # of an edition; empty for a state of the draft
    Column("document", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("made_by", Uuid),
    Column("reason", String(20), nullable=False),
    Column("note", Json),
    UniqueConstraint("course_id", "number"),
    one_of("reason", REASONS, "reason"),
    CheckConstraint("number IS NULL OR number >= 1", name="number"),
)

# What blocks held, each once however many snapshots have it.
frozen_blocks = Table(
    "frozen_blocks",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("fields", Json, nullable=False),
)

# What may not go while a snapshot needs it: ids of usages and contents, keys of files.
kept = Table(
    "kept",
    metadata,
    Column("snapshot_id", Uuid, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True),
    Column("ref", String(300), primary_key=True, index=True),
)

# The blocks of each course's newest edition: what learners' blocks hold.
published_blocks = Table(
    "published_blocks",
    metadata,
    Column("usage_id", Uuid, primary_key=True),
    Column("definition_id", Uuid, nullable=False, index=True),
    Column("activity_id", Uuid, nullable=False, index=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", String(64), ForeignKey("frozen_blocks.digest"), nullable=False, index=True),
)
