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


def list_decisions(**wanted: str | int | None) -> Answer:
    """A page of decisions and answers to the board."""
    names = ("kind", "outcome", "need_id", "survey_id", "cursor", "limit")
    return _ask("list_decisions", **{name: wanted.get(name) for name in names})


def list_follow_ups() -> Answer:
    """My open questions."""
    return _ask("list_follow_ups")


def get_follow_up(need_id: str, wave: str) -> Answer:
    """One of my questions."""
    return _ask("get_follow_up", need_id=need_id, wave=wave)


def answer_follow_up(need_id: str, wave: str, body: Body) -> Answer:
    """My answer kept."""
    return _ask("answer_follow_up", **body, need_id=need_id, wave=wave)


def decline_follow_up(need_id: str, wave: str) -> Answer:
    """Left out."""
    return _ask("decline_follow_up", need_id=need_id, wave=wave)


def verify_follow_up(need_id: str) -> Answer:
    """Figures rebuilt."""
    return _ask("verify_follow_up", need_id=need_id)


def hasten_follow_up(need_id: str, body: Body) -> Answer:
    """A later wave due now, in the demo."""
    return _ask("hasten_follow_up", **body, need_id=need_id)


def set_verdict_rule(need_id: str, body: Body) -> Answer:
    """The rule, with its loop."""
    return _ask("set_verdict_rule", **body, need_id=need_id)


def supersede_need(need_id: str, body: Body) -> Answer:
    """A need set aside."""
    return _ask("supersede_need", **body, need_id=need_id)


def carry_needs_over(body: Body) -> Answer:
    """A draft survey."""
    return _made("carry_needs_over", "surveys", body)
