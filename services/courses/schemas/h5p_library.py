"""Payloads of H5P libraries and contents."""

from __future__ import annotations

from marshmallow import fields, validate

from services.courses.h5p import BITS, RULES
from services.courses.schemas.parts import maybe_version, version
from shared.wire import Choice, Schema, Text


class LibraryOf(Schema):
    library = Text(max_length=300, required=True)


class LibraryRestriction(LibraryOf):
    restricted = fields.Boolean(required=True)


class LibraryUpload(Schema):
    upload_id = fields.Raw(required=True)


class ContentOf(Schema):
    content_id = fields.Raw(required=True)


class ContentCopy(Schema):
    activity_id = fields.Raw(required=True)
    content_id = fields.Raw(required=True)
    version = maybe_version()
    language = Choice(("fr", "en"), load_default=None, allow_none=True)


class ActivityContent(Schema):
    activity_id = fields.Raw(required=True)
    language = Choice(("fr", "en"), load_default=None, allow_none=True)


class DisplayRules(Schema):
    frame = Choice(RULES)
    download = Choice(RULES)
    embed = Choice(RULES)
    copyright = Choice(RULES)
    about = Choice(RULES)


class H5pPolicy(Schema):
    trainers_may_install = fields.Boolean(required=True)
    display = fields.Nested(DisplayRules, load_default=None, allow_none=True)


class ActivityDisplay(Schema):
    activity_id = fields.Raw(required=True)
    version = version()
    hidden = fields.List(
        Choice(tuple(BITS)), required=True, allow_none=True, validate=validate.Length(max=len(BITS))
    )
