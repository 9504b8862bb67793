"""Payloads of the reports."""

from __future__ import annotations

from marshmallow import fields

from services.courses.schemas.parts import Paged
from shared.wire import Choice, Id, Schema, WholeNumber

STATES = ("begun", "not-begun", "finished", "stuck", "left")
GROUPS = ("province", "sector", "language", "cohort", "course")


class Roster(Paged):
    course_id = fields.Raw(required=True)
    cohort_id = Id(load_default=None, allow_none=True)
    state = Choice(STATES, load_default=None, allow_none=True)
    days = WholeNumber(1, 90, load_default=7)


class CourseReport(Schema):
    course_id = fields.Raw(required=True)
    cohort_id = Id(load_default=None, allow_none=True)


class ActivityReport(Schema):
    activity_id = fields.Raw(required=True)
    cohort_id = Id(load_default=None, allow_none=True)


class LearnerReport(Schema):
    course_id = fields.Raw(required=True)
    account_id = Id(required=True)


class CompletionReport(Schema):
    by = Choice(GROUPS, required=True)
    course_id = Id(load_default=None, allow_none=True)
