"""Playing H5P: whose saved place fits which content, finishes, embed addresses, upgrades and the event log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Uuid,
)

from services.courses.domain.h5p_play import ACTIONS, ITEM_STATUSES, RUN_STATUSES
from services.courses.tables.base import metadata, one_of
from shared.db.types import Json, UtcDateTime

# Contents of one lineage have the same structure, so that a state saved in one fits the others.
# A content without a row is a lineage of its own.
h5p_lineages = Table(
    "h5p_lineages",
    metadata,
    Column("content_id", Uuid, ForeignKey("h5p_contents.id", ondelete="CASCADE"), primary_key=True),
    Column("lineage", Uuid, nullable=False),
)

# What the player's setFinished reports: `opened` and `finished` are its own clock, in seconds.
h5p_finishes = Table(
    "h5p_finishes",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("opened", BigInteger, primary_key=True),
    Column("finished", BigInteger, primary_key=True),
    Column("score", Float, nullable=False),
    Column("max_score", Float, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)

# The public address of an activity in other sites. It opens nothing that its author does not allow.
h5p_embeds = Table(
    "h5p_embeds",
    metadata,
    Column("activity_id", Uuid, ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

h5p_upgrades = Table(
    "h5p_upgrades",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("machine_name", String(255)),
    Column("dry_run", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("started_by", Uuid, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    one_of("status", RUN_STATUSES, "status"),
)

h5p_upgrade_items = Table(
    "h5p_upgrade_items",
    metadata,
    Column("run_id", Uuid, ForeignKey("h5p_upgrades.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("activity_id", Uuid, nullable=False),
    Column("content_id", Uuid, nullable=False, index=True),
    Column("new_content_id", Uuid),
    Column("status", String(20), nullable=False),
    Column("code", String(60)),
    Column("detail", Json),
    one_of("status", ITEM_STATUSES, "status"),
)

h5p_events = Table(
    "h5p_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("account_id", Uuid),
    Column("activity_id", Uuid),
    Column("content_id", Uuid),
    Column("library", String(300)),
    one_of("kind", tuple(ACTIONS), "kind"),
)

# One row, once an admin has chosen; until then the default counts.
h5p_event_policy = Table(
    "h5p_event_policy",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("keep_days", Integer, nullable=False),
    CheckConstraint("id = 1", name="single"),
    CheckConstraint("keep_days BETWEEN 1 AND 730", name="keep_days"),
)
