"""Certificates, course evaluations, transfer questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENTS = "moment IN ('end', '30', '90')"


def upgrade() -> None:
    """Five tables."""
    _certificates()
    _evaluations()


def _certificates() -> None:
    op.create_table(
        "certificate_settings",
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("hours", sa.Float),
        sa.Column("signatory_name", sa.String(120), nullable=False),
        sa.Column("signatory_title", Json, nullable=False),
        sa.Column("expires_months", sa.Integer),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_certificate_settings_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_certificate_settings")),
        sa.CheckConstraint(
            "hours IS NULL OR (hours > 0 AND hours <= 1000)", name=op.f("ck_certificate_settings_hours")
        ),
        sa.CheckConstraint(
            "expires_months IS NULL OR expires_months BETWEEN 1 AND 120",
            name=op.f("ck_certificate_settings_expires"),
        ),
    )  # fmt: skip
    op.create_table(
        "certificates",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("enrolment_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("hours", sa.Float),
        sa.Column("signatory_name", sa.String(120), nullable=False),
        sa.Column("signatory_title", Json, nullable=False),
        sa.Column("objectives", Json, nullable=False),
        sa.Column("completed_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("code", sa.String(40)),
        sa.Column("holder_name", sa.String(120)),
        sa.Column("issued_at", UtcDateTime),
        sa.Column("status_index", sa.Integer),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("revoked_by", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_certificates_course_id_courses")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_certificates_enrolment_id_enrolments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("code", name=op.f("uq_certificates_code")),
        sa.UniqueConstraint("status_index", name=op.f("uq_certificates_status_index")),
        sa.UniqueConstraint("enrolment_id", "number", name=op.f("uq_certificates_enrolment_id_number")),
        sa.CheckConstraint(
            "(issued_at IS NULL) = (code IS NULL) AND (issued_at IS NULL) = (holder_name IS NULL)"
            " AND (issued_at IS NULL) = (status_index IS NULL)",
            name=op.f("ck_certificates_issued"),
        ),
        sa.CheckConstraint("(revoked_at IS NULL) = (reason IS NULL)", name=op.f("ck_certificates_revoked")),
    )  # fmt: skip
    op.create_index("ix_certificates_course_id", "certificates", ["course_id"])
    op.create_index("ix_certificates_account_id", "certificates", ["account_id"])
    op.create_table(
        "badge_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_keys")),
    )


def _evaluations() -> None:
    op.create_table(
        "evaluation_requests",
        sa.Column("enrolment_id", sa.Uuid, nullable=False),
        sa.Column("moment", sa.String(10), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("asked_at", UtcDateTime),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_evaluation_requests_enrolment_id_enrolments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "moment", name=op.f("pk_evaluation_requests")),
        sa.CheckConstraint(MOMENTS, name=op.f("ck_evaluation_requests_moment")),
    )  # fmt: skip
    op.create_index("ix_evaluation_requests_asked_at_due_at", "evaluation_requests", ["asked_at", "due_at"])
    op.create_table(
        "evaluation_answers",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("moment", sa.String(10), nullable=False),
        sa.Column("instrument", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("released", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_evaluation_answers_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_answers")),
        sa.CheckConstraint(MOMENTS, name=op.f("ck_evaluation_answers_moment")),
    )  # fmt: skip
    op.create_index("ix_evaluation_answers_course_id_moment", "evaluation_answers", ["course_id", "moment"])


def downgrade() -> None:
    """Gone again."""
    for name in (
        "evaluation_answers", "evaluation_requests", "badge_keys", "certificates", "certificate_settings",
    ):  # fmt: skip
        op.drop_table(name)
