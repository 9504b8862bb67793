"""Payloads of panels. Halves of a draft's texts may be empty; starting asks for all of them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.surveys.domain import panel
from services.surveys.domain.audience import BITS
from services.surveys.methods.quantiles import CONVENTIONS
from services.surveys.schemas.core import PARAGRAPH, STATEMENT, TITLE, Page
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Instant, Schema, Text, WholeNumber

COMMENT = 600
_WRONG: dict[str, Any] = {"invalid": "wrong-type", "null": "missing", "special": "out-of-range"}


def _list(inner: Any, most: int, **more: Any) -> Any:
    return fields.List(
        inner, validate=validate.Length(max=most, error="too-many-items"), error_messages=_WRONG, **more
    )


def _share(high: float = 1) -> Any:
    return fields.Float(validate=validate.Range(0, high, error="out-of-range"), error_messages=_WRONG)


class OfPanel(Schema):
    panel_id = Id(required=True)


class VersionOfPanel(OfPanel):
    version = WholeNumber(1, 2**31, required=True)


class PanelPage(Page):
    kind = Choice(panel.KINDS, load_default=None, allow_none=True)
    standing = Choice(("draft", "running", "ended"), load_default=None, allow_none=True)


class Rule(Schema):
    band = fields.List(
        WholeNumber(1, 9), validate=validate.Length(equal=2, error="wrong-type"), error_messages=_WRONG
    )
    agreement = _share()
    iqr = _share(8)
    moved = _share()
    concordance = _share()
    gain = _share()
    rounds = WholeNumber(1, 10)
    convention = Choice(tuple(CONVENTIONS))


class PanelFields(Schema):
    title = Bilingual(min_length=0, max_length=TITLE)
    intro = Bilingual(min_length=0, max_length=PARAGRAPH)
    question = Bilingual(min_length=0, max_length=STATEMENT)
    audience_roles = _list(Choice(tuple(BITS)), len(BITS))
    member_ids = _list(Id(), panel.LARGEST_PANEL)
    first_round = Choice(panel.ROUND_KINDS)
    scale = fields.Integer(
        strict=True, validate=validate.OneOf((5, 9), error="not-a-choice"), error_messages=_WRONG
    )
    rule = fields.Nested(Rule)
    minutes = WholeNumber(1, 60)
    closes_at = Instant(allow_none=True)


class CreatePanel(PanelFields):
    kind = Choice(panel.KINDS, required=True)


class EditPanel(PanelFields):
    panel_id = Id(required=True)
    version = WholeNumber(1, 2**31, required=True)


class Source(Schema):
    kind = Choice(("bank", "board", "idea", "typed"), required=True)
    ref = Text(min_length=0, max_length=80, load_default="")


class PanelItem(Schema):
    id = Id(load_default=None, allow_none=True)
    statement = Bilingual(min_length=0, max_length=STATEMENT, required=True)
    sources = _list(fields.Nested(Source), 20, load_default=list)


class SetItems(VersionOfPanel):
    items = _list(fields.Nested(PanelItem), panel.MAX_ITEMS, required=True)


class Deadline(VersionOfPanel):
    closes_at = Instant(required=True)


class StopPanel(VersionOfPanel):
    note = Bilingual(max_length=PARAGRAPH, required=True)


class SaveIdeas(OfPanel):
    texts = _list(Text(min_length=1, max_length=STATEMENT), panel.MAX_IDEAS * 2, required=True)
    language = Choice(LANGUAGES, required=True)


class OwnRating(Schema):
    points = WholeNumber(1, 9, allow_none=True)
    comment = Text(min_length=0, max_length=COMMENT, allow_none=True)


class SaveRatings(OfPanel):
    ratings = fields.Dict(
        keys=Text(max_length=40), values=fields.Nested(OwnRating), required=True, error_messages=_WRONG
    )
    language = Choice(LANGUAGES, required=True)


class SaveBallot(OfPanel):
    items = _list(Id(), panel.TOP, required=True)


class TakeTurn(OfPanel):
    text = Text(min_length=0, max_length=STATEMENT, load_default="")
    idea_id = Id(load_default=None, allow_none=True)
    turn = WholeNumber(0, 2**31 - 1, load_default=None, allow_none=True)
    language = Choice(LANGUAGES, required=True)


class WordItem(OfPanel):
    item_id = Id(required=True)
    statement = Bilingual(min_length=0, max_length=STATEMENT, required=True)


class MergeItem(OfPanel):
    item_id = Id(required=True)
    into_id = Id(required=True)


class Advance(VersionOfPanel):
    phase = Choice((*panel.NOMINAL_PHASES, panel.ENDED), required=True)


class MoreTime(OfPanel):
    minutes = WholeNumber(1, 30, required=True)
