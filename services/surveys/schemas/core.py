"""Payloads of the surveys service. Halves of a draft's texts may be empty; launching asks for all of them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from services.surveys.domain import need, proposal, survey
from services.surveys.domain.audience import BITS
from services.surveys.domain.instrument.items import MAX_ITEMS
from services.surveys.schemas.collecting import AudienceFields
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Instant, Schema, Text, WholeNumber

TITLE, PARAGRAPH, STATEMENT = 200, 4000, 600


def _code(value: str) -> None:
    parts = value.replace("-", ".").split(".")
    if not all(part.isascii() and part.isalnum() and part == part.lower() for part in parts):
        raise ValidationError("bad-format")


class Page(Schema):
    cursor = Text(max_length=500, load_default=None, allow_none=True)
    limit = WholeNumber(1, 200, load_default=None, allow_none=True)


class Nothing(Schema):
    pass


class OfTemplate(Schema):
    template_id = Text(required=True, max_length=60)


class OfSurvey(Schema):
    survey_id = Id(required=True)


class SurveyPage(Page):
    status = Choice((survey.DRAFT, survey.SCHEDULED, survey.OPEN, survey.CLOSED), load_default=None)


class SurveyRows(Page):
    survey_id = Id(required=True)


class ItemInput(Schema):
    id = Id(load_default=None, allow_none=True)
    code = Text(max_length=80, load_default=None, allow_none=True, validate=_code)
    statement = Bilingual(min_length=0, max_length=STATEMENT, required=True)


class SurveyFields(Schema):
    title = Bilingual(min_length=0, max_length=TITLE)
    intro = Bilingual(min_length=0, max_length=PARAGRAPH)
    items = fields.List(
        fields.Nested(ItemInput), validate=validate.Length(max=MAX_ITEMS, error="too-many-items")
    )
    elements = fields.Raw()  # whatever it is, `instrument.definition_problems` says what is wrong with it
    anonymity = Choice(survey.ANONYMITIES)
    cut_rule = Choice(survey.CUT_RULES, allow_none=True)
    groups = fields.List(
        Choice(survey.GROUPS), validate=validate.Length(max=len(survey.GROUPS), error="too-many-items")
    )
    opens_at = Instant(allow_none=True)
    closes_at = Instant(allow_none=True)
    audience_roles = fields.List(
        Choice(tuple(BITS)), validate=validate.Length(max=len(BITS), error="too-many-items")
    )
    audience = fields.Nested(AudienceFields)


class CreateSurvey(SurveyFields):
    template_id = Text(required=True, max_length=60)


class EditSurvey(SurveyFields):
    survey_id = Id(required=True)
    version = WholeNumber(1, 2**31, required=True)
    # The link is made by repeating a survey; a draft may only drop it.
    follows_survey_id = fields.Raw(allow_none=True, validate=validate.Equal(None, error="only-null"))


class VersionOfSurvey(Schema):
    survey_id = Id(required=True)
    version = WholeNumber(1, 2**31, required=True)


class ExtendSurvey(VersionOfSurvey):
    closes_at = Instant(required=True)


class SaveDraft(Schema):
    survey_id = Id(required=True)
    answers = fields.Dict(required=True, error_messages={"invalid": "wrong-type", "required": "missing"})
    language = Choice(LANGUAGES, required=True)
    instrument_version = WholeNumber(1, 2**31, load_default=None, allow_none=True)


class SubmitResponse(Schema):
    survey_id = Id(required=True)
    answers = fields.Dict(load_default=dict, error_messages={"invalid": "wrong-type", "null": "missing"})
    language = Choice(LANGUAGES, required=True)
    instrument_version = WholeNumber(1, 2**31, load_default=None, allow_none=True)


class OfNeed(Schema):
    need_id = Id(required=True)


class Search(Schema):
    q = Text(required=True, max_length=200)
    limit = WholeNumber(1, 50, load_default=8)


class OfNeeds(Schema):
    ids = fields.List(Id(), required=True, validate=validate.Length(max=200, error="too-many-items"))


class NeedPage(Page):
    survey_id = Id(load_default=None, allow_none=True)
    panel_id = Id(load_default=None, allow_none=True)
    source_type = Choice(need.SOURCES, load_default=None)
    status = Choice(need.STANDINGS, load_default=None)


class OfCourse(Schema):
    course_id = Id(required=True)


class OfProposal(Schema):
    proposal_id = Id(required=True)


class ProposalPage(Page):
    need_id = Id(load_default=None, allow_none=True)
    status = Choice(proposal.STATUSES, load_default=None)


def _proposal_fields(required: bool) -> dict[str, Any]:
    hours = validate.Range(0.25, 500, error="out-of-range")
    wrong: dict[str, Any] = {"invalid": "wrong-type", "special": "out-of-range", "too_large": "out-of-range"}
    return {
        "title": Bilingual(max_length=TITLE, required=required),
        "rationale": Bilingual(max_length=PARAGRAPH, required=required),
        "audience": Bilingual(max_length=TITLE, required=required),
        "format": Choice(proposal.FORMATS, required=required),
        "effort_hours": fields.Float(required=required, validate=hours, error_messages=wrong),
    }


class OpenProposal(Schema.from_dict(_proposal_fields(True), name="ProposalWhole")):  # type: ignore[misc]
    need_id = Id(required=True)


class EditProposal(Schema.from_dict(_proposal_fields(False), name="ProposalPart")):  # type: ignore[misc]
    proposal_id = Id(required=True)
    version = WholeNumber(1, 2**31, required=True)


class DecideProposal(Schema):
    proposal_id = Id(required=True)
    version = WholeNumber(1, 2**31, required=True)
    outcome = Choice(proposal.OUTCOMES, required=True)
    reason = Bilingual(max_length=PARAGRAPH, required=True)
