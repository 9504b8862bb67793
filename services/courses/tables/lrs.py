"""The record store: registered tools, statements that came from outside, and their states."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text, Uuid

from services.courses.tables.base import metadata
from shared.db.types import Json, UtcDateTime

xapi_tools = Table(
    "xapi_tools",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

# `owner` is who stored it: "tool:<id>" or "account:<id>". Our own players' statements stay in `statements`.
xapi_statements = Table(
    "xapi_statements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", String(50), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", Json, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Index("ix_xapi_statements_owner_stored_at", "owner", "stored_at"),
    Index("ix_xapi_statements_stored_at", "stored_at"),
)

# A statement is void when the store also holds one of the same owner that voids it, in whichever order they came.
xapi_voids = Table(
    "xapi_voids",
    metadata,
    Column("statement_id", Uuid, primary_key=True),
    Column("owner", String(50), primary_key=True),
)

# `place`: hash of activity, agent and registration; a document is one of a place's states.
xapi_states = Table(
    "xapi_states",
    metadata,
    Column("owner", String(50), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("state_id", String(255), primary_key=True),
    Column("content_type", String(200), nullable=False),
    Column("content", Text, nullable=False),  # base 64
    Column("etag", String(40), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
