"""Needs surveys, the versions of their instruments, and the items that get ranked."""

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
    Column("elements", Json, nullable=False),
    Column("groups", Json, nullable=False),
    Column("instrument_version", Integer, nullable=False),
    Column("cut_rule", String(12)),
    Column("anonymity", String(12), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("opens_at", UtcDateTime),
    Column("closes_at", UtcDateTime),
    Column("launched_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("invited", Integer),
    Column("filters", Integer, nullable=False, server_default="0"),
    Column("follows_survey_id", Uuid, ForeignKey("surveys.id")),
    Column("version", Integer, nullable=False),
    UniqueConstraint("id", "anonymity"),
    CheckConstraint("anonymity IN ('named', 'confidential', 'anonymous')", name="anonymity"),
    CheckConstraint("method IN ('mwds', 'rds', 'pni', 'gap', 'maxdiff')", name="method"),
    CheckConstraint("cut_rule IN ('grand-mean', 'median', 'midpoint')", name="cut_rule"),
    CheckConstraint("instrument_version >= 1", name="instrument_version"),
    CheckConstraint(
        "launched_at IS NULL OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND closes_at > opens_at)",
        name="launched_has_dates",
    ),
    CheckConstraint("closed_at IS NULL OR launched_at IS NOT NULL", name="closed_was_launched"),
)
Index("ix_surveys_closing", surveys.c.closed_at, surveys.c.closes_at)
Index("ix_surveys_follows_survey_id", surveys.c.follows_survey_id)

# What gets ranked, derived from the elements. An item that a later version no longer asks keeps its row, without a place.
survey_items = Table(
    "survey_items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    UniqueConstraint("survey_id", "position"),
    UniqueConstraint("survey_id", "code"),
)

instrument_versions = Table(
    "instrument_versions",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("title", Json, nullable=False),
    Column("intro", Json, nullable=False),
    Column("elements", Json, nullable=False),
    Column("mapping", Json, nullable=False),
    Column("note", Json, nullable=False),
    Column("made_by", Uuid, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    CheckConstraint("number >= 1", name="number"),
)
