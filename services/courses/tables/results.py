"""What a learner answered to one question inside an activity: a row per question, the newest answer."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Uuid

from services.courses.domain.results import KINDS
from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

# `prompt` is {"fr", "en"} or {"und"}; `response` and `correct` are as the player gave them (see domain/results.py).
results = Table(
    "results",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("sub_id", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("prompt", Json, nullable=False),
    Column("response", Json),
    Column("correct", Json),
    Column("score", Float),
    Column("max_score", Float),
    Column("success", Boolean),
    Column("flagged", Boolean, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    one_of("kind", KINDS, "kind"),
)
