"""Panels: Delphi rounds and nominal groups.

Ratings, votes and ideas carry a pseudonym. The one table that ties pseudonyms to accounts is emptied when the panel
ends. A round refers to the fingerprint of its panel's stop rule, so that the rule cannot change once there is a round.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
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

panels = Table(
    "panels",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(15), nullable=False),
    Column("title", Json, nullable=False),
    Column("intro", Json, nullable=False),
    Column("question", Json, nullable=False),
    Column("audience", Integer, nullable=False),
    Column("chosen", Json, nullable=False),
    Column("first_round", String(10), nullable=False),
    Column("scale", SmallInteger, nullable=False),
    Column("rule", Json, nullable=False),
    Column("rule_sha256", String(64), nullable=False),
    Column("phase", String(15), nullable=False),
    Column("round", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("closes_at", UtcDateTime),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("end_reason", String(20)),
    Column("end_note", Json),
    Column("result", Json),
    Column("version", Integer, nullable=False),
    UniqueConstraint("id", "rule_sha256"),
    CheckConstraint("kind IN ('delphi', 'nominal-group')", name="kind"),
    CheckConstraint("scale IN (5, 9)", name="scale"),
    CheckConstraint("first_round IN ('open', 'rating')", name="first_round"),
    CheckConstraint(
        "phase IN ('draft', 'round', 'judging', 'between', 'silent', 'sharing', 'clarify', 'vote', 'results', "
        "'discuss', 'revote', 'ended')",
        name="phase",
    ),
    CheckConstraint("(phase = 'ended') = (ended_at IS NOT NULL)", name="ended_at"),
    CheckConstraint("(phase = 'ended') = (end_reason IS NOT NULL)", name="end_reason"),
)
Index("ix_panels_phase", panels.c.phase, panels.c.closes_at)

panel_members = Table(
    "panel_members",
    metadata,
    Column("panel_id", Uuid, ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("seat", Integer, nullable=False),
)
Index("ix_panel_members_account_id", panel_members.c.account_id)

panel_pseudonyms = Table(
    "panel_pseudonyms",
    metadata,
    Column("panel_id", Uuid, ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("rater_id", Uuid, nullable=False),
    UniqueConstraint("rater_id"),
)

panel_rounds = Table(
    "panel_rounds",
    metadata,
    Column("panel_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("rule_sha256", String(64), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("answered", Integer),
    ForeignKeyConstraint(
        ["panel_id", "rule_sha256"], ["panels.id", "panels.rule_sha256"], ondelete="CASCADE"
    ),
    CheckConstraint("kind IN ('open', 'rating')", name="kind"),
)

panel_items = Table(
    "panel_items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("panel_id", Uuid, ForeignKey("panels.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    Column("sources", Json, nullable=False),
    Column("settled_in", Integer),
    Column("merged_into", Uuid, ForeignKey("panel_items.id")),
    UniqueConstraint("panel_id", "code"),
)
Index("ix_panel_items_panel_id", panel_items.c.panel_id, panel_items.c.position)

panel_uses = Table(
    "panel_uses",
    metadata,
    Column("panel_id", Uuid, ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", Uuid, ForeignKey("board_entries.id", ondelete="CASCADE"), primary_key=True),
)
Index("ix_panel_uses_entry_id", panel_uses.c.entry_id)

panel_ideas = Table(
    "panel_ideas",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("panel_id", Uuid, ForeignKey("panels.id", ondelete="CASCADE"), nullable=False),
    Column("rater_id", Uuid, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)
Index("ix_panel_ideas_panel_id", panel_ideas.c.panel_id, panel_ideas.c.rater_id)

panel_ratings = Table(
    "panel_ratings",
    metadata,
    Column("panel_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("rater_id", Uuid, primary_key=True),
    Column("item_id", Uuid, ForeignKey("panel_items.id", ondelete="CASCADE"), primary_key=True),
    Column("points", SmallInteger),
    Column("comment", Text),
    Column("language", String(2), nullable=False),
    ForeignKeyConstraint(
        ["panel_id", "round"], ["panel_rounds.panel_id", "panel_rounds.number"], ondelete="CASCADE"
    ),
    CheckConstraint("points BETWEEN 1 AND 9", name="points"),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)

panel_votes = Table(
    "panel_votes",
    metadata,
    Column("panel_id", Uuid, ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True),
    Column("vote", Integer, primary_key=True),
    Column("rater_id", Uuid, primary_key=True),
    Column("item_id", Uuid, ForeignKey("panel_items.id", ondelete="CASCADE"), primary_key=True),
    Column("points", SmallInteger, nullable=False),
    UniqueConstraint("panel_id", "vote", "rater_id", "points"),
    CheckConstraint("points BETWEEN 1 AND 5", name="points"),
)
