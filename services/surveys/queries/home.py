"""What waits for the signed-in person in this service, for the page Today. Each list holds at most five."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from services.surveys import audience, policy, store, tables
from services.surveys.domain.survey import Survey
from services.surveys.queries import panels
from services.surveys.queries.follow_up import mine
from services.surveys.queries.needs import need_rows, need_view
from services.surveys.queries.proposals import proposal_rows, proposal_view
from services.surveys.queries.surveys import instant, is_open, summaries, summary
from services.surveys.queries.votes import waiting_for
from shared.db.tx import Tx, rows

View = dict[str, Any]
SHOWN = 5
SOON = timedelta(days=7)
TOP = 5


def home(tx: Tx) -> View:
    """See README, `home`."""
    tx.actor.require_account()
    return {
        "surveys": _to_answer(tx),
        "panels": panels.to_answer(tx, SHOWN),
        "proposals": _to_endorse(tx),
        "votes": waiting_for(tx, SHOWN),
        "follow_ups": mine(tx, SHOWN),
        "coordinator": _for_coordinator(tx) if policy.can_coordinate(tx.actor) else None,
    }


def _to_answer(tx: Tx) -> list[View]:
    survey = tables.surveys
    mine_to_do = (is_open(tx.now), audience.asked(tx.actor), tables.participations.c.account_id.is_(None))
    chosen = summaries(tx).where(*mine_to_do).order_by(survey.c.closes_at, survey.c.id).limit(SHOWN)
    return [summary(row, tx.now) for row in tx.session.execute(chosen).mappings()]


def _to_endorse(tx: Tx) -> list[View]:
    table = tables.proposals
    waiting = proposal_rows(tx).where(table.c.status == "open", tables.endorsements.c.account_id.is_(None))
    return [proposal_view(tx, row) for row in rows(tx, waiting.order_by(table.c.id.desc()).limit(SHOWN))]


def _for_coordinator(tx: Tx) -> View:
    need, proposal = tables.needs, tables.proposals
    # "Top five" is a rank, not a count of rows: ties share it.
    uncovered = need_rows(tx.actor).where(
        need.c.status == "ranked", need.c.verdict.is_(None), need.c.rank <= TOP
    )
    recent = uncovered.order_by(need.c.ranked_at.desc(), need.c.place).limit(SHOWN)
    # What is being voted on waits for its voters, not for the coordinator.
    free = tables.votes.c.id.is_(None) | tables.votes.c.closed_at.is_not(None)
    decisions = proposal_rows(tx).where(proposal.c.status == "open", free)
    most = decisions.order_by(proposal.c.endorsements.desc(), proposal.c.id).limit(SHOWN)
    return {
        "closing": _closing(tx),
        "uncovered": [need_view(row) for row in rows(tx, recent)],
        "decisions": [proposal_view(tx, row) for row in rows(tx, most)],
    }


def _closing(tx: Tx) -> list[View]:
    survey = tables.surveys
    soon = is_open(tx.now) & (survey.c.closes_at <= tx.now + SOON)
    found = tx.session.execute(
        select(Survey).where(soon).order_by(survey.c.closes_at, survey.c.id).limit(SHOWN)
    )
    return [
        {
            "id": str(one.id),
            "title": one.title,
            "closes_at": instant(one.closes_at),
            "responses": store.count_responses(tx, one.id),
            "invited": store.count_invited(tx, one),
        }
        for one in found.scalars()
    ]
