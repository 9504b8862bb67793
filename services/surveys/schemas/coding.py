"""Payloads. Open answers coded by two coders, exports, verified reports."""

from __future__ import annotations

from marshmallow import fields, validate

from services.surveys.domain.coding import MAX_CODES
from services.surveys.schemas.core import OfSurvey, Page
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Schema, Text, WholeNumber

LABEL, DEFINITION, REASON = 120, 1000, 1000
FORMATS = ("csv", "xlsx", "sav", "json", "codebook", "figures-csv", "figures-json")
ANSWERS = ("csv", "xlsx", "sav", "json")


class OpenQuestion(Page):
    survey_id = Id(required=True)
    question = Text(required=True, max_length=80)


class StartCoding(OfSurvey):
    question = Text(required=True, max_length=80)
    first_coder = Id(required=True)
    second_coder = Id(required=True)


class Codings(Page):
    survey_id = Id(load_default=None, allow_none=True)


class OfCoding(Schema):
    coding_id = Id(required=True)


class RowsOfCoding(Page):
    coding_id = Id(required=True)


class AnswersToCode(RowsOfCoding):
    number = WholeNumber(1, 2**31 - 1, load_default=None, allow_none=True)


class AssignCoders(OfCoding):
    version = WholeNumber(0, 2**31 - 1, required=True)
    first_coder = Id(required=True)
    second_coder = Id(required=True)


class NewCode(OfCoding):
    label = Bilingual(max_length=LABEL, required=True)
    definition = Bilingual(min_length=0, max_length=DEFINITION, required=True)


class EditCode(NewCode):
    code_id = Id(required=True)


class OfCode(OfCoding):
    code_id = Id(required=True)


class MergeCode(OfCode):
    into = Id(required=True)


class MarkAnswer(OfCoding):
    answer_id = Id(required=True)
    codes = fields.List(
        Id(), load_default=list, validate=validate.Length(max=MAX_CODES, error="too-many-items")
    )
    nothing = fields.Boolean(load_default=False)


class DecideAnswer(MarkAnswer):
    reason = Text(required=True, max_length=REASON)


class FinishCoding(OfCoding):
    finished = fields.Boolean(load_default=True)


class Export(OfSurvey):
    format = Choice(FORMATS, required=True)
    language = Choice(LANGUAGES, load_default=None, allow_none=True)
    texts = fields.Boolean(load_default=False)


class NamedExport(OfSurvey):
    format = Choice(ANSWERS, required=True)
    language = Choice(LANGUAGES, load_default=None, allow_none=True)
    texts = fields.Boolean(load_default=False)
    reason = Text(required=True, min_length=5, max_length=REASON)
