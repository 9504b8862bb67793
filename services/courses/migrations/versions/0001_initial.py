"""The first tables: courses, files, XBlocks, H5P, learning, and the messaging tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _messaging()
    _courses()
    _storage()
    _xblocks()
    _h5p()
    _learning()


def downgrade() -> None:
    for name in (
        "play_grants",
        "completions",
        "states",
        "statements",
        "attempts",
        "enrolments",
        "h5p_policy",
        "h5p_content_libraries",
        "h5p_contents",
        "h5p_libraries",
        "xblock_fields",
        "xblock_usages",
        "xblock_definitions",
        "trash",
        "uploads",
        "objectives",
        "items",
        "courses",
        "dead_letters",
        "jobs",
        "commands",
        "inbox",
        "outbox",
    ):
        op.drop_table(name)


def _messaging() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("envelope", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
        sqlite_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "message_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "commands",
        sa.Column("command", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("result", Json, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("command", "actor", "key", name=op.f("pk_commands")),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("envelope", Json, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("died_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )


def _courses() -> None:
    op.create_table(
        "courses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("summary", Json, nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'published')", name=op.f("ck_courses_status")),
        sa.CheckConstraint("edition >= 0 AND version >= 1", name=op.f("ck_courses_counters")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_courses_proposal_id")),
    )
    op.create_index(op.f("ix_courses_author_id"), "courses", ["author_id"], unique=False)
    op.create_index(op.f("ix_courses_need_id"), "courses", ["need_id"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("block_type", sa.String(length=60), nullable=True),
        sa.Column("completion", sa.String(length=20), nullable=True),
        sa.Column("ready_in", Json, nullable=False),
        sa.Column("content_language", sa.String(length=20), nullable=True),
        sa.CheckConstraint("(kind = 'activity') = (block_type IS NOT NULL)", name=op.f("ck_items_block")),
        sa.CheckConstraint("(kind = 'module') = (parent_id IS NULL)", name=op.f("ck_items_parent")),
        sa.CheckConstraint(
            "completion IS NULL OR completion IN ('viewed', 'completed')", name=op.f("ck_items_completion")
        ),
        sa.CheckConstraint("kind IN ('module', 'unit', 'activity')", name=op.f("ck_items_kind")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_items_course_id_courses"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["items.id"], name=op.f("fk_items_parent_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_course_id"), "items", ["course_id"], unique=False)
    op.create_index(op.f("ix_items_parent_id"), "items", ["parent_id"], unique=False)
    op.create_table(
        "objectives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", Json, nullable=False),
        sa.Column("bloom", sa.String(length=20), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("audience", Json, nullable=True),
        sa.Column("behaviour", Json, nullable=True),
        sa.Column("condition", Json, nullable=True),
        sa.Column("degree", Json, nullable=True),
        sa.CheckConstraint(
            "bloom IN ('remember', 'understand', 'apply', 'analyse', 'evaluate', 'create')",
            name=op.f("ck_objectives_bloom"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_objectives_course_id_courses"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objectives")),
    )
    op.create_index(op.f("ix_objectives_course_id"), "objectives", ["course_id"], unique=False)
    op.create_index(op.f("ix_objectives_need_id"), "objectives", ["need_id"], unique=False)


def _storage() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.String(length=300), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("declared_type", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_uploads_storage_key")),
    )
    op.create_index(op.f("ix_uploads_created_at"), "uploads", ["created_at"], unique=False)
    op.create_table(
        "trash",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trash")),
    )
    op.create_index(op.f("ix_trash_due_at"), "trash", ["due_at"], unique=False)
    op.create_index(op.f("ix_trash_key"), "trash", ["key"], unique=False)


def _xblocks() -> None:
    op.create_table(
        "xblock_definitions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("block_type", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xblock_definitions")),
    )
    op.create_table(
        "xblock_usages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("children", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["xblock_definitions.id"],
            name=op.f("fk_xblock_usages_definition_id_xblock_definitions"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["xblock_usages.id"],
            name=op.f("fk_xblock_usages_parent_id_xblock_usages"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xblock_usages")),
    )
    op.create_index(op.f("ix_xblock_usages_definition_id"), "xblock_usages", ["definition_id"], unique=False)
    op.create_index(op.f("ix_xblock_usages_parent_id"), "xblock_usages", ["parent_id"], unique=False)
    op.create_table(
        "xblock_fields",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("block_id", sa.String(length=100), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.PrimaryKeyConstraint("scope", "block_id", "user_id", "name", name=op.f("pk_xblock_fields")),
    )
    op.create_index("ix_xblock_fields_block_id", "xblock_fields", ["block_id"], unique=False)


def _h5p() -> None:
    op.create_table(
        "h5p_libraries",
        sa.Column("machine_name", sa.String(length=255), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("minor", sa.Integer(), nullable=False),
        sa.Column("patch", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("runnable", sa.Boolean(), nullable=False),
        sa.Column("folder", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("record", Json, nullable=False),
        sa.Column("installed_by", sa.Uuid(), nullable=False),
        sa.Column("installed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("machine_name", "major", "minor", name=op.f("pk_h5p_libraries")),
        sa.UniqueConstraint("folder", name=op.f("uq_h5p_libraries_folder")),
    )
    op.create_table(
        "h5p_contents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("main_library", sa.String(length=300), nullable=False),
        sa.Column("manifest", Json, nullable=False),
        sa.Column("prefix", sa.String(length=300), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("max_score", sa.Float(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_h5p_contents")),
    )
    op.create_index(op.f("ix_h5p_contents_activity_id"), "h5p_contents", ["activity_id"], unique=False)
    op.create_table(
        "h5p_content_libraries",
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("machine_name", sa.String(length=255), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("minor", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["h5p_contents.id"],
            name=op.f("fk_h5p_content_libraries_content_id_h5p_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "content_id", "machine_name", "major", "minor", name=op.f("pk_h5p_content_libraries")
        ),
    )
    op.create_table(
        "h5p_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trainers_may_install", sa.Boolean(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_h5p_policy_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_h5p_policy")),
    )


def _learning() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_activity_id", sa.Uuid(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_enrolments_course_id_courses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("course_id", "account_id", name=op.f("uq_enrolments_course_id_account_id")),
    )
    op.create_index(op.f("ix_enrolments_account_id"), "enrolments", ["account_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("success", sa.Boolean(), nullable=True),
        sa.CheckConstraint("score >= -1 AND score <= 1", name=op.f("ck_attempts_score")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_attempts_enrolment_id_enrolments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("enrolment_id", "activity_id", name=op.f("uq_attempts_enrolment_id_activity_id")),
    )
    op.create_index(op.f("ix_attempts_activity_id"), "attempts", ["activity_id"], unique=False)
    op.create_table(
        "statements",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("sub_content_id", sa.String(length=64), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("document", Json, nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_statements_attempt_id_attempts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attempt_id", "id", name=op.f("pk_statements")),
    )
    op.create_table(
        "states",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("data_type", sa.String(length=60), nullable=False),
        sa.Column("sub_content_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_states_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", "data_type", "sub_content_id", name=op.f("pk_states")),
    )
    op.create_table(
        "completions",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('unit', 'module', 'course')", name=op.f("ck_completions_kind")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_completions_enrolment_id_enrolments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "part_id", name=op.f("pk_completions")),
    )
    op.create_table(
        "play_grants",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["items.id"], name=op.f("fk_play_grants_activity_id_items"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_play_grants_attempt_id_attempts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["h5p_contents.id"],
            name=op.f("fk_play_grants_content_id_h5p_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_play_grants")),
    )
    op.create_index(op.f("ix_play_grants_activity_id"), "play_grants", ["activity_id"], unique=False)
    op.create_index(op.f("ix_play_grants_attempt_id"), "play_grants", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_play_grants_content_id"), "play_grants", ["content_id"], unique=False)
    op.create_index(op.f("ix_play_grants_expires_at"), "play_grants", ["expires_at"], unique=False)
