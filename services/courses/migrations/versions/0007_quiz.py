"""Question bank and quiz attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bank, attempts, accommodations."""
    _bank()
    _attempts()


def _bank() -> None:
    op.create_table(
        "bank_questions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("retired_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_questions")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_bank_questions_version")),
    )
    op.create_index(op.f("ix_bank_questions_owner_id"), "bank_questions", ["owner_id"])
    op.create_table(
        "bank_tags",
        sa.Column("question_id", sa.Uuid, nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("question_id", "tag", name=op.f("pk_bank_tags")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["bank_questions.id"], name=op.f("fk_bank_tags_question_id_bank_questions"),
            ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_bank_tags_tag"), "bank_tags", ["tag"])
    op.create_table(
        "bank_versions",
        sa.Column("question_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("question_id", "version", name=op.f("pk_bank_versions")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["bank_questions.id"], name=op.f("fk_bank_versions_question_id_bank_questions")
        ),
    )
    op.create_table(
        "quiz_images",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("storage_key", sa.String(300), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_images")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_quiz_images_storage_key")),
    )


def _attempts() -> None:
    op.create_table(
        "quiz_attempts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("attempt_id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("paper", Json, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("submitted_at", UtcDateTime),
        sa.Column("marks", Json),
        sa.Column("points", sa.Float),
        sa.Column("max_points", sa.Float),
        sa.Column("score", sa.Float),
        sa.Column("passed", sa.Boolean),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempts")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_quiz_attempts_attempt_id_number")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_quiz_attempts_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_quiz_attempts_score")),
        sa.CheckConstraint("(submitted_at IS NULL) = (score IS NULL)", name=op.f("ck_quiz_attempts_submitted")),
    )  # fmt: skip
    op.create_index(op.f("ix_quiz_attempts_activity_id"), "quiz_attempts", ["activity_id"])
    op.create_index(op.f("ix_quiz_attempts_due_at"), "quiz_attempts", ["due_at"])
    op.create_table(
        "quiz_answers",
        sa.Column("quiz_attempt_id", sa.Uuid, nullable=False),
        sa.Column("question_id", sa.String(40), nullable=False),
        sa.Column("answer", Json),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("quiz_attempt_id", "question_id", name=op.f("pk_quiz_answers")),
        sa.ForeignKeyConstraint(
            ["quiz_attempt_id"], ["quiz_attempts.id"], name=op.f("fk_quiz_answers_quiz_attempt_id_quiz_attempts"),
            ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_table(
        "accommodations",
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("time_factor", sa.Float, nullable=False),
        sa.Column("extra_attempts", sa.Integer, nullable=False),
        sa.Column("changed_by", sa.Uuid, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("course_id", "account_id", name=op.f("pk_accommodations")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_accommodations_course_id_courses"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("time_factor >= 1 AND time_factor <= 10", name=op.f("ck_accommodations_time_factor")),
        sa.CheckConstraint("extra_attempts >= 0", name=op.f("ck_accommodations_extra_attempts")),
    )  # fmt: skip


def downgrade() -> None:
    """Gone again."""
    for name in (
        "accommodations", "quiz_answers", "quiz_attempts", "quiz_images", "bank_versions", "bank_tags",
        "bank_questions",
    ):  # fmt: skip
        op.drop_table(name)
