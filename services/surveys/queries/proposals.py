"""Views of proposals with the reader's own endorsement and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from services.surveys import policy, tables
from services.surveys.queries.keys import key_of
from services.surveys.queries.surveys import instant
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of

View = dict[str, Any]
Table = tables.proposals


@dataclass(frozen=True, slots=True)
class ProposalFilter:
    """None: no filter."""

    need_id: UUID | None = None
    status: str | None = None


def list_proposals(tx: Tx, wanted: ProposalFilter, request: PageRequest) -> View:
    """A page, newest first; one statement whatever the number of rows."""
    chosen = proposal_rows(tx)
    if wanted.need_id:
        chosen = chosen.where(Table.c.need_id == wanted.need_id)
    if wanted.status:
        chosen = chosen.where(Table.c.status == wanted.status)
    if key := key_of(request, UUID):
        chosen = chosen.where(Table.c.id < key[0])
    found = rows(tx, chosen.order_by(Table.c.id.desc()).limit(request.limit + 1))
    return page_of(found, request, lambda row: (row["id"],), lambda row: proposal_view(tx, row))


def get_proposal(tx: Tx, proposal_id: UUID) -> View:
    """One proposal. Raises NotFound."""
    found = rows(tx, proposal_rows(tx).where(Table.c.id == proposal_id))
    if not found:
        raise NotFound
    return proposal_view(tx, found[0])


def proposal_rows(tx: Tx) -> Select[Any]:
    """Proposals with need, decision and own endorsement."""
    account = tx.actor.require_account()
    mine, decision, need = tables.endorsements, tables.decisions, tables.needs
    return (
        select(
            Table,
            need.c.statement.label("need_statement"),
            mine.c.account_id.label("mine"),
            decision.c.outcome,
            decision.c.reason,
            decision.c.decided_by,
            decision.c.decided_at,
            decision.c.endorsements.label("counted"),
        )
        .join(need, need.c.id == Table.c.need_id)
        .outerjoin(mine, and_(mine.c.proposal_id == Table.c.id, mine.c.account_id == account))
        .outerjoin(decision, decision.c.proposal_id == Table.c.id)
    )


def proposal_view(tx: Tx, row: View) -> View:
    """Proposal."""
    is_open, coordinates = row["status"] == "open", policy.can_coordinate(tx.actor)
    texts = ("title", "rationale", "audience", "format", "effort_hours", "status", "endorsements", "version")
    return {name: row[name] for name in texts} | {
        "id": str(row["id"]),
        "need_id": str(row["need_id"]),
        "need_statement": row["need_statement"],
        "endorsed": row["mine"] is not None,
        "opened_by": str(row["opened_by"]),
        "opened_at": instant(row["opened_at"]),
        "decision": _decision(row),
        "can": {"edit": is_open and coordinates, "endorse": is_open, "decide": is_open and coordinates},
    }


def _decision(row: View) -> View | None:
    if row["outcome"] is None:
        return None
    return {
        "outcome": row["outcome"],
        "reason": row["reason"],
        "decided_by": str(row["decided_by"]),
        "decided_at": instant(row["decided_at"]),
        "endorsements": row["counted"],
    }
