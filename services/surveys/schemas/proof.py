"""Payloads. Proof: votes, published decisions, follow-up waves, whether a need was met."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.surveys.domain import ballot, follow_up, proposal, vote
from services.surveys.domain.audience import BITS
from services.surveys.domain.instrument.items import MAX_ITEMS
from services.surveys.queries.decisions import KINDS
from services.surveys.schemas.core import Page
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Instant, Schema, Text, WholeNumber

REASON = 1000
_WRONG: dict[str, Any] = {"invalid": "wrong-type", "special": "out-of-range", "too_large": "out-of-range"}


def number(low: float, high: float, **more: Any) -> fields.Float:
    """A number within limits. Codes: wrong-type, out-of-range."""
    return fields.Float(
        validate=validate.Range(low, high, error="out-of-range"), error_messages=_WRONG, **more
    )


class OfVote(Schema):
    vote_id = Id(required=True)


class VotePage(Page):
    status = Choice((ballot.OPEN, ballot.CLOSED), load_default=None)


class OpenVote(Schema):
    method = Choice(vote.METHODS, required=True)
    proposal_ids = fields.List(
        Id(), required=True, validate=validate.Length(max=ballot.MAX_PROPOSALS, error="too-many-items")
    )
    quorum = number(0, 1, required=True)
    threshold = number(0, 5, load_default=0.0)
    roles = fields.List(
        Choice(tuple(BITS)),
        load_default=list,
        validate=validate.Length(max=len(BITS), error="too-many-items"),
    )
    closes_at = Instant(required=True)


class CastBallot(Schema):
    vote_id = Id(required=True)
    position = Choice(vote.POSITIONS, load_default=None, allow_none=True)
    reason = Text(min_length=0, max_length=REASON, load_default=None, allow_none=True)
    language = Choice(LANGUAGES, load_default="fr")
    score = WholeNumber(0, 5, load_default=None, allow_none=True)
    dots = fields.Dict(
        keys=fields.String(),
        values=WholeNumber(0, vote.DOTS_EACH),
        load_default=None,
        allow_none=True,
        error_messages={"invalid": "wrong-type"},
    )


class DecisionPage(Page):
    kind = Choice(KINDS, load_default=None)
    outcome = Choice(proposal.OUTCOMES, load_default=None)
    need_id = Id(load_default=None, allow_none=True)
    survey_id = Id(load_default=None, allow_none=True)


class OfWave(Schema):
    need_id = Id(required=True)
    wave = Choice(follow_up.WAVES, required=True)


class AnswerFollowUp(OfWave):
    importance = fields.Raw(load_default=None, allow_none=True)
    ability = fields.Raw(load_default=None, allow_none=True)
    then_ability = fields.Raw(load_default=None, allow_none=True)


class HastenFollowUp(Schema):
    need_id = Id(required=True)
    wave = Choice(follow_up.LATER, required=True)


class SetRule(Schema):
    need_id = Id(required=True)
    gap_left = number(0, 4, required=True)


class Supersede(Schema):
    need_id = Id(required=True)
    reason = Bilingual(max_length=4000, required=True)


class CarryOver(Schema):
    need_ids = fields.List(
        Id(), load_default=list, validate=validate.Length(max=MAX_ITEMS, error="too-many-items")
    )
