"""The record store's own tables, and what plays SCORM."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Five tables."""
    _record_store()
    _scorm()


def _record_store() -> None:
    op.create_table(
        "xapi_tools",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("revoked_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xapi_tools")),
    )
    op.create_table(
        "xapi_statements",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.String(50), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("stored_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xapi_statements")),
    )
    op.create_index("ix_xapi_statements_owner_stored_at", "xapi_statements", ["owner", "stored_at"])
    op.create_index("ix_xapi_statements_stored_at", "xapi_statements", ["stored_at"])
    op.create_table(
        "xapi_voids",
        sa.Column("statement_id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.String(50), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "owner", name=op.f("pk_xapi_voids")),
    )
    op.create_table(
        "xapi_states",
        sa.Column("owner", sa.String(50), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("state_id", sa.String(255), nullable=False),
        sa.Column("content_type", sa.String(200), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("etag", sa.String(40), nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("owner", "place", "state_id", name=op.f("pk_xapi_states")),
    )


def _scorm() -> None:
    op.create_table(
        "scorm_grants",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("attempt_id", sa.Uuid),
        sa.Column("package", Json, nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_scorm_grants_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_scorm_grants")),
    )  # fmt: skip
    for column in ("attempt_id", "expires_at"):
        op.create_index(f"ix_scorm_grants_{column}", "scorm_grants", [column])


def downgrade() -> None:
    """Gone again."""
    for name in (
        "scorm_grants", "xapi_states", "xapi_voids", "xapi_statements", "xapi_tools",
    ):  # fmt: skip
        op.drop_table(name)
