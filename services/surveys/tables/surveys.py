"""Needs surveys and their items."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

surveys = Table(
    "surveys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("template_id", String(60), nullable=False),
    Column("method", String(10), nullable=False),
    Column("title", Json, nullable=False),
    Column("intro", Json, nullable=False),
    Column("anonymity", String(10), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("opens_at", UtcDateTime),
    Column("closes_at", UtcDateTime),
    Column("launched_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("invited", Integer),
    Column("version", Integer, nullable=False),
    UniqueConstraint("id", "anonymity"),
    CheckConstraint("anonymity IN ('named', 'anonymous')", name="anonymity"),
    CheckConstraint("method IN ('mwds', 'rds', 'pni', 'gap')", name="method"),
    CheckConstraint(
        "launched_at IS NULL OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND closes_at > opens_at)",
        name="launched_has_dates",
    ),
    CheckConstraint("closed_at IS NULL OR launched_at IS NOT NULL", name="closed_was_launched"),
)
Index("ix_surveys_closing", surveys.c.closed_at, surveys.c.closes_at)

survey_items = Table(
    "survey_items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    UniqueConstraint("survey_id", "position"),
    UniqueConstraint("survey_id", "code"),
)
