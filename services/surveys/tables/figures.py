"""What is computed once of a closed survey beside its ranking, and what of it the public may read."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, Uuid

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

# Written once and never changed: every count that anyone reads comes from here.
figures = Table(
    "figures",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("content", Json, nullable=False),
    Column("computed_at", UtcDateTime, nullable=False),
    CheckConstraint("kind IN ('tables', 'groups', 'weighted', 'languages', 'numbers', 'waves')", name="kind"),
)

# How many of those asked had each label, counted at closing: what weights are raked to.
margins = Table(
    "margins",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("attribute", String(20), primary_key=True),
    Column("label", String(80), primary_key=True),
    Column("people", Integer, nullable=False),
    CheckConstraint("people > 0", name="people"),
)

public_summaries = Table(
    "public_summaries",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("published_by", Uuid, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
)
