"""XBlocks of other makers and what admins allow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The policy, and the grants of the content origin."""
    op.create_table(
        "block_policy",
        sa.Column("block_type", sa.String(60), nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("block_type", name=op.f("pk_block_policy")),
    )
    op.create_table(
        "block_grants",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("attempt_id", sa.Uuid),
        sa.Column("view", sa.String(20), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_block_grants")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_block_grants_attempt_id_attempts"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("view IN ('student_view', 'studio_view')", name=op.f("ck_block_grants_view")),
    )
    for column in ("attempt_id", "expires_at"):
        op.create_index(op.f(f"ix_block_grants_{column}"), "block_grants", [column])


def downgrade() -> None:
    """Gone again."""
    op.drop_table("block_grants")
    op.drop_table("block_policy")
