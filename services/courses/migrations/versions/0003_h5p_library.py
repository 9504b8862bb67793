"""Library administration: restrictions, where libraries came from; contents: hash, descent, display options."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED = {
    "h5p_libraries": ("restricted", "origin"),
    "h5p_contents": ("params_hash", "origin_id"),
    "h5p_policy": ("display",),
}


def upgrade() -> None:
    """New columns; what is there already is unrestricted and has its display options from the site."""
    op.add_column(
        "h5p_libraries", sa.Column("restricted", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("h5p_libraries", sa.Column("origin", Json))
    op.add_column("h5p_contents", sa.Column("params_hash", sa.String(64), nullable=False, server_default=""))
    op.add_column("h5p_contents", sa.Column("origin_id", sa.Uuid))
    op.add_column("h5p_policy", sa.Column("display", Json))


def downgrade() -> None:
    """Without them again."""
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
