"""The board of expressed needs: who expressed one is kept for that person alone, and forgotten when it is closed.

An entry has a day and a random id, no hour: what was written when would tell by whom.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)

from services.surveys.tables.base import metadata
from shared.db.types import Json, UtcDateTime

board_entries = Table(
    "board_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("statement", Json, nullable=False),
    Column("original", Json, nullable=False),
    Column("words", Text, nullable=False),
    Column("topic", String(20)),
    Column("author_id", Uuid),
    Column("signed", Boolean, nullable=False),
    Column("status", String(10), nullable=False),
    Column("outcome", String(20)),
    Column("reason", Json),
    Column("link_kind", String(10)),
    Column("link_id", Uuid),
    Column("merged_into", Uuid, ForeignKey("board_entries.id")),
    Column("root_id", Uuid, ForeignKey("board_entries.id"), nullable=False),
    Column("supports", Integer, nullable=False),
    Column("expressed_on", Date, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("status IN ('open', 'merged', 'closed')", name="status"),
    CheckConstraint("supports >= 0", name="supports"),
    CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
    CheckConstraint("(merged_into IS NULL) = (root_id = id)", name="root"),
    CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_says_why"),
    CheckConstraint("(link_kind IS NULL) = (link_id IS NULL)", name="link"),
    CheckConstraint("link_kind IN ('need', 'proposal', 'survey', 'course', 'panel')", name="link_kind"),
)
Index("ix_board_entries_supports", board_entries.c.supports, board_entries.c.id)
Index("ix_board_entries_root_id", board_entries.c.root_id)

board_supports = Table(
    "board_supports",
    metadata,
    Column("entry_id", Uuid, ForeignKey("board_entries.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)
Index("ix_board_supports_account_id", board_supports.c.account_id)
