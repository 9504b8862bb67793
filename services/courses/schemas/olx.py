"""Payloads of courses in and out as OLX."""

from __future__ import annotations

from marshmallow import fields

from shared.wire import LANGUAGES, Choice, Schema


class CourseFile(Schema):
    upload_id = fields.Raw(required=True)
    language = Choice(LANGUAGES, load_default=None, allow_none=True)
