"""Writes on proposals: open, edit, endorse, withdraw, decide. The need is locked before its proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, delete, select, update

from services.surveys import store, tables
from services.surveys.commands import voting
from services.surveys.domain import proposal as rules
from services.surveys.domain.ballot import accord
from services.surveys.domain.proposal import Proposal
from shared.contracts.surveys import (
    DecisionTaken,
    ProposalApproved,
    ProposalDeclined,
    ProposalEndorsed,
    ProposalOpened,
)
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class OpenProposal:
    """`texts`: title, rationale, audience, format, effort_hours."""

    need_id: UUID
    texts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EditProposal:
    proposal_id: UUID
    version: int
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecideProposal:
    proposal_id: UUID
    version: int
    outcome: str
    reason: dict[str, str]


def open_proposal(tx: Tx, cmd: OpenProposal) -> Proposal:
    """Answer a need with a training idea. Raises ProposalAlreadyOpen, NeedAlreadyApproved."""
    need = store.need(tx, cmd.need_id, lock=True)
    account = store.require_coordinator(tx.actor)
    if live := store.live_proposal(tx, need.id):
        raise rules.ProposalAlreadyOpen() if live.status == rules.OPEN else rules.NeedAlreadyApproved()
    proposal = Proposal(id=new_id(), need_id=need.id, opened_by=account, opened_at=tx.now, **cmd.texts)
    tx.add(proposal)
    need.proposed()
    event = ProposalOpened(proposal.id, need.id, proposal.title)
    tx.publish(event, subject=proposal.id, version=proposal.version)
    return proposal


def edit_proposal(tx: Tx, cmd: EditProposal) -> Proposal:
    """Change an open proposal. Raises AlreadyDecided, VoteOpen, Stale."""
    proposal = store.proposal(tx, cmd.proposal_id, lock=True)
    store.require_coordinator(tx.actor)
    proposal.require_open()
    voting.require_no_open_vote(tx, proposal.id)
    proposal.require_version(cmd.version)
    proposal.edit(dict(cmd.changes))
    return proposal


def endorse_proposal(tx: Tx, proposal_id: UUID) -> None:
    """One endorsement per person; again changes nothing. Raises AlreadyDecided."""
    account = tx.actor.require_account()
    store.proposal(tx, proposal_id, lock=True).require_open()
    if insert_new(tx.session, tables.endorsements, {"proposal_id": proposal_id, "account_id": account}):
        _count(tx, proposal_id, 1)


def withdraw_endorsement(tx: Tx, proposal_id: UUID) -> None:
    """Take it back; without one nothing changes. Raises AlreadyDecided."""
    account, table = tx.actor.require_account(), tables.endorsements
    store.proposal(tx, proposal_id, lock=True).require_open()
    mine = and_(table.c.proposal_id == proposal_id, table.c.account_id == account)
    if tx.session.execute(delete(table).where(mine).returning(table.c.account_id)).first():
        _count(tx, proposal_id, -1)


def decide_proposal(tx: Tx, cmd: DecideProposal) -> Proposal:
    """Approve or decline, once, with the reason on record. Raises AlreadyDecided, VoteOpen, Stale.

    After a vote, the record says whether the decision follows it or departs from it. Approval is what the courses and
    community services wait for.
    """
    need = store.need_of_proposal(tx, cmd.proposal_id)
    account = store.require_coordinator(tx.actor)
    proposal = store.proposal(tx, cmd.proposal_id, lock=True)
    proposal.require_open()
    proposal.require_version(cmd.version)
    vote = voting.outcome_of(tx, proposal.id)
    store.add_decision(
        tx,
        proposal.decide(cmd.outcome, cmd.reason, account, tx.now),
        {"vote_id": vote[0], "accord": accord(cmd.outcome, vote[1])} if vote else {},
    )
    endorsers = _endorsers(tx, proposal.id)
    event = DecisionTaken(proposal.id, need.id, proposal.title, cmd.outcome, endorsers)
    tx.publish(event, subject=proposal.id, version=proposal.version)
    if cmd.outcome == rules.APPROVED:
        need.approved()
        approved = ProposalApproved(
            proposal.id, need.id, proposal.title, need.statement, proposal.format, account, endorsers
        )
        tx.publish(approved, subject=proposal.id, version=proposal.version)
    else:
        need.declined()
        declined = ProposalDeclined(proposal.id, need.id, proposal.title, endorsers)
        tx.publish(declined, subject=proposal.id, version=proposal.version)
    return proposal


def _endorsers(tx: Tx, proposal_id: UUID) -> list[UUID]:
    table = tables.endorsements
    return sorted(
        tx.session.execute(select(table.c.account_id).where(table.c.proposal_id == proposal_id)).scalars()
    )


def _count(tx: Tx, proposal_id: UUID, change: int) -> None:
    table: Table = tables.proposals
    added = update(table).where(table.c.id == proposal_id).values(endorsements=table.c.endorsements + change)
    after = tx.session.execute(added.returning(table.c.endorsements)).scalar_one()
    tx.publish(ProposalEndorsed(proposal_id, after), subject=proposal_id)
