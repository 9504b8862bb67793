"""Who took part, and what was answered: kept apart. Neither has a time."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

participations = Table(
    "participations",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("key_hash", String(64)),
)
Index("ix_participations_account_id", participations.c.account_id)

responses = Table(
    "responses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False),
    Column("anonymity", String(12), nullable=False),
    Column("account_id", Uuid),
    Column("language", String(2), nullable=False),
    Column("version", Integer, nullable=False),
    Column("given", Json, nullable=False),
    Column("groups", Json, nullable=False),
    ForeignKeyConstraint(["survey_id", "anonymity"], ["surveys.id", "surveys.anonymity"]),
    UniqueConstraint("survey_id", "account_id"),
    CheckConstraint("account_id IS NULL OR anonymity = 'named'", name="account_only_in_named"),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)

answers = Table(
    "answers",
    metadata,
    Column("response_id", Uuid, ForeignKey("responses.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", Uuid, ForeignKey("survey_items.id"), primary_key=True),
    Column("importance", SmallInteger),
    Column("ability", SmallInteger),
    CheckConstraint("importance BETWEEN 1 AND 5", name="importance"),
    CheckConstraint("ability BETWEEN 1 AND 5", name="ability"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("answers", Json, nullable=False),
    Column("language", String(2), nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

response_counts = Table(
    "response_counts",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("handled", Integer, nullable=False),
)
