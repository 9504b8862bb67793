"""Contents that are being written in the editor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts, their media, and the right to preview them."""
    op.create_table(
        "h5p_drafts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("library", sa.String(300), nullable=False),
        sa.Column("params", sa.Text, nullable=False),
        sa.Column("metadata", Json, nullable=False),
        sa.Column("base_content_id", sa.Uuid),
        sa.Column("prefix", sa.String(300), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_h5p_drafts")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_h5p_drafts_activity_id")),
        sa.UniqueConstraint("prefix", name=op.f("uq_h5p_drafts_prefix")),
    )
    op.create_index(op.f("ix_h5p_drafts_updated_at"), "h5p_drafts", ["updated_at"])
    op.create_table(
        "h5p_draft_files",
        sa.Column("draft_id", sa.Uuid, nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["h5p_drafts.id"], name=op.f("fk_h5p_draft_files_draft_id_h5p_drafts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draft_id", "path", name=op.f("pk_h5p_draft_files")),
    )  # fmt: skip
    op.create_table(
        "h5p_previews",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("draft_id", sa.Uuid, nullable=False),
        sa.Column("manifest", Json, nullable=False),
        sa.Column("nonce", sa.String(100), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["h5p_drafts.id"], name=op.f("fk_h5p_previews_draft_id_h5p_drafts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_h5p_previews")),
    )  # fmt: skip
    op.create_index(op.f("ix_h5p_previews_draft_id"), "h5p_previews", ["draft_id"])
    op.create_index(op.f("ix_h5p_previews_expires_at"), "h5p_previews", ["expires_at"])


def downgrade() -> None:
    """Drafts are lost; contents in use stay."""
    for name in ("h5p_previews", "h5p_draft_files", "h5p_drafts"):
        op.drop_table(name)
