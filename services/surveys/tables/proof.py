"""Votes, follow-up waves and verdicts.

Secrecy is in the shape of the tables. A ballot stands beside its person only while the vote is open, so that it can be
changed; closing counts and deletes. A follow-up answer carries a pseudonym of its series; the one table that ties a
pseudonym to a person holds nothing else, and its row goes when the person has been asked for the last time.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

votes = Table(
    "votes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("method", String(10), nullable=False),
    Column("quorum", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("audience", Integer, nullable=False),
    Column("entitled", Integer, nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("ballots", Integer),
    CheckConstraint("method IN ('consent', 'score', 'dots')", name="method"),
    CheckConstraint("quorum BETWEEN 0 AND 1", name="quorum"),
    CheckConstraint("(closed_at IS NULL) = (ballots IS NULL)", name="closed_is_counted"),
)
Index("ix_votes_closing", votes.c.closed_at, votes.c.closes_at)

vote_proposals = Table(
    "vote_proposals",
    metadata,
    Column("vote_id", Uuid, ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True),
    Column("proposal_id", Uuid, ForeignKey("proposals.id"), primary_key=True),
    Column("place", SmallInteger, nullable=False),
    Column("outcome", String(10)),
    Column("figure", Float),
    Column("counts", Json),
    CheckConstraint("outcome IN ('passed', 'not-passed', 'no-quorum')", name="outcome"),
)
_UNCOUNTED = vote_proposals.c.outcome.is_(None)
Index(
    "uq_vote_proposals_live",
    vote_proposals.c.proposal_id,
    unique=True,
    sqlite_where=_UNCOUNTED,
    postgresql_where=_UNCOUNTED,
)
Index("ix_vote_proposals_proposal_id", vote_proposals.c.proposal_id)

vote_rolls = Table(
    "vote_rolls",
    metadata,
    Column("vote_id", Uuid, ForeignKey("votes.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)
Index("ix_vote_rolls_account_id", vote_rolls.c.account_id)

ballots = Table(
    "ballots",
    metadata,
    Column("vote_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("choice", Json, nullable=False),
    ForeignKeyConstraint(
        ["vote_id", "account_id"], ["vote_rolls.vote_id", "vote_rolls.account_id"], ondelete="CASCADE"
    ),
)

objections = Table(
    "objections",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("vote_id", Uuid, ForeignKey("votes.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("language", String(2), nullable=False),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)
Index("ix_objections_vote_id", objections.c.vote_id)

follow_up_series = Table(
    "follow_up_series",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("need_id", Uuid, ForeignKey("needs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    Column("points", SmallInteger, nullable=False),
    Column("seed", Integer, nullable=False),
    UniqueConstraint("need_id", "number"),
)

_WAVES = "wave IN ('before', 'after', '30-days', '90-days')"

follow_up_asks = Table(
    "follow_up_asks",
    metadata,
    Column("series_id", Uuid, ForeignKey("follow_up_series.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    CheckConstraint(_WAVES, name="wave"),
    CheckConstraint("state IN ('waiting', 'asked', 'answered', 'declined', 'expired')", name="state"),
)
Index("ix_follow_up_asks_due", follow_up_asks.c.state, follow_up_asks.c.due_at)
Index("ix_follow_up_asks_account_id", follow_up_asks.c.account_id)

pseudonym_links = Table(
    "follow_up_pseudonyms",
    metadata,
    Column("series_id", Uuid, ForeignKey("follow_up_series.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("pseudonym", Uuid, nullable=False, unique=True),
)

follow_up_answers = Table(
    "follow_up_answers",
    metadata,
    Column("pseudonym", Uuid, primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("series_id", Uuid, ForeignKey("follow_up_series.id"), nullable=False),
    Column("importance", SmallInteger),
    Column("ability", SmallInteger),
    Column("then_ability", SmallInteger),
    Column("released", Boolean, nullable=False),
    CheckConstraint(_WAVES, name="wave"),
    CheckConstraint("importance BETWEEN 1 AND 9", name="importance"),
    CheckConstraint("ability BETWEEN 1 AND 9", name="ability"),
    CheckConstraint("then_ability BETWEEN 1 AND 9", name="then_ability"),
    CheckConstraint("then_ability IS NULL OR wave = 'after'", name="then_is_after"),
)
Index("ix_follow_up_answers_series_id", follow_up_answers.c.series_id, follow_up_answers.c.wave)

follow_up_measures = Table(
    "follow_up_measures",
    metadata,
    Column("series_id", Uuid, ForeignKey("follow_up_series.id"), primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("figures", Json, nullable=False),
    Column("manifest", Json, nullable=False),
    Column("measured_at", UtcDateTime, nullable=False),
    CheckConstraint(_WAVES, name="wave"),
)

verdict_rules = Table(
    "verdict_rules",
    metadata,
    Column("need_id", Uuid, ForeignKey("needs.id"), primary_key=True),
    Column("gap_left", Float, nullable=False),
    Column("wave", String(10), nullable=False),
    Column("set_by", Uuid),
    Column("set_at", UtcDateTime, nullable=False),
    CheckConstraint("gap_left BETWEEN 0 AND 4", name="gap_left"),
    CheckConstraint("wave IN ('after', '30-days', '90-days')", name="wave"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("need_id", Uuid, ForeignKey("needs.id"), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("rule", Json, nullable=False),
    Column("figures", Json),
    Column("reason", Json),
    Column("decided_by", Uuid),
    Column("decided_at", UtcDateTime, nullable=False),
    CheckConstraint("verdict IN ('met', 'partly-met', 'unmet', 'superseded')", name="verdict"),
    CheckConstraint("(verdict = 'superseded') = (decided_by IS NOT NULL)", name="superseded_is_decided"),
)
Index("ix_verdicts_need_id", verdicts.c.need_id)
