"""What became of what people said: every decision with its reason, its vote, and what followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_

from services.surveys import tables
from services.surveys.queries.keys import key_of
from services.surveys.queries.loops import loops_of
from services.surveys.queries.needs import need_rows
from services.surveys.queries.proposals import proposal_rows, proposal_view
from services.surveys.queries.votes import vote_rows, vote_views
from shared.db.tx import Tx, rows
from shared.paging import PageRequest, page_of

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """None: no filter."""

    outcome: str | None = None
    need_id: UUID | None = None
    survey_id: UUID | None = None


def list_decisions(tx: Tx, wanted: DecisionFilter, request: PageRequest) -> View:
    """A page of DecidedProposal, newest decision first; the number of statements does not grow with the rows."""
    decision, proposal, need = tables.decisions, tables.proposals, tables.needs
    chosen = proposal_rows(tx).where(decision.c.decided_at.is_not(None))
    if wanted.outcome:
        chosen = chosen.where(decision.c.outcome == wanted.outcome)
    if wanted.need_id:
        chosen = chosen.where(proposal.c.need_id == wanted.need_id)
    if wanted.survey_id:
        chosen = chosen.where(need.c.survey_id == wanted.survey_id)
    if key := key_of(request, datetime.fromisoformat, UUID):
        chosen = chosen.where(tuple_(decision.c.decided_at, proposal.c.id) < tuple_(*key))
    ordered = chosen.order_by(decision.c.decided_at.desc(), proposal.c.id.desc()).limit(request.limit + 1)
    found = rows(tx, ordered)
    views = _views(tx, found)
    return page_of(found, request, lambda row: (row["decided_at"], row["id"]), lambda row: views[row["id"]])


def _views(tx: Tx, found: Sequence[View]) -> dict[UUID, View]:
    needs = rows(tx, need_rows().where(tables.needs.c.id.in_({row["need_id"] for row in found})))
    loops = loops_of(tx, needs)
    held = {row["decided_vote_id"] for row in found if row["decided_vote_id"]}
    votes = {
        one["id"]: one for one in vote_views(tx, rows(tx, vote_rows(tx).where(tables.votes.c.id.in_(held))))
    }
    return {row["id"]: _view(tx, row, loops[row["need_id"]], votes) for row in found}


def _view(tx: Tx, row: View, loop: View, votes: dict[str, View]) -> View:
    proposal = proposal_view(tx, row)
    # An older proposal that was declined has no part in what came after it.
    newest = (loop["proposal"] or {}).get("id") == proposal["id"]
    names = ("course", "topic_id", "enrolments", "completions", "follow_up")
    return {
        "proposal": proposal,
        "need": {
            name: loop["need"][name] for name in ("id", "statement", "status", "survey_id", "survey_title")
        },
        "vote": votes.get(proposal["decision"]["vote_id"]),
        "after": {name: loop[name] for name in names} if newest else None,
    }
