"""Analyses and published tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Figures computed once, the margins that weights are raked to, and summaries made public."""
    op.create_table(
        "figures",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("computed_at", UtcDateTime, nullable=False),
        sa.CheckConstraint(
            "kind IN ('tables', 'groups', 'weighted', 'languages', 'numbers')", name=op.f("ck_figures_kind")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_figures_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", "kind", name="pk_figures"),
    )
    op.create_table(
        "margins",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("attribute", sa.String(20), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_margins_people")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_margins_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", "attribute", "label", name="pk_margins"),
    )
    op.create_table(
        "public_summaries",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_public_summaries_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", name="pk_public_summaries"),
    )


def downgrade() -> None:
    """Without them."""
    for table in ("public_summaries", "margins", "figures"):
        op.drop_table(table)
