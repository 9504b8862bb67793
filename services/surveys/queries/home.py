"""What waits for the signed-in person in this service, for the page Today. Each list holds at most five."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from services.surveys import audience, policy, store, tables
from services.surveys.domain.links import USED
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
    """One statement whatever the number of surveys; the numbers are those of `store.count_responses` and `count_invited`."""
    survey, done, member, link = tables.surveys, tables.participations, tables.members, tables.survey_links
    answered = select(func.count()).where(done.c.survey_id == survey.c.id).correlate(survey)
    used = select(func.count()).where(link.c.survey_id == survey.c.id, link.c.state == USED).correlate(survey)
    fit = audience.roles_fit(member.c.roles) & audience.filters_fit()
    members = select(func.count()).select_from(member).where(member.c.active, fit).correlate(survey)
    links = store.asked_links().correlate(survey)
    chosen = (
        select(
            survey.c.id,
            survey.c.title,
            survey.c.closes_at,
            (answered.scalar_subquery() + used.scalar_subquery()).label("responses"),
            (members.scalar_subquery() + links.scalar_subquery()).label("invited"),
        )
        .where(is_open(tx.now), survey.c.closes_at <= tx.now + SOON)
        .order_by(survey.c.closes_at, survey.c.id)
        .limit(SHOWN)
    )
    return [row | {"id": str(row["id"]), "closes_at": instant(row["closes_at"])} for row in rows(tx, chosen)]
