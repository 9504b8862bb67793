"""Payloads of videos, links and blocks of other makers."""

from __future__ import annotations

import json
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.courses.schemas.parts import BODY, STATE, maybe_version, version, words
from shared.wire import Choice, Id, Schema, Text

SETTINGS = 10_000


class BlockType(Schema):
    block_type = Text(required=True, max_length=60)
    allowed = fields.Boolean(required=True)
    settings = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)

    @ma.validates("settings")
    def _small(self, value: dict[str, Any] | None, **_: Any) -> None:
        if value is not None and len(json.dumps(value)) > SETTINGS:
            raise ma.ValidationError("too-long")


class ActivityVideo(Schema):
    activity_id = fields.Raw(required=True)
    version = maybe_version()
    upload_id = fields.Raw(load_default=None, allow_none=True)
    address = Text(max_length=500, load_default=None, allow_none=True)
    captions = words(BODY, required=True)
    transcript = words(BODY, required=True)
    no_speech = fields.Boolean(load_default=False)


class ActivityLink(Schema):
    activity_id = fields.Raw(required=True)
    version = version()
    target_id = Id(required=True)


class BlockToken(Schema):
    token = Text(required=True, max_length=100)


class BlockHandler(Schema):
    token = Text(required=True, max_length=100)
    usage_id = Text(required=True, max_length=60)
    handler = fields.String(
        required=True, validate=validate.Regexp(r"\A[A-Za-z][A-Za-z0-9_]{0,59}\Z", error="bad-id")
    )
    suffix = Text(min_length=0, max_length=200, load_default="")
    method = Choice(("GET", "POST"), load_default="POST")
    query = Text(min_length=0, max_length=2000, load_default="")
    body = fields.String(load_default="", validate=validate.Length(max=STATE, error="too-long"))
    body_key = fields.String(
        load_default=None, allow_none=True,
        validate=validate.Regexp(r"\Axblocks/bodies/[0-9a-f-]{36}\Z", error="bad-key"),
    )  # fmt: skip
    content_type = Text(max_length=200, load_default="application/json")


class CaptionsOf(Schema):
    activity_id = fields.Raw(required=True)
    language = Choice(("fr", "en"), required=True)
