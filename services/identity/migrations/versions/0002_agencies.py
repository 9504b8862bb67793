"""Agencies, and which one a member works for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has an agency yet; the accounts that exist tell their present values again, see announce_again."""
    op.create_table(
        "agencies",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("sector", sa.String(40)),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agencies"),
        sa.UniqueConstraint("name_key", name="uq_agencies_name_key"),
    )
    with op.batch_alter_table("accounts") as batch:
        batch.add_column(sa.Column("agency_id", sa.Uuid))
        batch.add_column(sa.Column("show_agency", sa.Boolean, nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("announced", sa.Integer, nullable=False, server_default="0"))
        batch.create_foreign_key("fk_accounts_agency_id_agencies", "agencies", ["agency_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("accounts") as batch:
        batch.drop_constraint("fk_accounts_agency_id_agencies", type_="foreignkey")
        batch.drop_column("announced")
        batch.drop_column("show_agency")
        batch.drop_column("agency_id")
    op.drop_table("agencies")
