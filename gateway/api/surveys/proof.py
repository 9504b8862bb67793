"""REST. Proof: votes, published decisions, follow-up waves, whether a need was met."""

from __future__ import annotations

from gateway.api.surveys.core import Body, _ask, _made
from gateway.context import Answer


def list_votes(status: str | None = None, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of votes."""
    return _ask("list_votes", status=status, cursor=cursor, limit=limit)


def open_vote(body: Body) -> Answer:
    """A new vote."""
    return _made("open_vote", "votes", body)


def get_vote(vote_id: str) -> Answer:
    """One vote."""
    return _ask("get_vote", vote_id=vote_id)


def cancel_vote(vote_id: str) -> Answer:
    """A vote taken back."""
    return _ask("cancel_vote", vote_id=vote_id)


def cast_ballot(vote_id: str, body: Body) -> Answer:
    """My ballot given."""
    return _ask("cast_ballot", **body, vote_id=vote_id)


def withdraw_ballot(vote_id: str) -> Answer:
    """My ballot taken back."""
    return _ask("withdraw_ballot", vote_id=vote_id)


def list_decisions(
    outcome: str | None = None,
    need_id: str | None = None,
    survey_id: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Answer:
    """A page of decisions."""
    return _ask(
        "list_decisions", outcome=outcome, need_id=need_id, survey_id=survey_id, cursor=cursor, limit=limit
    )
