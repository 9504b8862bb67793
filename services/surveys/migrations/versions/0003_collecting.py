"""Collecting: audiences, confidential mode, reminders, single-use links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ATTRIBUTES = {"province": 2, "sector": 40, "language": 2, "agency": 36}


def upgrade() -> None:
    """Members' attributes come with the next event of each account (identity tells all of them once more)."""
    with op.batch_alter_table("surveys") as batch:
        batch.add_column(sa.Column("filters", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("members") as batch:
        for name, length in ATTRIBUTES.items():
            batch.add_column(sa.Column(name, sa.String(length)))
    _audience()
    _reminders()


def downgrade() -> None:
    for name in ("reminders", "member_cohorts", "survey_audience"):
        op.drop_table(name)
    with op.batch_alter_table("members") as batch:
        for name in ATTRIBUTES:
            batch.drop_column(name)
    with op.batch_alter_table("surveys") as batch:
        batch.drop_column("filters")


def _audience() -> None:
    op.create_table(
        "survey_audience",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("survey_id", "kind", "value", name=op.f("pk_survey_audience")),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
            name=op.f("fk_survey_audience_survey_id_surveys"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "kind IN ('province', 'sector', 'language', 'cohort', 'agency')",
            name=op.f("ck_survey_audience_kind"),
        ),
    )
    op.create_table(
        "member_cohorts",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.String(36), nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "cohort_id", name=op.f("pk_member_cohorts")),
    )
    op.create_index(op.f("ix_member_cohorts_cohort_id"), "member_cohorts", ["cohort_id"])


def _reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("reached", sa.Integer),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_reminders_survey_id_surveys"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("kind IN ('halfway', 'closing', 'asked')", name=op.f("ck_reminders_kind")),
        sa.CheckConstraint("(sent_at IS NULL) = (reached IS NULL)", name=op.f("ck_reminders_sent")),
    )
    op.create_index(op.f("ix_reminders_survey_id"), "reminders", ["survey_id"])
    op.create_index(op.f("ix_reminders_due_at"), "reminders", ["due_at"])
