"""Under which secret a SCORM package is played. The package itself is what the block holds, and a folder in storage."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Uuid

from services.courses.tables.base import metadata
from shared.db.types import Json, UtcDateTime

# `package` is what the block held when it was opened: {prefix, version, title, items}.
scorm_grants = Table(
    "scorm_grants",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), index=True),
    Column("package", Json, nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
