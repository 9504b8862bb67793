"""Writes on votes. Proposals are locked before their vote. No event, row or log says who voted or how: a ballot stands
beside its person while the vote is open, so that it can be changed, and is counted and deleted at closing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, true, update

from services.surveys import store, tables
from services.surveys.domain import ballot as rules
from services.surveys.domain.audience import EVERYONE, mask_of, roles_of
from services.surveys.domain.vote import Rule, Tally
from shared.contracts.surveys import VoteClosed, VoteOpened
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import new_id, random_id

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenVote:
    """`roles`: who is entitled; empty: every member."""

    method: str
    proposal_ids: Sequence[UUID]
    quorum: float
    threshold: float
    roles: Sequence[str]
    closes_at: datetime


def open_vote(tx: Tx, cmd: OpenVote) -> UUID:
    """Put open proposals to a vote, with its terms fixed. Raises NotFound, AlreadyDecided, VoteOpen, Invalid."""
    account = store.require_coordinator(tx.actor)
    ids = list(dict.fromkeys(cmd.proposal_ids))
    for proposal_id in sorted(ids):
        store.proposal(tx, proposal_id, lock=True).require_open()
        require_no_open_vote(tx, proposal_id)
    audience = mask_of(cmd.roles)
    roll = _entitled(tx, audience)
    rule = Rule(cmd.method, cmd.quorum, cmd.threshold)
    rules.Terms(rule, len(ids), len(roll), cmd.closes_at).require_sound(tx.now)
    vote_id = new_id()
    tx.session.execute(insert(tables.votes).values(
        id=vote_id, method=cmd.method, quorum=cmd.quorum, threshold=cmd.threshold, audience=audience,
        entitled=len(roll), opened_by=account, opened_at=tx.now, closes_at=cmd.closes_at,
    ))  # fmt: skip
    tx.session.execute(
        insert(tables.vote_proposals),
        [{"vote_id": vote_id, "proposal_id": one, "place": place} for place, one in enumerate(ids)],
    )
    tx.session.execute(insert(tables.vote_rolls), [{"vote_id": vote_id, "account_id": one} for one in roll])
    event = VoteOpened(vote_id, ids, cmd.method, cmd.closes_at, roles_of(audience))
    tx.publish(event, subject=vote_id)
    return vote_id


def _entitled(tx: Tx, audience: int) -> list[UUID]:
    table = tables.members
    asked = true() if audience == EVERYONE else table.c.roles.bitwise_and(audience) != 0
    return list(tx.session.execute(select(table.c.account_id).where(table.c.active, asked)).scalars())


def require_no_open_vote(tx: Tx, proposal_id: UUID) -> None:
    """Raises VoteOpen. The proposal is locked, so none can be opened meanwhile."""
    table = tables.vote_proposals
    uncounted = (table.c.proposal_id == proposal_id) & table.c.outcome.is_(None)
    if tx.session.execute(select(table.c.vote_id).where(uncounted)).first() is not None:
        raise rules.VoteOpen


def cancel_vote(tx: Tx, vote_id: UUID) -> None:
    """Take a vote back before anybody has voted. Raises NotFound, VoteBegun, VoteClosed."""
    tx.actor.require_account()
    vote = locked(tx, vote_id)
    store.require_coordinator(tx.actor)
    if vote["closed_at"] is not None:
        raise rules.VoteClosed
    if _ballots(tx, vote_id):
        raise rules.VoteBegun
    tx.session.execute(delete(tables.votes).where(tables.votes.c.id == vote_id))


def cast_ballot(tx: Tx, vote_id: UUID, given: Mapping[str, Any]) -> None:
    """Vote, or vote otherwise. Raises NotFound, VoteClosed, NotEntitled, Invalid."""
    account = _voter(tx, vote_id)
    method = tx.session.execute(
        select(tables.votes.c.method).where(tables.votes.c.id == vote_id)
    ).scalar_one()
    choice = rules.read_choice(method, given, [str(one) for one in proposals_of(tx, vote_id)])
    upsert(tx.session, tables.ballots, {"vote_id": vote_id, "account_id": account, "choice": choice})


def withdraw_ballot(tx: Tx, vote_id: UUID) -> None:
    """Take one's ballot back; without one nothing changes. Raises NotFound, VoteClosed, NotEntitled."""
    account, table = _voter(tx, vote_id), tables.ballots
    tx.session.execute(delete(table).where(table.c.vote_id == vote_id, table.c.account_id == account))


def _voter(tx: Tx, vote_id: UUID) -> UUID:
    """The actor, on the roll of an open vote; the vote is held against closing, not against other ballots."""
    account, roll = tx.actor.require_account(), tables.vote_rolls
    vote = locked(tx, vote_id, share=True)
    if vote["closed_at"] is not None or tx.now >= vote["closes_at"]:
        raise rules.VoteClosed
    mine = (roll.c.vote_id == vote_id) & (roll.c.account_id == account)
    if tx.session.execute(select(roll.c.account_id).where(mine)).first() is None:
        raise rules.NotEntitled
    return account


def locked(tx: Tx, vote_id: UUID, *, share: bool = False) -> Row:
    """A vote's row, locked. Raises NotFound."""
    chosen = select(tables.votes).where(tables.votes.c.id == vote_id).with_for_update(read=share)
    found = rows(tx, chosen)
    if not found:
        raise NotFound
    return found[0]


def proposals_of(tx: Tx, vote_id: UUID) -> list[UUID]:
    """Ids of the proposals under vote, in their order."""
    table = tables.vote_proposals
    chosen = select(table.c.proposal_id).where(table.c.vote_id == vote_id).order_by(table.c.place)
    return list(tx.session.execute(chosen).scalars())


def _ballots(tx: Tx, vote_id: UUID) -> int:
    table = tables.ballots
    counted = select(func.count()).select_from(table).where(table.c.vote_id == vote_id)
    return int(tx.session.execute(counted).scalar_one())


def due(tx: Tx) -> list[UUID]:
    """Votes whose closing time has come."""
    table = tables.votes
    come = (table.c.closed_at.is_(None), table.c.closes_at <= tx.now)
    return list(tx.session.execute(select(table.c.id).where(*come)).scalars())


def close_vote(tx: Tx, vote_id: UUID) -> bool:
    """Count, keep the counts, delete the ballots; False when it was closed before or has time left.

    Effects: objections kept without their person, in an order of chance; ballots and roll deleted; VoteClosed.
    """
    vote = locked(tx, vote_id)
    if vote["closed_at"] is not None or tx.now < vote["closes_at"]:
        return False
    proposals, table = proposals_of(tx, vote_id), tables.ballots
    choices = list(tx.session.execute(select(table.c.choice).where(table.c.vote_id == vote_id)).scalars())
    rule = Rule(vote["method"], vote["quorum"], vote["threshold"])
    tallies = rules.count(rule, choices, [str(one) for one in proposals], vote["entitled"])
    for proposal_id in proposals:
        _keep(tx, vote_id, proposal_id, tallies[str(proposal_id)])
    _keep_objections(tx, vote_id, choices)
    for emptied in (table, tables.vote_rolls):
        tx.session.execute(delete(emptied).where(emptied.c.vote_id == vote_id))
    closed = {"closed_at": tx.now, "ballots": len(choices)}
    tx.session.execute(update(tables.votes).where(tables.votes.c.id == vote_id).values(closed))
    outcomes = [tallies[str(one)].outcome for one in proposals]
    tx.publish(VoteClosed(vote_id, proposals, outcomes), subject=vote_id)
    return True


def _keep(tx: Tx, vote_id: UUID, proposal_id: UUID, tally: Tally) -> None:
    table = tables.vote_proposals
    here = (table.c.vote_id == vote_id) & (table.c.proposal_id == proposal_id)
    counted = {"outcome": tally.outcome, "figure": tally.figure, "counts": dict(tally.counts)}
    tx.session.execute(update(table).where(here).values(counted))


def _keep_objections(tx: Tx, vote_id: UUID, choices: Sequence[Mapping[str, Any]]) -> None:
    said = [
        {
            "id": random_id(),
            "vote_id": vote_id,
            "reason": one["reason"],
            "language": one.get("language", "fr"),
        }
        for one in choices
        if one.get("reason")
    ]
    random.SystemRandom().shuffle(said)
    if said:
        tx.session.execute(insert(tables.objections), said)


def outcome_of(tx: Tx, proposal_id: UUID) -> tuple[UUID, str] | None:
    """The last counted vote on a locked proposal and what it said; a vote whose time has come is counted now.

    Raises VoteOpen while one runs.
    """
    table = tables.vote_proposals
    last = select(table.c.vote_id).where(table.c.proposal_id == proposal_id).order_by(table.c.vote_id.desc())
    vote_id = tx.session.execute(last.limit(1)).scalar_one_or_none()
    if vote_id is None:
        return None
    close_vote(tx, vote_id)
    here = (table.c.vote_id == vote_id) & (table.c.proposal_id == proposal_id)
    outcome = tx.session.execute(select(table.c.outcome).where(here)).scalar_one()
    if outcome is None:
        raise rules.VoteOpen
    return vote_id, outcome
