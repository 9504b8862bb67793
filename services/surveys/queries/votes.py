"""Views of votes. While one is open nobody learns how it goes; afterwards how ballots split, from five ballots on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from services.surveys import policy, tables
from services.surveys.domain.audience import roles_of
from services.surveys.domain.ballot import CLOSED, OPEN, SMALLEST_COUNTED, needed, status_of
from services.surveys.domain.loop import count_view
from services.surveys.domain.vote import DOTS_EACH
from services.surveys.queries.keys import key_of
from services.surveys.queries.surveys import instant
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of

View = dict[str, Any]
Table = tables.votes


def list_votes(tx: Tx, status: str | None, request: PageRequest) -> View:
    """A page of Vote, newest first."""
    chosen = vote_rows(tx)
    if status == OPEN:
        chosen = chosen.where(Table.c.closed_at.is_(None))
    if status == CLOSED:
        chosen = chosen.where(Table.c.closed_at.is_not(None))
    if key := key_of(request, UUID):
        chosen = chosen.where(Table.c.id < key[0])
    found = rows(tx, chosen.order_by(Table.c.id.desc()).limit(request.limit + 1))
    views = {one["id"]: one for one in vote_views(tx, found)}
    return page_of(found, request, lambda row: (row["id"],), lambda row: views[str(row["id"])])


def get_vote(tx: Tx, vote_id: UUID) -> View:
    """One vote. Raises NotFound."""
    found = rows(tx, vote_rows(tx).where(Table.c.id == vote_id))
    if not found:
        raise NotFound
    return vote_views(tx, found)[0]


def waiting_for(tx: Tx, limit: int) -> list[View]:
    """Open votes in which the actor is entitled and has not voted, the first to close first."""
    chosen = vote_rows(tx).where(
        Table.c.closed_at.is_(None),
        Table.c.closes_at > tx.now,
        tables.vote_rolls.c.account_id.is_not(None),
        tables.ballots.c.account_id.is_(None),
    )
    return vote_views(tx, rows(tx, chosen.order_by(Table.c.closes_at, Table.c.id).limit(limit)))


def vote_views(tx: Tx, found: Sequence[View]) -> list[View]:
    """Vote for each row; two statements for any number of them."""
    if not found:
        return []
    ids = [row["id"] for row in found]
    proposals, objections = _proposals(tx, ids), _objections(tx, ids)
    return [_view(tx, row, proposals.get(row["id"], []), objections.get(row["id"], [])) for row in found]


def vote_rows(tx: Tx) -> Select[Any]:
    """Votes with the number of ballots, and the actor's own place on the roll and ballot."""
    account, roll, ballot = tx.actor.require_account(), tables.vote_rolls, tables.ballots
    counted = ballot.alias("counted")
    cast = select(func.count()).where(counted.c.vote_id == Table.c.id).correlate(Table).scalar_subquery()
    return (
        select(
            Table, cast.label("cast"), roll.c.account_id.label("entitled_me"), ballot.c.choice.label("choice")
        )
        .outerjoin(roll, and_(roll.c.vote_id == Table.c.id, roll.c.account_id == account))
        .outerjoin(ballot, and_(ballot.c.vote_id == Table.c.id, ballot.c.account_id == account))
    )


def _proposals(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[View]]:
    table, proposal, need = tables.vote_proposals, tables.proposals, tables.needs
    chosen = (
        select(table, proposal.c.title, proposal.c.need_id, proposal.c.status, need.c.statement)
        .join(proposal, proposal.c.id == table.c.proposal_id)
        .join(need, need.c.id == proposal.c.need_id)
        .where(table.c.vote_id.in_(ids))
        .order_by(table.c.vote_id, table.c.place)
    )
    out: dict[UUID, list[View]] = {}
    for row in rows(tx, chosen):
        out.setdefault(row["vote_id"], []).append(row)
    return out


def _objections(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[View]]:
    table = tables.objections
    chosen = select(table).where(table.c.vote_id.in_(ids)).order_by(table.c.id)
    out: dict[UUID, list[View]] = {}
    for row in rows(tx, chosen):
        said = {"reason": row["reason"], "language": row["language"]}
        out.setdefault(row["vote_id"], []).append(said)
    return out


def _view(tx: Tx, row: View, proposals: list[View], objections: list[View]) -> View:
    status, coordinates = status_of(row, tx.now), policy.can_coordinate(tx.actor)
    shown = row["closed_at"] is not None and row["ballots"] >= SMALLEST_COUNTED
    entitled = row["entitled_me"] is not None
    return {
        "id": str(row["id"]),
        "method": row["method"],
        "status": status,
        "rule": {
            "quorum": row["quorum"],
            "threshold": row["threshold"],
            "roles": roles_of(row["audience"]),
            "entitled": row["entitled"],
            "needed": needed(row["quorum"], row["entitled"]),
            "dots_each": DOTS_EACH,
        },
        "opened_by": str(row["opened_by"]),
        "opened_at": instant(row["opened_at"]),
        "closes_at": instant(row["closes_at"]),
        "closed_at": instant(row["closed_at"]),
        "turnout": turnout(row),
        "proposals": [_proposal(one, shown) for one in proposals],
        "objections": objections if shown else [],
        "mine": {"entitled": entitled, "choice": row["choice"]} if status == OPEN else None,
        "can": {
            "vote": entitled and status == OPEN,
            "cancel": coordinates and status == OPEN and not row["cast"],
        },
    }


def turnout(row: View) -> View:
    """How many took part, as a Count, and their share of those entitled; under five neither."""
    ballots = row["cast"] if row["closed_at"] is None else row["ballots"]
    enough = ballots >= SMALLEST_COUNTED
    return {
        "ballots": count_view(ballots, exact=False),
        "share": ballots / row["entitled"] if enough else None,
    }


def _proposal(row: View, shown: bool) -> View:
    return {
        "id": str(row["proposal_id"]),
        "title": row["title"],
        "need_id": str(row["need_id"]),
        "need_statement": row["statement"],
        "status": row["status"],
        "outcome": row["outcome"],
        "figure": row["figure"] if shown else None,
        "counts": row["counts"] if shown else None,
    }
