"""Enrolments, attempts, statements, states and completions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id"), nullable=False),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("last_activity_id", Uuid),
    Column("completed_at", UtcDateTime),
    Column("left_at", UtcDateTime),
    Column("progressed_at", UtcDateTime),
    Column("nudged_at", UtcDateTime),
    UniqueConstraint("course_id", "account_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), nullable=False),
    Column("activity_id", Uuid, nullable=False, index=True),  # what was learned stays when the activity goes
    Column("started_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("score", Float),
    Column("success", Boolean),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("dwell", Integer, nullable=False, server_default="0"),
    Column("beat_at", UtcDateTime),
    UniqueConstraint("enrolment_id", "activity_id"),
    CheckConstraint("score >= -1 AND score <= 1", name="score"),
)

statements = Table(
    "statements",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("verb", String(60), nullable=False),
    Column("sub_content_id", String(64)),
    Column("score", Float),
    Column("document", Json, nullable=False),
    Column("problems", Json),  # codes of the rules it breaks: kept for the record, without any effect
    Column("stored_at", UtcDateTime, nullable=False),
)

ANY_LINEAGE = UUID(int=0)
"""Of states from before lineages were noted: they fit every content."""

states = Table(
    "states",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("data_type", String(60), primary_key=True),
    Column("sub_content_id", String(64), primary_key=True),
    Column("lineage", Uuid, primary_key=True),  # of the content in which it was saved (see h5p_lineages)
    Column("state", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

# Each completed part once per enrolment: the row and its event commit together.
completions = Table(
    "completions",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True),
    Column("part_id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("completed_at", UtcDateTime, nullable=False),
    one_of("kind", ("unit", "module", "course"), "kind"),
)

play_grants = Table(
    "play_grants",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False, index=True),  # of an edition; the draft may have lost it
    Column("content_id", Uuid, ForeignKey("h5p_contents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), index=True),
    Column("nonce", String(64), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
