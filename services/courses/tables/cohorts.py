"""Cohorts, their seats and waiting lists, who wants to hear of one, and what is known of members."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    false,
)

from services.courses.tables.base import metadata
from shared.db.types import Json, UtcDateTime

cohorts = Table(
    "cohorts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Json, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("seats", Integer),
    Column("enrol_by", Date),
    Column("releases", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reminded_at", UtcDateTime),
    CheckConstraint("seats IS NULL OR seats >= 1", name="seats"),
    CheckConstraint("ends_on >= starts_on", name="days"),
)

# One seat per enrolment. Seats and waiting lists of a course change under the lock of the course's row only.
seats = Table(
    "seats",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False, index=True),
    Column("given_at", UtcDateTime, nullable=False),
    Column("announced", Boolean, nullable=False, server_default=false()),
)

waiting = Table(
    "waiting",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("cohort_id", Uuid, ForeignKey("cohorts.id"), nullable=False),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    UniqueConstraint("cohort_id", "account_id"),
    UniqueConstraint("cohort_id", "place"),
)

interests = Table(
    "interests",
    metadata,
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)

# Fed by identity's events; the newest version wins, in any order of arrival.
members = Table(
    "members",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("province", String(40)),
    Column("sector", String(40)),
    Column("language", String(2)),
    Column("version", BigInteger, nullable=False),
)
