"""XBlock definitions, usages and field values; blocks of other makers that are allowed, and grants to show them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Uuid

from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

xblock_definitions = Table(
    "xblock_definitions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("block_type", String(60), nullable=False),
)

xblock_usages = Table(
    "xblock_usages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("definition_id", Uuid, ForeignKey("xblock_definitions.id"), nullable=False, index=True),
    Column("parent_id", Uuid, ForeignKey("xblock_usages.id", ondelete="SET NULL"), index=True),
    Column("children", Json, nullable=False),
)

xblock_fields = Table(
    "xblock_fields",
    metadata,
    Column("scope", String(40), primary_key=True),
    Column("block_id", String(100), primary_key=True),
    Column("user_id", String(40), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("value", Json, nullable=False),
    Index("ix_xblock_fields_block_id", "block_id"),
)

# Block types of other makers on which an admin decided; what has no row is not allowed.
block_policy = Table(
    "block_policy",
    metadata,
    Column("block_type", String(60), primary_key=True),
    Column("allowed", Boolean, nullable=False),
    Column("settings", Json, nullable=False),
    Column("decided_by", Uuid, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)

# Under a grant the content origin shows one block to one person; without an attempt nothing of a learner is kept.
block_grants = Table(
    "block_grants",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False),  # learners keep what was published, whatever the draft loses
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), index=True),
    Column("view", String(20), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    one_of("view", ("student_view", "studio_view"), "view"),
)
