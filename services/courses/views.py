"""Pieces of views that commands and queries share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from xblock.core import XBlock

from services.courses.tables import states
from shared.db.tx import Tx, rows

View = dict[str, Any]


def file_view(block: XBlock) -> View | None:
    """What a page shows of a file activity; None while it has none."""
    if not block.storage_key:
        return None
    return {
        "filename": block.filename,
        "media_type": block.media_type,
        "size": block.size,
        "inline": block.inline,
        "alt": block.alt,
        "url": block.url,
    }


def saved_states(tx: Tx, attempt_id: UUID | None) -> list[View]:
    """Saved states of an attempt; deleted ones are left out."""
    if attempt_id is None:
        return []
    columns = (states.c.data_type, states.c.sub_content_id, states.c.state, states.c.sequence)
    mine = select(*columns).where(states.c.attempt_id == attempt_id, states.c.state.is_not(None))
    return rows(tx, mine.order_by(states.c.data_type, states.c.sub_content_id))
