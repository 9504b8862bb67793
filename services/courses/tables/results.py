"""What a learner answered to one question inside an activity: a row per question, the newest answer."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Uuid, false

from services.courses.domain.results import KINDS
from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

# What each column holds is in domain/results.py.
results = Table(
    "results",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("sub_id", String(200), primary_key=True),
    Column("parent_id", String(200)),
    Column("position", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("prompt", Json, nullable=False),
    Column("response", Json),
    Column("correct", Json),
    Column("score", Float),
    Column("max_score", Float),
    Column("success", Boolean),
    Column("flagged", Boolean, nullable=False),
    Column("claimed", Boolean, nullable=False, default=False, server_default=false()),
    Column("claimed_score", Float),
    Column("stored_at", UtcDateTime, nullable=False),
    one_of("kind", KINDS, "kind"),
)
