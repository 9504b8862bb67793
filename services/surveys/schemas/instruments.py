"""Payloads. Instruments: elements, versions, item bank, templates, import and export."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.surveys.domain.instrument.elements import MAX_CODE, MAX_OPTIONS
from services.surveys.schemas.core import PARAGRAPH, TITLE, OfSurvey, VersionOfSurvey
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Instant, Schema, Text, WholeNumber

MAX_FILE = 7_000_000
NOTE = 1000
NUMBER = 100_000


def _answers(**more: Any) -> fields.Dict:
    return fields.Dict(error_messages={"invalid": "wrong-type", "null": "missing"}, **more)


class BankSearch(Schema):
    q = Text(max_length=200, min_length=0, load_default=None, allow_none=True)
    topic = Text(max_length=40, load_default=None, allow_none=True)


class Sets(Schema):
    options = fields.List(
        Text(max_length=MAX_CODE),
        required=True,
        validate=validate.Length(max=MAX_OPTIONS, error="too-many-items"),
    )
    size = WholeNumber(3, 6, load_default=None, allow_none=True)
    appearances = WholeNumber(1, 10, load_default=None, allow_none=True)


class ReviseSurvey(VersionOfSurvey):
    elements = fields.Raw(required=True)
    mapping = fields.Dict(
        keys=fields.String(),
        values=Text(max_length=MAX_CODE, allow_none=True),
        load_default=dict,
        error_messages={"invalid": "wrong-type", "null": "missing"},
    )
    note = Bilingual(max_length=NOTE, required=True)
    title = Bilingual(max_length=TITLE)
    intro = Bilingual(max_length=PARAGRAPH)


class InstrumentVersion(OfSurvey):
    number = WholeNumber(1, NUMBER, required=True)


class ExportInstrument(OfSurvey):
    number = WholeNumber(1, NUMBER, load_default=None, allow_none=True)


class ImportInstrument(Schema):
    document = fields.Raw(load_default=None, allow_none=True)
    file = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=MAX_FILE, error="too-large"),
        error_messages={"invalid": "wrong-type", "invalid_utf8": "wrong-type"},
    )  # fmt: skip
    template_id = Text(max_length=60, load_default=None, allow_none=True)
    closes_at = Instant(allow_none=True)


class PreviewInstrument(Schema):
    survey_id = Id(load_default=None, allow_none=True)
    elements = fields.Raw(load_default=None, allow_none=True)
    answers = _answers(load_default=dict)
    language = Choice(LANGUAGES, required=True)
    instrument_version = WholeNumber(1, NUMBER, load_default=None, allow_none=True)
