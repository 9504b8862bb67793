"""What blocks say of themselves before a publication: their languages, and what is missing."""

from __future__ import annotations

from uuid import UUID

from services.courses import store
from services.courses.domain.outline import Outline
from services.courses.domain.publishing import Gap
from services.courses.players.blocks import BLOCKS
from services.courses.players.xblock_runtime import load_block
from shared.db.tx import Tx


def gaps_of(tx: Tx, outline: Outline) -> dict[UUID, Gap]:
    """Per activity whose block can tell."""
    runtime = store.runtime_for(tx, role="author", user=False)
    found: dict[UUID, Gap] = {}
    for activity in outline.activities():
        kind = BLOCKS.get(str(activity.block_type))
        if kind is None or not (hasattr(kind, "ready_languages") or hasattr(kind, "missing")):
            continue
        block = load_block(runtime, activity.id)
        languages = (
            list(block.ready_languages()) if hasattr(kind, "ready_languages") else list(activity.ready_in)
        )
        missing = list(block.missing()) if hasattr(kind, "missing") else []
        found[activity.id] = Gap(languages, missing)
    return found
