"""Payloads of SCORM activities."""

from __future__ import annotations

from marshmallow import fields

from services.courses.schemas.parts import BIG, maybe_version
from shared.wire import Schema, Text, WholeNumber

DATA = 256 * 1024


class ScormPackage(Schema):
    activity_id = fields.Raw(required=True)
    upload_id = fields.Raw(required=True)
    version = maybe_version()


class ScormData(Schema):
    """`data`: the JSON text of one item's data model. `package`: the folder that the browser plays."""

    activity_id = fields.Raw(required=True)
    item_id = Text(required=True, max_length=64)
    data = Text(required=True, min_length=2, max_length=DATA)
    sequence = WholeNumber(0, BIG, required=True)
    package = Text(load_default=None, allow_none=True, max_length=100)
