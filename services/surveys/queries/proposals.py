"""Views of proposals with the reader's own endorsement and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from services.surveys import policy, tables
from services.surveys.domain.ballot import CLOSED, status_of
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
    vote, under = tables.votes, tables.vote_proposals
    held = under.alias("held")
    newest = (
        select(held.c.vote_id)
        .where(held.c.proposal_id == Table.c.id)
        .order_by(held.c.vote_id.desc())
        .limit(1)
        .correlate(Table)
        .scalar_subquery()
    )
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
            decision.c.vote_id.label("decided_vote_id"),
            decision.c.accord,
            vote.c.id.label("vote_id"),
            vote.c.method.label("vote_method"),
            vote.c.closes_at.label("vote_closes_at"),
            vote.c.closed_at.label("vote_closed_at"),
            under.c.outcome.label("vote_outcome"),
        )
        .join(need, need.c.id == Table.c.need_id)
        .outerjoin(mine, and_(mine.c.proposal_id == Table.c.id, mine.c.account_id == account))
        .outerjoin(decision, decision.c.proposal_id == Table.c.id)
        .outerjoin(under, and_(under.c.proposal_id == Table.c.id, under.c.vote_id == newest))
        .outerjoin(vote, vote.c.id == under.c.vote_id)
    )


def proposal_view(tx: Tx, row: View) -> View:
    """Proposal."""
    is_open, coordinates = row["status"] == "open", policy.can_coordinate(tx.actor)
    vote = _vote(row, tx.now)
    free = is_open and coordinates and (vote is None or vote["status"] == CLOSED)
    texts = ("title", "rationale", "audience", "format", "effort_hours", "status", "endorsements", "version")
    return {name: row[name] for name in texts} | {
        "id": str(row["id"]),
        "need_id": str(row["need_id"]),
        "need_statement": row["need_statement"],
        "endorsed": row["mine"] is not None,
        "opened_by": str(row["opened_by"]),
        "opened_at": instant(row["opened_at"]),
        "vote": vote,
        "decision": _decision(row),
        "can": {"edit": free, "endorse": is_open, "decide": free, "vote": free},
    }


def _vote(row: View, now: datetime) -> View | None:
    """The newest vote on the proposal."""
    if row["vote_id"] is None:
        return None
    times = {"closed_at": row["vote_closed_at"], "closes_at": row["vote_closes_at"]}
    return {
        "id": str(row["vote_id"]),
        "method": row["vote_method"],
        "status": status_of(times, now),
        "outcome": row["vote_outcome"],
        "closes_at": instant(row["vote_closes_at"]),
        "closed_at": instant(row["vote_closed_at"]),
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
        "vote_id": str(row["decided_vote_id"]) if row["decided_vote_id"] else None,
        "accord": row["accord"],
    }
