"""H5P contents that are being written: one draft per activity, with the media that were added to it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text, Uuid

from services.courses.tables.base import metadata
from shared.db.types import Json, UtcDateTime

h5p_drafts = Table(
    "h5p_drafts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("activity_id", Uuid, nullable=False, unique=True),
    Column("library", String(300), nullable=False),
    Column("params", Text, nullable=False),  # JSON as it was typed, valid or not yet
    Column("metadata", Json, nullable=False),
    Column("base_content_id", Uuid),  # what the activity held when the draft began
    Column("prefix", String(300), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("updated_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
)

h5p_draft_files = Table(
    "h5p_draft_files",
    metadata,
    Column("draft_id", Uuid, ForeignKey("h5p_drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("path", String(255), primary_key=True),
    Column("media_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
)

# The right to look at a draft as it was when the preview was asked for; its content.json lies beside the media.
h5p_previews = Table(
    "h5p_previews",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("draft_id", Uuid, ForeignKey("h5p_drafts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("manifest", Json, nullable=False),
    Column("nonce", String(100), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
