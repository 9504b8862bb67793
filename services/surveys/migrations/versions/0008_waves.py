"""A survey as a further wave of another, and the figures of what changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KIND = op.f("ck_figures_kind")
FOLLOWS = op.f("fk_surveys_follows_survey_id_surveys")
KINDS = "'tables', 'groups', 'weighted', 'languages', 'numbers'"


def upgrade() -> None:
    """The link, empty for every survey that exists, and one kind of figures more."""
    with op.batch_alter_table("surveys") as batch:
        batch.add_column(sa.Column("follows_survey_id", sa.Uuid))
        batch.create_foreign_key(FOLLOWS, "surveys", ["follows_survey_id"], ["id"])
    op.create_index("ix_surveys_follows_survey_id", "surveys", ["follows_survey_id"])
    _allow(f"kind IN ({KINDS}, 'waves')")


def downgrade() -> None:
    """Links and figures of change are lost; the surveys stay as surveys of their own."""
    op.execute("DELETE FROM figures WHERE kind = 'waves'")
    _allow(f"kind IN ({KINDS})")
    op.drop_index("ix_surveys_follows_survey_id", table_name="surveys")
    with op.batch_alter_table("surveys") as batch:
        batch.drop_constraint(FOLLOWS, type_="foreignkey")
        batch.drop_column("follows_survey_id")


def _allow(kinds: str) -> None:
    with op.batch_alter_table("figures") as batch:
        batch.drop_constraint(KIND, type_="check")
        batch.create_check_constraint(KIND, kinds)
