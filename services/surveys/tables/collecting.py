"""Audience, cohorts of members, reminders."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import UtcDateTime

survey_audience = Table(
    "survey_audience",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", String(40), primary_key=True),
    CheckConstraint("kind IN ('province', 'sector', 'language', 'cohort', 'agency')", name="kind"),
)

# Fed by events of the courses service in any order: the newest version wins.
member_cohorts = Table(
    "member_cohorts",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("cohort_id", String(36), primary_key=True),
    Column("present", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Index("ix_member_cohorts_cohort_id", member_cohorts.c.cohort_id)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("reached", Integer),
    CheckConstraint("kind IN ('halfway', 'closing', 'asked')", name="kind"),
    CheckConstraint("(sent_at IS NULL) = (reached IS NULL)", name="sent"),
)
Index("ix_reminders_survey_id", reminders.c.survey_id)
Index("ix_reminders_due_at", reminders.c.due_at)
