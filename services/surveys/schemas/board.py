"""Payloads of the board."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.surveys.domain import board
from services.surveys.queries.board import SORTS, STANDING
from services.surveys.schemas.core import PARAGRAPH, Page
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Schema, Text, WholeNumber

SENTENCE = 400
_FLAG: dict[str, Any] = {"invalid": "wrong-type", "null": "missing"}


class BoardPage(Page):
    q = Text(min_length=0, max_length=100, load_default="")
    standing = Choice(STANDING, load_default="open")
    topic = Choice(board.TOPICS, load_default=None, allow_none=True)
    mine = fields.Boolean(load_default=False, error_messages=_FLAG)
    sort = Choice(SORTS, load_default=SORTS[0])


class OfEntry(Schema):
    entry_id = Id(required=True)


class Similar(Schema):
    text = Text(min_length=0, max_length=SENTENCE, required=True)


class Express(Schema):
    text = Text(min_length=10, max_length=SENTENCE, required=True)
    language = Choice(LANGUAGES, required=True)
    other = Text(min_length=0, max_length=SENTENCE, load_default="")
    topic = Choice(board.TOPICS, load_default=None, allow_none=True)
    signed = fields.Boolean(load_default=False, error_messages=_FLAG)


class VersionOfEntry(OfEntry):
    version = WholeNumber(1, 2**31, required=True)


class EditEntry(VersionOfEntry):
    statement = Bilingual(min_length=0, max_length=SENTENCE)
    topic = Choice(board.TOPICS, allow_none=True)


class MergeEntry(OfEntry):
    into_id = Id(required=True)


class Link(Schema):
    kind = Choice(board.LINKS, required=True)
    id = Id(required=True)


class CloseEntry(VersionOfEntry):
    outcome = Choice(board.CHOSEN_OUTCOMES, required=True)
    reason = Bilingual(max_length=PARAGRAPH, required=True)
    link = fields.Nested(Link, load_default=None, allow_none=True)


class LinkEntry(VersionOfEntry):
    link = fields.Nested(Link, required=True, allow_none=True)
