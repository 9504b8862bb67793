"""The board of expressed needs, Delphi panels and nominal groups; a need may come from any of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SOURCES = {
    "source_type": "source_type IN ('survey', 'delphi', 'nominal-group', 'board')",
    "from_survey": "(source_type = 'survey') = (survey_id IS NOT NULL AND item_id IS NOT NULL)",
    "from_panel": "(source_type IN ('delphi', 'nominal-group')) = (panel_id IS NOT NULL AND panel_item_id IS NOT NULL)",
    "from_board": "(source_type = 'board') = (entry_id IS NOT NULL)",
}
_ADDED = (
    ("panel_id", "panels"),
    ("panel_item_id", "panel_items"),
    ("entry_id", "board_entries"),
)
_NEEDS = sa.table("needs", sa.column("id", sa.Uuid), sa.column("source_type", sa.String))
_PROPOSALS = sa.table("proposals", sa.column("id", sa.Uuid), sa.column("need_id", sa.Uuid))
_TABLES = (
    "panel_votes",
    "panel_ratings",
    "panel_ideas",
    "panel_items",
    "panel_uses",
    "panel_rounds",
    "panel_pseudonyms",
    "panel_members",
    "panels",
    "board_supports",
    "board_entries",
)


def upgrade() -> None:
    """New tables, and sources beside the survey for a need."""
    _board()
    _panels()
    _answers()
    with op.batch_alter_table("needs") as needs:
        needs.add_column(sa.Column("source_type", sa.String(15), nullable=False, server_default="survey"))
        for name, _ in _ADDED:
            needs.add_column(sa.Column(name, sa.Uuid))
        for name in ("survey_id", "item_id"):
            needs.alter_column(name, existing_type=sa.Uuid(), nullable=True)
        for name, table in _ADDED:
            needs.create_foreign_key(op.f(f"fk_needs_{name}_{table}"), table, [name], ["id"])
        for name in ("panel_item_id", "entry_id"):
            needs.create_unique_constraint(op.f(f"uq_needs_{name}"), [name])
        for name, rule in _SOURCES.items():
            needs.create_check_constraint(op.f(f"ck_needs_{name}"), rule)


def _board() -> None:
    op.create_table(
        "board_entries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("statement", Json, nullable=False),
        sa.Column("original", Json, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("topic", sa.String(20)),
        sa.Column("author_id", sa.Uuid),
        sa.Column("signed", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reason", Json),
        sa.Column("link_kind", sa.String(10)),
        sa.Column("link_id", sa.Uuid),
        sa.Column("merged_into", sa.Uuid),
        sa.Column("root_id", sa.Uuid, nullable=False),
        sa.Column("supports", sa.Integer, nullable=False),
        sa.Column("expressed_on", sa.Date, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_board_entries_closed_says_why")
        ),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_board_entries_merged_into")
        ),
        sa.CheckConstraint(
            "link_kind IN ('need', 'proposal', 'survey', 'course', 'panel')",
            name=op.f("ck_board_entries_link_kind"),
        ),
        sa.CheckConstraint("status IN ('open', 'merged', 'closed')", name=op.f("ck_board_entries_status")),
        sa.CheckConstraint("(link_kind IS NULL) = (link_id IS NULL)", name=op.f("ck_board_entries_link")),
        sa.CheckConstraint("(merged_into IS NULL) = (root_id = id)", name=op.f("ck_board_entries_root")),
        sa.CheckConstraint("supports >= 0", name=op.f("ck_board_entries_supports")),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["board_entries.id"], name=op.f("fk_board_entries_merged_into_board_entries")
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["board_entries.id"], name=op.f("fk_board_entries_root_id_board_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_entries")),
    )
    op.create_index("ix_board_entries_root_id", "board_entries", ["root_id"])
    op.create_index("ix_board_entries_supports", "board_entries", ["supports", "id"])
    op.create_table(
        "board_supports",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["board_entries.id"],
            name=op.f("fk_board_supports_entry_id_board_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", "account_id", name=op.f("pk_board_supports")),
    )
    op.create_index("ix_board_supports_account_id", "board_supports", ["account_id"])


def _panels() -> None:
    op.create_table(
        "panels",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("intro", Json, nullable=False),
        sa.Column("question", Json, nullable=False),
        sa.Column("audience", sa.Integer, nullable=False),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("first_round", sa.String(10), nullable=False),
        sa.Column("scale", sa.SmallInteger, nullable=False),
        sa.Column("rule", Json, nullable=False),
        sa.Column("rule_sha256", sa.String(64), nullable=False),
        sa.Column("phase", sa.String(15), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("closes_at", UtcDateTime),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("end_reason", sa.String(20)),
        sa.Column("end_note", Json),
        sa.Column("result", Json),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("(phase = 'ended') = (end_reason IS NOT NULL)", name=op.f("ck_panels_end_reason")),
        sa.CheckConstraint("(phase = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_panels_ended_at")),
        sa.CheckConstraint("first_round IN ('open', 'rating')", name=op.f("ck_panels_first_round")),
        sa.CheckConstraint("kind IN ('delphi', 'nominal-group')", name=op.f("ck_panels_kind")),
        sa.CheckConstraint(
            "phase IN ('draft', 'round', 'judging', 'between', 'silent', 'sharing', 'clarify', 'vote', 'results', 'discuss', 'revote', 'ended')",
            name=op.f("ck_panels_phase"),
        ),
        sa.CheckConstraint("scale IN (5, 9)", name=op.f("ck_panels_scale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panels")),
        sa.UniqueConstraint("id", "rule_sha256", name=op.f("uq_panels_id_rule_sha256")),
    )
    op.create_index("ix_panels_phase", "panels", ["phase", "closes_at"])
    op.create_table(
        "panel_members",
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("seat", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_members_panel_id_panels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("panel_id", "account_id", name=op.f("pk_panel_members")),
    )
    op.create_index("ix_panel_members_account_id", "panel_members", ["account_id"])
    op.create_table(
        "panel_pseudonyms",
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("rater_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_pseudonyms_panel_id_panels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("panel_id", "account_id", name=op.f("pk_panel_pseudonyms")),
        sa.UniqueConstraint("rater_id", name=op.f("uq_panel_pseudonyms_rater_id")),
    )
    op.create_table(
        "panel_rounds",
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("rule_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closes_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("reminded_at", UtcDateTime),
        sa.Column("answered", sa.Integer),
        sa.CheckConstraint("kind IN ('open', 'rating')", name=op.f("ck_panel_rounds_kind")),
        sa.ForeignKeyConstraint(
            ["panel_id", "rule_sha256"],
            ["panels.id", "panels.rule_sha256"],
            name=op.f("fk_panel_rounds_panel_id_rule_sha256_panels"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("panel_id", "number", name=op.f("pk_panel_rounds")),
    )
    op.create_table(
        "panel_uses",
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["board_entries.id"],
            name=op.f("fk_panel_uses_entry_id_board_entries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_uses_panel_id_panels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("panel_id", "entry_id", name=op.f("pk_panel_uses")),
    )
    op.create_index("ix_panel_uses_entry_id", "panel_uses", ["entry_id"])


def _answers() -> None:
    op.create_table(
        "panel_items",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("statement", Json, nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("settled_in", sa.Integer),
        sa.Column("merged_into", sa.Uuid),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["panel_items.id"], name=op.f("fk_panel_items_merged_into_panel_items")
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_items_panel_id_panels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_items")),
        sa.UniqueConstraint("panel_id", "code", name=op.f("uq_panel_items_panel_id_code")),
    )
    op.create_index("ix_panel_items_panel_id", "panel_items", ["panel_id", "position"])
    op.create_table(
        "panel_ideas",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("rater_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_panel_ideas_language")),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_ideas_panel_id_panels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_ideas")),
    )
    op.create_index("ix_panel_ideas_panel_id", "panel_ideas", ["panel_id", "rater_id"])
    op.create_table(
        "panel_ratings",
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("rater_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("points", sa.SmallInteger),
        sa.Column("comment", sa.Text),
        sa.Column("language", sa.String(2), nullable=False),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_panel_ratings_language")),
        sa.CheckConstraint("points BETWEEN 1 AND 9", name=op.f("ck_panel_ratings_points")),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["panel_items.id"],
            name=op.f("fk_panel_ratings_item_id_panel_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["panel_id", "round"],
            ["panel_rounds.panel_id", "panel_rounds.number"],
            name=op.f("fk_panel_ratings_panel_id_round_panel_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("panel_id", "round", "rater_id", "item_id", name=op.f("pk_panel_ratings")),
    )
    op.create_table(
        "panel_votes",
        sa.Column("panel_id", sa.Uuid, nullable=False),
        sa.Column("vote", sa.Integer, nullable=False),
        sa.Column("rater_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("points", sa.SmallInteger, nullable=False),
        sa.CheckConstraint("points BETWEEN 1 AND 5", name=op.f("ck_panel_votes_points")),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["panel_items.id"],
            name=op.f("fk_panel_votes_item_id_panel_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panels.id"], name=op.f("fk_panel_votes_panel_id_panels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("panel_id", "vote", "rater_id", "item_id", name=op.f("pk_panel_votes")),
        sa.UniqueConstraint(
            "panel_id",
            "vote",
            "rater_id",
            "points",
            name=op.f("uq_panel_votes_panel_id_vote_rater_id_points"),
        ),
    )


def downgrade() -> None:
    """Back to needs of surveys alone; those of panels and of the board go, with their proposals."""
    needs_of_others = sa.select(_NEEDS.c.id).where(_NEEDS.c.source_type != "survey")
    theirs = sa.select(_PROPOSALS.c.id).where(_PROPOSALS.c.need_id.in_(needs_of_others))
    for name in ("decisions", "endorsements"):
        of_them = sa.table(name, sa.column("proposal_id", sa.Uuid))
        op.execute(sa.delete(of_them).where(of_them.c.proposal_id.in_(theirs)))
    op.execute(sa.delete(_PROPOSALS).where(_PROPOSALS.c.need_id.in_(needs_of_others)))
    op.execute(sa.delete(_NEEDS).where(_NEEDS.c.source_type != "survey"))
    with op.batch_alter_table("needs") as needs:
        for name in _SOURCES:
            needs.drop_constraint(op.f(f"ck_needs_{name}"), type_="check")
        for name in ("panel_item_id", "entry_id"):
            needs.drop_constraint(op.f(f"uq_needs_{name}"), type_="unique")
        for name, table in _ADDED:
            needs.drop_constraint(op.f(f"fk_needs_{name}_{table}"), type_="foreignkey")
            needs.drop_column(name)
        needs.drop_column("source_type")
        for name in ("survey_id", "item_id"):
            needs.alter_column(name, existing_type=sa.Uuid(), nullable=False)
    for table in _TABLES:
        op.drop_table(table)
