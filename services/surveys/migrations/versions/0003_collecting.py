"""Collecting: audiences, confidential mode, reminders, single-use links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

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
    _pseudonyms()
    _links()
    _coverage()


def downgrade() -> None:
    for name in (
        "coverage",
        "link_drafts",
        "survey_links",
        "link_batches",
        "pseudonyms",
        "reminders",
        "member_cohorts",
        "survey_audience",
    ):
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


def _pseudonyms() -> None:
    op.create_table(
        "pseudonyms",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("response_id", sa.Uuid, nullable=False),
        sa.Column("anonymity", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("survey_id", "account_id", name=op.f("pk_pseudonyms")),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["responses.id"],
            name=op.f("fk_pseudonyms_response_id_responses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id", "anonymity"],
            ["surveys.id", "surveys.anonymity"],
            name=op.f("fk_pseudonyms_survey_id_anonymity_surveys"),
        ),
        sa.UniqueConstraint("response_id", name=op.f("uq_pseudonyms_response_id")),
        sa.CheckConstraint("anonymity = 'confidential'", name=op.f("ck_pseudonyms_anonymity")),
    )
    op.create_index(op.f("ix_pseudonyms_account_id"), "pseudonyms", ["account_id"])


def _links() -> None:
    op.create_table(
        "link_batches",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_batches")),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_link_batches_survey_id_surveys")
        ),
        sa.CheckConstraint("made >= 1", name=op.f("ck_link_batches_made")),
    )
    op.create_index(op.f("ix_link_batches_survey_id"), "link_batches", ["survey_id"])
    op.create_table(
        "survey_links",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("key_hash", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_links")),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_survey_links_survey_id_surveys")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["link_batches.id"], name=op.f("fk_survey_links_batch_id_link_batches")
        ),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_survey_links_secret_hash")),
        sa.CheckConstraint("state IN ('unused', 'used', 'revoked')", name=op.f("ck_survey_links_state")),
    )
    op.create_index(op.f("ix_survey_links_batch_id"), "survey_links", ["batch_id"])
    op.create_index(op.f("ix_survey_links_survey_id_state"), "survey_links", ["survey_id", "state"])
    op.create_table(
        "link_drafts",
        sa.Column("link_id", sa.Uuid, nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_link_drafts")),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["survey_links.id"],
            name=op.f("fk_link_drafts_link_id_survey_links"),
            ondelete="CASCADE",
        ),
    )


def _coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("responses", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("pk_coverage")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_coverage_survey_id_surveys")),
    )
