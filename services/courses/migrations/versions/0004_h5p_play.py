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
    """The results of single questions."""
    op.create_table(
        "results",
        sa.Column("attempt_id", sa.Uuid, nullable=False),
        sa.Column("sub_id", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("prompt", Json, nullable=False),
        sa.Column("response", Json),
        sa.Column("correct", Json),
        sa.Column("score", sa.Float),
        sa.Column("max_score", sa.Float),
        sa.Column("success", sa.Boolean),
        sa.Column("flagged", sa.Boolean, nullable=False),
        sa.Column("stored_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_results_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", "sub_id", name=op.f("pk_results")),
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_results_kind")
        ),
    )


def downgrade() -> None:
    """Gone again."""
    op.drop_table("results")
