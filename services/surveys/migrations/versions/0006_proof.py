"""Decisions, follow-up waves, and whether a need was met."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WAVES = "wave IN ('before', 'after', '30-days', '90-days')"
TABLES = (
    "verdicts", "verdict_rules", "follow_up_measures", "follow_up_answers", "follow_up_pseudonyms", "follow_up_asks",
    "follow_up_series", "objections", "ballots", "vote_rolls", "vote_proposals", "votes",
)  # fmt: skip


def upgrade() -> None:
    _votes()
    _follow_up()
    _verdicts()
    with op.batch_alter_table("decisions") as batch:
        batch.add_column(sa.Column("vote_id", sa.Uuid))
        batch.add_column(sa.Column("accord", sa.String(10)))
        batch.create_foreign_key(op.f("fk_decisions_vote_id_votes"), "votes", ["vote_id"], ["id"])
        accords = "accord IN ('follows', 'departs', 'no-quorum')"
        batch.create_check_constraint(op.f("ck_decisions_accord"), accords)
        both = "(vote_id IS NULL) = (accord IS NULL)"
        batch.create_check_constraint(op.f("ck_decisions_vote_has_accord"), both)
    # Not in batch mode: that makes the table anew, and others refer to it. Both databases take these words.
    op.execute(
        "ALTER TABLE needs ADD COLUMN verdict VARCHAR(10) CONSTRAINT ck_needs_verdict"
        " CHECK (verdict IN ('met', 'partly-met', 'unmet', 'superseded'))"
    )
    op.add_column("loop_courses", sa.Column("changed_at", UtcDateTime))


def downgrade() -> None:
    op.drop_column("loop_courses", "changed_at")
    op.execute("ALTER TABLE needs DROP COLUMN verdict")
    with op.batch_alter_table("decisions") as batch:
        for name in ("ck_decisions_accord", "ck_decisions_vote_has_accord"):
            batch.drop_constraint(op.f(name), type_="check")
        batch.drop_constraint(op.f("fk_decisions_vote_id_votes"), type_="foreignkey")
        batch.drop_column("vote_id")
        batch.drop_column("accord")
    for name in TABLES:
        op.drop_table(name)


def _votes() -> None:
    op.create_table(
        "votes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("quorum", sa.Float, nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("audience", sa.Integer, nullable=False),
        sa.Column("entitled", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.Uuid, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closes_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("ballots", sa.Integer),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.CheckConstraint("method IN ('consent', 'score', 'dots')", name=op.f("ck_votes_method")),
        sa.CheckConstraint("quorum BETWEEN 0 AND 1", name=op.f("ck_votes_quorum")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (ballots IS NULL)", name=op.f("ck_votes_closed_is_counted")
        ),
    )
    op.create_index("ix_votes_closing", "votes", ["closed_at", "closes_at"])
    op.create_table(
        "vote_proposals",
        sa.Column("vote_id", sa.Uuid, nullable=False),
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("outcome", sa.String(10)),
        sa.Column("figure", sa.Float),
        sa.Column("counts", Json),
        sa.PrimaryKeyConstraint("vote_id", "proposal_id", name=op.f("pk_vote_proposals")),
        _reference("vote_proposals", "vote_id", "votes", ondelete="CASCADE"),
        _reference("vote_proposals", "proposal_id", "proposals"),
        sa.CheckConstraint(
            "outcome IN ('passed', 'not-passed', 'no-quorum')", name=op.f("ck_vote_proposals_outcome")
        ),
    )
    uncounted = sa.text("outcome IS NULL")
    op.create_index(
        "uq_vote_proposals_live", "vote_proposals", ["proposal_id"], unique=True, sqlite_where=uncounted,
        postgresql_where=uncounted,
    )  # fmt: skip
    op.create_index("ix_vote_proposals_proposal_id", "vote_proposals", ["proposal_id"])
    op.create_table(
        "vote_rolls",
        sa.Column("vote_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("vote_id", "account_id", name=op.f("pk_vote_rolls")),
        _reference("vote_rolls", "vote_id", "votes", ondelete="CASCADE"),
    )
    op.create_index("ix_vote_rolls_account_id", "vote_rolls", ["account_id"])
    op.create_table(
        "ballots",
        sa.Column("vote_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("choice", Json, nullable=False),
        sa.PrimaryKeyConstraint("vote_id", "account_id", name=op.f("pk_ballots")),
        sa.ForeignKeyConstraint(
            ["vote_id", "account_id"], ["vote_rolls.vote_id", "vote_rolls.account_id"], ondelete="CASCADE",
            name=op.f("fk_ballots_vote_id_account_id_vote_rolls"),
        ),
    )  # fmt: skip
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("vote_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        _reference("objections", "vote_id", "votes"),
        sa.CheckConstraint("language IN ('fr', 'en')", name=op.f("ck_objections_language")),
    )
    op.create_index("ix_objections_vote_id", "objections", ["vote_id"])


def _follow_up() -> None:
    op.create_table(
        "follow_up_series",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("need_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("statement", Json, nullable=False),
        sa.Column("points", sa.SmallInteger, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_series")),
        _reference("follow_up_series", "need_id", "needs"),
        sa.UniqueConstraint("need_id", "number", name=op.f("uq_follow_up_series_need_id_number")),
    )
    op.create_table(
        "follow_up_asks",
        sa.Column("series_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "account_id", "wave", name=op.f("pk_follow_up_asks")),
        _reference("follow_up_asks", "series_id", "follow_up_series"),
        sa.CheckConstraint(WAVES, name=op.f("ck_follow_up_asks_wave")),
        sa.CheckConstraint(
            "state IN ('waiting', 'asked', 'answered', 'declined', 'expired')",
            name=op.f("ck_follow_up_asks_state"),
        ),
    )
    op.create_index("ix_follow_up_asks_due", "follow_up_asks", ["state", "due_at"])
    op.create_index("ix_follow_up_asks_account_id", "follow_up_asks", ["account_id"])
    op.create_table(
        "follow_up_pseudonyms",
        sa.Column("series_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("pseudonym", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "account_id", name=op.f("pk_follow_up_pseudonyms")),
        _reference("follow_up_pseudonyms", "series_id", "follow_up_series"),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_follow_up_pseudonyms_pseudonym")),
    )
    answers = "follow_up_answers"
    op.create_table(
        answers,
        sa.Column("pseudonym", sa.Uuid, nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("series_id", sa.Uuid, nullable=False),
        sa.Column("importance", sa.SmallInteger),
        sa.Column("ability", sa.SmallInteger),
        sa.Column("then_ability", sa.SmallInteger),
        sa.Column("released", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "wave", name=op.f("pk_follow_up_answers")),
        _reference(answers, "series_id", "follow_up_series"),
        sa.CheckConstraint(WAVES, name=op.f("ck_follow_up_answers_wave")),
        *(
            sa.CheckConstraint(f"{name} BETWEEN 1 AND 9", name=op.f(f"ck_{answers}_{name}"))
            for name in ("importance", "ability", "then_ability")
        ),
        sa.CheckConstraint(
            "then_ability IS NULL OR wave = 'after'", name=op.f("ck_follow_up_answers_then_is_after")
        ),
    )
    op.create_index("ix_follow_up_answers_series_id", answers, ["series_id", "wave"])
    op.create_table(
        "follow_up_measures",
        sa.Column("series_id", sa.Uuid, nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("manifest", Json, nullable=False),
        sa.Column("measured_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "wave", name=op.f("pk_follow_up_measures")),
        _reference("follow_up_measures", "series_id", "follow_up_series"),
        sa.CheckConstraint(WAVES, name=op.f("ck_follow_up_measures_wave")),
    )


def _verdicts() -> None:
    op.create_table(
        "verdict_rules",
        sa.Column("need_id", sa.Uuid, nullable=False),
        sa.Column("gap_left", sa.Float, nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("set_by", sa.Uuid),
        sa.Column("set_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_verdict_rules")),
        _reference("verdict_rules", "need_id", "needs"),
        sa.CheckConstraint("gap_left BETWEEN 0 AND 4", name=op.f("ck_verdict_rules_gap_left")),
        sa.CheckConstraint("wave IN ('after', '30-days', '90-days')", name=op.f("ck_verdict_rules_wave")),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("need_id", sa.Uuid, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("rule", Json, nullable=False),
        sa.Column("figures", Json),
        sa.Column("reason", Json),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        _reference("verdicts", "need_id", "needs"),
        sa.CheckConstraint(
            "verdict IN ('met', 'partly-met', 'unmet', 'superseded')", name=op.f("ck_verdicts_verdict")
        ),
        sa.CheckConstraint(
            "(verdict = 'superseded') = (decided_by IS NOT NULL)",
            name=op.f("ck_verdicts_superseded_is_decided"),
        ),
    )
    op.create_index("ix_verdicts_need_id", "verdicts", ["need_id"])


def _reference(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
