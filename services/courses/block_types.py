"""Which block types may be used, as admins decided; looked up once per transaction and type, and only when asked."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import select

from services.courses.domain.errors_blocks import BlockUnusable
from services.courses.domain.outline import COMPLETED, COMPLETION, VIEWED, OutlineItem
from services.courses.players import external
from services.courses.players.blocks import BLOCKS
from services.courses.players.xblock_runtime import Addresses, Host
from services.courses.tables import block_policy
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid

Decision = dict[str, Any]


def decisions(tx: Tx) -> dict[str, Decision]:
    """Every decision by block type: `{block_type, allowed, settings}`."""
    columns = (block_policy.c.block_type, block_policy.c.allowed, block_policy.c.settings)
    return {row["block_type"]: row for row in rows(tx, select(*columns))}


def decision(tx: Tx, block_type: str) -> Decision | None:
    """What was decided on one type; None where nothing was."""
    return decisions(tx).get(block_type)


def is_allowed(tx: Tx, block_type: str) -> bool:
    """True for a type of another maker that an admin allows now."""
    found = decision(tx, block_type)
    return bool(found and found["allowed"])


def is_external(item: OutlineItem) -> bool:
    """True for an activity of another maker's kind, allowed or not."""
    return item.block_type is not None and item.block_type not in BLOCKS


def usable(tx: Tx) -> external.BlockTypes:
    """Our own types, and those allowed now."""
    return external.BlockTypes(cache(lambda block_type: is_allowed(tx, block_type)))


def host(tx: Tx, addresses: Addresses | None = None) -> Host:
    """What surrounds the blocks of this transaction."""

    def settings(block_type: str) -> dict[str, Any]:
        found = decision(tx, block_type)
        return dict(found["settings"]) if found else {}

    return Host(addresses or Addresses(), settings)


def try_out(block_type: str) -> None:
    """Load it once. Raises BlockUnusable with the reason."""
    try:
        external.load(block_type)
    except external.BlockUnusableError as error:
        problem = FieldProblem("block_type", "block-unusable", {"reason": str(error)[:300]})
        raise BlockUnusable(fields=[problem]) from error


def require_usable(tx: Tx, kind: str) -> None:
    """Raises Invalid for a kind of activity that is neither ours nor allowed; BlockUnusable when it cannot be loaded."""
    if kind in BLOCKS:
        return
    if not is_allowed(tx, kind) or kind not in external.installed():
        raise Invalid(fields=[FieldProblem("kind", "not-a-choice")])
    try_out(kind)


def completion_of(kind: str) -> str:
    """When an activity counts as done at first: a block of another maker by its own report, else when it was seen."""
    if kind in COMPLETION:
        return COMPLETION[kind]
    return COMPLETED if external.completes_by_itself(kind) else VIEWED
