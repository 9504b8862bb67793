"""XBlock definitions, usages and field values."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Uuid

from services.courses.tables.base import metadata
from shared.db.types import Json

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
