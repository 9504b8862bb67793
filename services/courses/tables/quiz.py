"""The bank of questions, and learners' attempts on quizzes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.courses.tables.base import metadata
from shared.db.types import Json, UtcDateTime

# `version` is the newest; `words` are its folded texts and tags, for searching.
bank_questions = Table(
    "bank_questions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("shared", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("languages", Json, nullable=False),
    Column("words", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
    CheckConstraint("version >= 1", name="version"),
)

bank_tags = Table(
    "bank_tags",
    metadata,
    Column("question_id", Uuid, ForeignKey("bank_questions.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(40), primary_key=True),
    Index("ix_bank_tags_tag", "tag"),
)

# Never changed: quizzes, editions and attempts refer to them.
bank_versions = Table(
    "bank_versions",
    metadata,
    Column("question_id", Uuid, ForeignKey("bank_questions.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", Json, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

quiz_images = Table(
    "quiz_images",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("storage_key", String(300), nullable=False, unique=True),
    Column("media_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# `paper` holds the questions as asked, with their order; `marks` {question id: {credit, points}} once submitted.
quiz_attempts = Table(
    "quiz_attempts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), nullable=False),
    Column("activity_id", Uuid, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("paper", Json, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("submitted_at", UtcDateTime),
    Column("marks", Json),
    Column("points", Float),
    Column("max_points", Float),
    Column("score", Float),
    Column("passed", Boolean),
    UniqueConstraint("attempt_id", "number"),
    CheckConstraint("score >= 0 AND score <= 1", name="score"),
    CheckConstraint("(submitted_at IS NULL) = (score IS NULL)", name="submitted"),
)

quiz_answers = Table(
    "quiz_answers",
    metadata,
    Column("quiz_attempt_id", Uuid, ForeignKey("quiz_attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("question_id", String(40), primary_key=True),
    Column("answer", Json),
    Column("sequence", BigInteger, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

# More time or more attempts for one learner in every quiz of a course.
accommodations = Table(
    "accommodations",
    metadata,
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("time_factor", Float, nullable=False),
    Column("extra_attempts", Integer, nullable=False),
    Column("changed_by", Uuid, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint("time_factor >= 1 AND time_factor <= 10", name="time_factor"),
    CheckConstraint("extra_attempts >= 0", name="extra_attempts"),
)
