"""Pieces of views that commands and queries share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from xblock.core import XBlock

from services.courses.tables import ANY_LINEAGE, h5p_lineages, states
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


def lineage_of(tx: Tx, content_id: UUID) -> UUID:
    """What contents of the same structure share, so that a place saved in one fits the others."""
    found = select(h5p_lineages.c.lineage).where(h5p_lineages.c.content_id == content_id)
    return tx.session.execute(found).scalar_one_or_none() or content_id


def scorm_view(block: XBlock) -> View | None:
    """What the studio shows of a SCORM package; None while there is none."""
    package = block.package
    if package is None:
        return None
    count = sum(1 for item in package["items"] if item["href"])
    return {"title": block.title, "version": block.version, "count": count, "size": block.size}


def saved_states(tx: Tx, attempt_id: UUID | None, content_id: UUID) -> list[View]:
    """Saved states of an attempt that fit a content; deleted ones are left out."""
    if attempt_id is None:
        return []
    fits = states.c.lineage.in_([ANY_LINEAGE, lineage_of(tx, content_id)])
    columns = (states.c.data_type, states.c.sub_content_id, states.c.state, states.c.sequence)
    mine = select(*columns).where(states.c.attempt_id == attempt_id, fits)
    ordered = rows(tx, mine.order_by(states.c.data_type, states.c.sub_content_id, states.c.lineage))
    newest = {(row["data_type"], row["sub_content_id"]): row for row in ordered}  # ANY_LINEAGE sorts first
    return [row for row in newest.values() if row["state"] is not None]
