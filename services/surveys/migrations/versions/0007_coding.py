"""Coding of open answers, exports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Codings with code books, marks and decisions; the log of exports that name people."""
    _codings()
    _codes()
    _marks()
    _exports()


def downgrade() -> None:
    """Everything of it is lost."""
    op.drop_index(op.f("ix_named_exports_survey_id"), table_name="named_exports")
    op.drop_table("named_exports")
    op.drop_table("coding_decisions")
    op.drop_table("coding_marks")
    op.drop_table("coding_changes")
    op.drop_table("coding_codes")
    op.drop_index(op.f("ix_codings_second_coder"), table_name="codings")
    op.drop_index(op.f("ix_codings_first_coder"), table_name="codings")
    op.drop_table("codings")


def _codings() -> None:
    op.create_table(
        "codings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("question", sa.String(80), nullable=False),
        sa.Column("first_coder", sa.Uuid, nullable=False),
        sa.Column("second_coder", sa.Uuid, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("first_finished", sa.Boolean, nullable=False),
        sa.Column("second_finished", sa.Boolean, nullable=False),
        sa.Column("book_version", sa.Integer, nullable=False),
        sa.Column("agreement", Json),
        sa.Column("completed_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("first_coder <> second_coder", name=op.f("ck_codings_two_coders")),
        sa.CheckConstraint(
            "completed_at IS NULL OR (first_finished AND second_finished)",
            name=op.f("ck_codings_both_before_done"),
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_codings_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codings")),
        sa.UniqueConstraint("survey_id", "question", name=op.f("uq_codings_survey_id_question")),
    )
    op.create_index(op.f("ix_codings_first_coder"), "codings", ["first_coder"])
    op.create_index(op.f("ix_codings_second_coder"), "codings", ["second_coder"])


def _codes() -> None:
    op.create_table(
        "coding_codes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("coding_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("label", Json, nullable=False),
        sa.Column("definition", Json, nullable=False),
        sa.Column("added_in", sa.Integer, nullable=False),
        sa.Column("ended_in", sa.Integer),
        sa.Column("merged_into", sa.Uuid),
        sa.CheckConstraint(
            "merged_into IS NULL OR ended_in IS NOT NULL", name=op.f("ck_coding_codes_merged_is_ended")
        ),
        sa.CheckConstraint("merged_into <> id", name=op.f("ck_coding_codes_not_into_itself")),
        sa.ForeignKeyConstraint(
            ["coding_id"], ["codings.id"], name=op.f("fk_coding_codes_coding_id_codings")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["coding_codes.id"], name=op.f("fk_coding_codes_merged_into_coding_codes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_codes")),
        sa.UniqueConstraint("coding_id", "position", name=op.f("uq_coding_codes_coding_id_position")),
    )
    op.create_table(
        "coding_changes",
        sa.Column("coding_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code_id", sa.Uuid, nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("kind IN ('add', 'edit', 'merge', 'retire')", name=op.f("ck_coding_changes_kind")),
        sa.ForeignKeyConstraint(
            ["coding_id"], ["codings.id"], name=op.f("fk_coding_changes_coding_id_codings")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["coding_codes.id"], name=op.f("fk_coding_changes_code_id_coding_codes")
        ),
        sa.PrimaryKeyConstraint("coding_id", "number", name=op.f("pk_coding_changes")),
    )


def _marks() -> None:
    op.create_table(
        "coding_marks",
        sa.Column("coding_id", sa.Uuid, nullable=False),
        sa.Column("coder", sa.SmallInteger, nullable=False),
        sa.Column("response_id", sa.Uuid, nullable=False),
        sa.Column("codes", Json, nullable=False),
        sa.Column("none_applies", sa.Boolean, nullable=False),
        sa.CheckConstraint("coder IN (1, 2)", name=op.f("ck_coding_marks_coder")),
        sa.ForeignKeyConstraint(
            ["coding_id"], ["codings.id"], name=op.f("fk_coding_marks_coding_id_codings")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_coding_marks_response_id_responses")
        ),
        sa.PrimaryKeyConstraint("coding_id", "coder", "response_id", name=op.f("pk_coding_marks")),
    )
    op.create_table(
        "coding_decisions",
        sa.Column("coding_id", sa.Uuid, nullable=False),
        sa.Column("response_id", sa.Uuid, nullable=False),
        sa.Column("codes", Json, nullable=False),
        sa.Column("none_applies", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["coding_id"], ["codings.id"], name=op.f("fk_coding_decisions_coding_id_codings")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_coding_decisions_response_id_responses")
        ),
        sa.PrimaryKeyConstraint("coding_id", "response_id", name=op.f("pk_coding_decisions")),
    )


def _exports() -> None:
    op.create_table(
        "named_exports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("format", sa.String(12), nullable=False),
        sa.Column("texts", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_named_exports_survey_id_surveys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_exports")),
    )
    op.create_index(op.f("ix_named_exports_survey_id"), "named_exports", ["survey_id"])
