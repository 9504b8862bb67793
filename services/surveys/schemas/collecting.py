"""Payloads. Collecting: audience, confidential mode, reminders, single-use links, coverage."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.surveys.domain.audience import BITS, PROVINCES, SECTORS
from services.surveys.domain.links import MOST
from shared.wire import LANGUAGES, Choice, Id, Schema, Text, WholeNumber

MANY = 100


def _several(one: fields.Field[Any], most: int) -> fields.List[Any]:
    return fields.List(one, validate=validate.Length(max=most, error="too-many-items"))


class AudienceFields(Schema):
    """Kind -> values; a kind that is missing or empty limits nothing."""

    role = _several(Choice(tuple(BITS)), len(BITS))
    province = _several(Choice(PROVINCES), len(PROVINCES))
    sector = _several(Choice(SECTORS), len(SECTORS))
    language = _several(Choice(LANGUAGES), len(LANGUAGES))
    cohort = _several(Id(), MANY)
    agency = _several(Id(), MANY)


class CountAudience(Schema):
    audience = fields.Nested(AudienceFields, load_default=dict)


class Survey(Schema):
    survey_id = Id(required=True)


class StillAsked(Schema):
    survey_id = Id(required=True)
    account_id = Id(required=True)


class MakeLinks(Schema):
    survey_id = Id(required=True)
    count = WholeNumber(1, MOST, required=True)
    label = Text(load_default="", min_length=0, max_length=120)


class LinkBatch(Schema):
    survey_id = Id(required=True)
    batch_id = Id(required=True)


class OpenLink(Schema):
    secret = Text(required=True, max_length=200)
    instrument_version = WholeNumber(1, 2**31, load_default=None, allow_none=True)


class AnswerByLink(OpenLink):
    answers = fields.Dict(load_default=dict, error_messages={"invalid": "wrong-type", "null": "missing"})
    language = Choice(LANGUAGES, required=True)
