"""Playing: results of single questions, event log, upgrades."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = (
    "choice", "true-false", "fill-in", "long-fill-in", "matching", "sequencing", "numeric", "compound", "other",
)  # fmt: skip


def upgrade() -> None:
    """The results of single questions; then what playing H5P keeps besides."""
    op.create_table(
        "results",
        sa.Column("attempt_id", sa.Uuid, nullable=False),
        sa.Column("sub_id", sa.String(200), nullable=False),
        sa.Column("parent_id", sa.String(200)),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("prompt", Json, nullable=False),
        sa.Column("response", Json),
        sa.Column("correct", Json),
        sa.Column("score", sa.Float),
        sa.Column("max_score", sa.Float),
        sa.Column("success", sa.Boolean),
        sa.Column("flagged", sa.Boolean, nullable=False),
        sa.Column("claimed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("claimed_score", sa.Float),
        sa.Column("stored_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_results_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", "sub_id", name=op.f("pk_results")),
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_results_kind")
        ),
    )

    _states_and_finishes()
    _embeds_and_upgrades()
    _events()


def _states_and_finishes() -> None:
    with op.batch_alter_table("states") as batch:
        batch.add_column(sa.Column("lineage", sa.Uuid))
    with op.batch_alter_table("statements") as batch:
        batch.add_column(sa.Column("problems", Json))
    op.create_table(
        "h5p_lineages",
        sa.Column("content_id", sa.Uuid, nullable=False),
        sa.Column("lineage", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["h5p_contents.id"], name=op.f("fk_h5p_lineages_content_id_h5p_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("pk_h5p_lineages")),
    )  # fmt: skip
    op.create_table(
        "h5p_finishes",
        sa.Column("attempt_id", sa.Uuid, nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("max_score", sa.Float, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("stored_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_h5p_finishes_attempt_id_attempts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attempt_id", "opened", "finished", name=op.f("pk_h5p_finishes")),
    )


def _embeds_and_upgrades() -> None:
    op.create_table(
        "h5p_embeds",
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["items.id"], name=op.f("fk_h5p_embeds_activity_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_h5p_embeds")),
        sa.UniqueConstraint("token", name=op.f("uq_h5p_embeds_token")),
    )
    op.create_table(
        "h5p_upgrades",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("machine_name", sa.String(255)),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("started_by", sa.Uuid, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_h5p_upgrades")),
        sa.CheckConstraint("status IN ('running', 'done', 'undone')", name=op.f("ck_h5p_upgrades_status")),
    )
    op.create_table(
        "h5p_upgrade_items",
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("content_id", sa.Uuid, nullable=False),
        sa.Column("new_content_id", sa.Uuid),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("code", sa.String(60)),
        sa.Column("detail", Json),
        sa.ForeignKeyConstraint(
            ["run_id"], ["h5p_upgrades.id"], name=op.f("fk_h5p_upgrade_items_run_id_h5p_upgrades"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_h5p_upgrade_items")),
        sa.CheckConstraint(
            "status IN ('waiting', 'done', 'failed', 'same', 'undone')", name=op.f("ck_h5p_upgrade_items_status")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_h5p_upgrade_items_content_id"), "h5p_upgrade_items", ["content_id"])


def _events() -> None:
    op.create_table(
        "h5p_events",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("activity_id", sa.Uuid),
        sa.Column("content_id", sa.Uuid),
        sa.Column("library", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_h5p_events")),
        sa.CheckConstraint("kind IN ('content', 'results', 'library')", name=op.f("ck_h5p_events_kind")),
    )
    op.create_index(op.f("ix_h5p_events_at"), "h5p_events", ["at"])
    op.create_table(
        "h5p_event_policy",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("keep_days", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_h5p_event_policy")),
        sa.CheckConstraint("id = 1", name=op.f("ck_h5p_event_policy_single")),
        sa.CheckConstraint("keep_days BETWEEN 1 AND 730", name=op.f("ck_h5p_event_policy_keep_days")),
    )


def downgrade() -> None:
    """Gone again."""
    for table in ("h5p_event_policy", "h5p_events", "h5p_upgrade_items", "h5p_upgrades", "h5p_embeds"):
        op.drop_table(table)
    for table in ("h5p_finishes", "h5p_lineages"):
        op.drop_table(table)
    for table, column in (("statements", "problems"), ("states", "lineage")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
    op.drop_table("results")
