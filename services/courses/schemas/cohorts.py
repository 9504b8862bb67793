"""Payloads of cohorts, rules of the way, and what learners do with them."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import available_timezones

import marshmallow as ma
from marshmallow import fields, validate

from services.courses.domain.course import PACES
from services.courses.domain.rules import DWELL, LONGEST_DWELL, RULES, SCORE, SHORTEST_DWELL
from services.courses.schemas.parts import Paged, title, version
from shared.wire import Choice, Id, Schema, WholeNumber


def _day(**kwargs: Any) -> fields.Date:
    messages: dict[str, Any] = {
        "required": "missing",
        "null": "missing",
        "invalid": "bad-date",
        "format": "bad-date",
    }
    check = validate.Range(date(2000, 1, 1), date(2100, 12, 31), error="out-of-range")
    return fields.Date(format="iso", error_messages=messages, validate=check, **kwargs)


def _known_zone(value: str) -> None:
    if value not in available_timezones():
        raise ma.ValidationError("unknown-zone")


def _ids(**kwargs: Any) -> fields.List[Any]:
    return fields.List(Id(), validate=validate.Length(0, 20, error="out-of-range"), **kwargs)


class ActivityRule(Schema):
    activity_id = fields.Raw(required=True)
    version = version()
    completion = Choice(RULES, required=True)
    min_score = fields.Float(
        load_default=None, allow_none=True, error_messages={"invalid": "wrong-type", "special": "wrong-type"},
        validate=validate.Range(0, 1, error="out-of-range"),
    )  # fmt: skip
    seconds = WholeNumber(SHORTEST_DWELL, LONGEST_DWELL, load_default=None, allow_none=True)

    @ma.validates_schema
    def _figures(self, data: dict[str, Any], **_: Any) -> None:
        for rule, name in ((SCORE, "min_score"), (DWELL, "seconds")):
            if data["completion"] == rule and data[name] is None:
                raise ma.ValidationError("missing", name)


class CohortChoices(Schema):
    """`ids`: these only; none given: those to choose from."""

    ids = fields.List(Id(), load_default=None, validate=validate.Length(max=200, error="too-many-items"))


class Gate(Schema):
    item_id = fields.Raw(required=True)
    version = version()
    after = _ids(required=True)
    release_days = WholeNumber(0, 3650, load_default=None, allow_none=True)


class EnrolmentRules(Schema):
    course_id = fields.Raw(required=True)
    version = version()
    pace = Choice(PACES, required=True)
    after = _ids(required=True)


class _CohortFields(Schema):
    name = title(required=True)
    starts_on = _day(required=True)
    ends_on = _day(required=True)
    time_zone = fields.String(required=True, validate=_known_zone)
    seats = WholeNumber(1, 100_000, load_default=None, allow_none=True)
    enrol_by = _day(load_default=None, allow_none=True)
    releases = fields.Dict(keys=Id(), values=_day(), load_default=dict)

    @ma.post_load
    def _plain(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["releases"] = {str(key): day for key, day in data["releases"].items()}
        return data


class NewCohort(_CohortFields):
    course_id = fields.Raw(required=True)


class CohortEdit(_CohortFields):
    cohort_id = fields.Raw(required=True)
    version = version()


class CohortVersion(Schema):
    cohort_id = fields.Raw(required=True)
    version = version()


class CohortId(Schema):
    cohort_id = fields.Raw(required=True)


class Enrol(Schema):
    course_id = fields.Raw(required=True)
    cohort_id = fields.Raw(load_default=None, allow_none=True)


class Interest(Schema):
    course_id = fields.Raw(required=True)
    wanted = fields.Boolean(required=True)


class Beat(Schema):
    activity_id = fields.Raw(required=True)
    seconds = WholeNumber(0, 3600, required=True)


class Nudge(Schema):
    course_id = fields.Raw(required=True)
    account_ids = fields.List(Id(), required=True, validate=validate.Length(1, 50, error="out-of-range"))


class MyLearning(Paged):
    """The page is that of finished courses."""


class OfCourse(Schema):
    course_id = fields.Raw(required=True)


class CohortList(Paged):
    course_id = fields.Raw(required=True)
