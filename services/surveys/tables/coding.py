"""Codings of open answers, their code books, and exports that named people. No mark has a time."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

codings = Table(
    "codings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False),
    Column("question", String(80), nullable=False),
    Column("first_coder", Uuid, nullable=False),
    Column("second_coder", Uuid, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("first_finished", Boolean, nullable=False),
    Column("second_finished", Boolean, nullable=False),
    Column("book_version", Integer, nullable=False),
    Column("agreement", Json),
    Column("completed_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    UniqueConstraint("survey_id", "question"),
    CheckConstraint("first_coder <> second_coder", name="two_coders"),
    CheckConstraint("completed_at IS NULL OR (first_finished AND second_finished)", name="both_before_done"),
)
Index("ix_codings_first_coder", codings.c.first_coder)
Index("ix_codings_second_coder", codings.c.second_coder)

coding_codes = Table(
    "coding_codes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("coding_id", Uuid, ForeignKey("codings.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("label", Json, nullable=False),
    Column("definition", Json, nullable=False),
    Column("added_in", Integer, nullable=False),
    Column("ended_in", Integer),
    Column("merged_into", Uuid, ForeignKey("coding_codes.id")),
    UniqueConstraint("coding_id", "position"),
    CheckConstraint("merged_into IS NULL OR ended_in IS NOT NULL", name="merged_is_ended"),
    CheckConstraint("merged_into <> id", name="not_into_itself"),
)

coding_changes = Table(
    "coding_changes",
    metadata,
    Column("coding_id", Uuid, ForeignKey("codings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("code_id", Uuid, ForeignKey("coding_codes.id"), nullable=False),
    Column("detail", Json, nullable=False),
    Column("made_by", Uuid, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    CheckConstraint("kind IN ('add', 'edit', 'merge', 'retire')", name="kind"),
)

coding_marks = Table(
    "coding_marks",
    metadata,
    Column("coding_id", Uuid, ForeignKey("codings.id"), primary_key=True),
    Column("coder", SmallInteger, primary_key=True),
    Column("response_id", Uuid, ForeignKey("responses.id"), primary_key=True),
    Column("codes", Json, nullable=False),
    Column("none_applies", Boolean, nullable=False),
    CheckConstraint("coder IN (1, 2)", name="coder"),
)

coding_decisions = Table(
    "coding_decisions",
    metadata,
    Column("coding_id", Uuid, ForeignKey("codings.id"), primary_key=True),
    Column("response_id", Uuid, ForeignKey("responses.id"), primary_key=True),
    Column("codes", Json, nullable=False),
    Column("none_applies", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Uuid, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)

named_exports = Table(
    "named_exports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("format", String(12), nullable=False),
    Column("texts", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)
Index("ix_named_exports_survey_id", named_exports.c.survey_id)
