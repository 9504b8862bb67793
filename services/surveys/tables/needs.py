"""Rankings, needs, proposals, endorsements and decisions."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

rankings = Table(
    "rankings",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("status", String(10), nullable=False),
    Column("reason", Json),
    Column("received", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("analysis", Json),
    Column("ranked_at", UtcDateTime, nullable=False),
    CheckConstraint("status IN ('ranked', 'refused')", name="status"),
)

needs = Table(
    "needs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source_type", String(15), nullable=False, server_default="survey"),
    Column("survey_id", Uuid, ForeignKey("surveys.id")),
    Column("item_id", Uuid, ForeignKey("survey_items.id")),
    Column("panel_id", Uuid, ForeignKey("panels.id")),
    Column("panel_item_id", Uuid, ForeignKey("panel_items.id")),
    Column("entry_id", Uuid, ForeignKey("board_entries.id")),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    Column("place", Integer, nullable=False),
    Column("rank", Integer),
    Column("metric", Json, nullable=False),
    Column("ranked_at", UtcDateTime, nullable=False),
    Column("status", String(10), nullable=False),
    Column("verdict", String(10)),
    UniqueConstraint("item_id"),
    UniqueConstraint("panel_item_id"),
    UniqueConstraint("entry_id"),
    CheckConstraint("source_type IN ('survey', 'delphi', 'nominal-group', 'board')", name="source_type"),
    CheckConstraint(
        "(source_type = 'survey') = (survey_id IS NOT NULL AND item_id IS NOT NULL)", name="from_survey"
    ),
    CheckConstraint(
        "(source_type IN ('delphi', 'nominal-group')) = (panel_id IS NOT NULL AND panel_item_id IS NOT NULL)",
        name="from_panel",
    ),
    CheckConstraint("(source_type = 'board') = (entry_id IS NOT NULL)", name="from_board"),
    CheckConstraint("status IN ('ranked', 'proposed', 'approved', 'drafted', 'published')", name="status"),
    CheckConstraint("verdict IN ('met', 'partly-met', 'unmet', 'superseded')", name="verdict"),
)
Index("ix_needs_place", needs.c.place, needs.c.id)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("need_id", Uuid, ForeignKey("needs.id"), nullable=False),
    Column("title", Json, nullable=False),
    Column("rationale", Json, nullable=False),
    Column("audience", Json, nullable=False),
    Column("format", String(10), nullable=False),
    Column("effort_hours", Float, nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("status", String(10), nullable=False),
    Column("endorsements", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("status IN ('open', 'approved', 'declined')", name="status"),
    CheckConstraint("format IN ('self-paced', 'live', 'blended')", name="format"),
    CheckConstraint("endorsements >= 0", name="endorsements"),
)
_LIVE = proposals.c.status != "declined"
Index("uq_proposals_live", proposals.c.need_id, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
Index("ix_proposals_need_id", proposals.c.need_id)

endorsements = Table(
    "endorsements",
    metadata,
    Column("proposal_id", Uuid, ForeignKey("proposals.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("proposal_id", Uuid, ForeignKey("proposals.id"), primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("reason", Json, nullable=False),
    Column("decided_by", Uuid, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("endorsements", Integer, nullable=False),
    Column("vote_id", Uuid, ForeignKey("votes.id")),
    Column("accord", String(10)),
    CheckConstraint("outcome IN ('approved', 'declined')", name="outcome"),
    CheckConstraint("accord IN ('follows', 'departs', 'no-quorum')", name="accord"),
    CheckConstraint("(vote_id IS NULL) = (accord IS NULL)", name="vote_has_accord"),
)
