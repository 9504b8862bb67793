"""Certificates, the keys that sign badges, and what people said of a course afterwards."""

from __future__ import annotations

from sqlalchemy import (
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

from services.courses.domain.evaluations import MOMENTS
from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

certificate_settings = Table(
    "certificate_settings",
    metadata,
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("hours", Float),
    Column("signatory_name", String(120), nullable=False),
    Column("signatory_title", Json, nullable=False),
    Column("expires_months", Integer),
    CheckConstraint("hours IS NULL OR (hours > 0 AND hours <= 1000)", name="hours"),
    CheckConstraint("expires_months IS NULL OR expires_months BETWEEN 1 AND 120", name="expires"),
)

# What a certificate says is copied into it when it is earned: later edits of the course leave it alone.
certificates = Table(
    "certificates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id"), nullable=False, index=True),
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("title", Json, nullable=False),
    Column("hours", Float),
    Column("signatory_name", String(120), nullable=False),
    Column("signatory_title", Json, nullable=False),
    Column("objectives", Json, nullable=False),
    Column("completed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("code", String(40), unique=True),
    Column("holder_name", String(120)),
    Column("issued_at", UtcDateTime),
    Column("status_index", Integer, unique=True),
    Column("revoked_at", UtcDateTime),
    Column("revoked_by", Uuid),
    Column("reason", Text),
    UniqueConstraint("enrolment_id", "number"),
    CheckConstraint(
        "(issued_at IS NULL) = (code IS NULL) AND (issued_at IS NULL) = (holder_name IS NULL)"
        " AND (issued_at IS NULL) = (status_index IS NULL)",
        name="issued",
    ),
    CheckConstraint("(revoked_at IS NULL) = (reason IS NULL)", name="revoked"),
)

# A signing key lives where the credentials do that it vouches for, so that a backup holds both.
badge_keys = Table(
    "badge_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("key", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Who was asked, and whether they have answered; never what, never when.
evaluation_requests = Table(
    "evaluation_requests",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True),
    Column("moment", String(10), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("answered", Boolean, nullable=False),
    one_of("moment", MOMENTS, "moment"),
    Index("ix_evaluation_requests_asked_at_due_at", "asked_at", "due_at"),
)

# Anonymous: no account, no enrolment, no time, an id without order. `released`: part of a group of five or more.
evaluation_answers = Table(
    "evaluation_answers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False),
    Column("moment", String(10), nullable=False),
    Column("instrument", String(40), nullable=False),
    Column("language", String(2), nullable=False),
    Column("answers", Json, nullable=False),
    Column("comment", Text, nullable=False),
    Column("released", Boolean, nullable=False),
    one_of("moment", MOMENTS, "moment"),
    Index("ix_evaluation_answers_course_id_moment", "course_id", "moment"),
)
