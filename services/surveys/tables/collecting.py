"""Audience, cohorts of members, reminders, pseudonyms, single-use links, coverage."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

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

# Which response is whose, apart from both, in confidential surveys and in no other: the database itself refuses.
pseudonyms = Table(
    "pseudonyms",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("response_id", Uuid, ForeignKey("responses.id", ondelete="CASCADE"), nullable=False),
    Column("anonymity", String(12), nullable=False),
    ForeignKeyConstraint(["survey_id", "anonymity"], ["surveys.id", "surveys.anonymity"]),
    UniqueConstraint("response_id"),
    CheckConstraint("anonymity = 'confidential'", name="anonymity"),
)
Index("ix_pseudonyms_account_id", pseudonyms.c.account_id)

link_batches = Table(
    "link_batches",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False, index=True),
    Column("label", String(120), nullable=False),
    Column("made", Integer, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("made >= 1", name="made"),
)

# No time, and nothing of the answers: a link is used or it is not.
survey_links = Table(
    "survey_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False),
    Column("batch_id", Uuid, ForeignKey("link_batches.id"), nullable=False, index=True),
    Column("secret_hash", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("key_hash", String(64)),
    UniqueConstraint("secret_hash"),
    CheckConstraint("state IN ('unused', 'used', 'revoked')", name="state"),
)
Index("ix_survey_links_survey_id_state", survey_links.c.survey_id, survey_links.c.state)

link_drafts = Table(
    "link_drafts",
    metadata,
    Column("link_id", Uuid, ForeignKey("survey_links.id", ondelete="CASCADE"), primary_key=True),
    Column("answers", Json, nullable=False),
    Column("language", String(2), nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("responses", Integer, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("figures", Json, nullable=False),
)
