"""Payloads of writing, files, packages and learning."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.courses.domain.course import BLOOM
from services.courses.schemas.parts import (
    BIG,
    BODY,
    STATE,
    Paged,
    empty,
    links,
    maybe_version,
    one_half,
    title,
    version,
    words,
)
from shared.wire import Choice, Id, Schema, Text, WholeNumber


class Search(Schema):
    q = Text(required=True, max_length=200)
    limit = WholeNumber(1, 50, load_default=8)


class CourseList(Paged):
    status = Choice(("draft", "published"), load_default=None, allow_none=True)
    need_id = Id(load_default=None, allow_none=True)
    proposal_id = Id(load_default=None, allow_none=True)


class NewCourse(Schema):
    title = title(required=True)
    summary = words(2000, load_default=empty)
    need_id = Id(load_default=None, allow_none=True)


class CourseEdit(Schema):
    course_id = fields.Raw(required=True)
    version = version()
    title = title(required=True)
    summary = words(2000, required=True)


class CourseVersion(Schema):
    course_id = fields.Raw(required=True)
    version = version()


class NewModule(Schema):
    course_id = fields.Raw(required=True)
    title = title(required=True)
    version = maybe_version()


class NewUnit(Schema):
    module_id = fields.Raw(required=True)
    title = title(required=True)
    version = maybe_version()


class NewActivity(Schema):
    unit_id = fields.Raw(required=True)
    title = title(required=True)
    kind = Text(max_length=60, required=True)
    body = words(BODY, load_default=None, allow_none=True)
    version = maybe_version()


class ItemTitle(Schema):
    item_id = fields.Raw(required=True)
    version = version()
    title = title(required=True)


class ItemMove(Schema):
    item_id = fields.Raw(required=True)
    direction = Choice(("up", "down"), required=True)
    version = maybe_version()


class ItemVersion(Schema):
    item_id = fields.Raw(required=True)
    version = version()


class _ObjectiveFields(Schema):
    text = words(1000, required=True, validate=one_half)
    bloom = Choice(BLOOM, required=True)
    need_id = Id(load_default=None, allow_none=True)
    audience = words(500, load_default=None, allow_none=True)
    behaviour = words(500, load_default=None, allow_none=True)
    condition = words(500, load_default=None, allow_none=True)
    degree = words(500, load_default=None, allow_none=True)
    modules = links(load_default=None, allow_none=True)
    assessments = links(load_default=None, allow_none=True)


class NewObjective(_ObjectiveFields):
    course_id = fields.Raw(required=True)
    version = maybe_version()


class ObjectiveEdit(_ObjectiveFields):
    objective_id = fields.Raw(required=True)
    version = version()


class ObjectiveVersion(Schema):
    objective_id = fields.Raw(required=True)
    version = version()


class ActivityText(Schema):
    activity_id = fields.Raw(required=True)
    version = version()
    body = words(BODY, required=True)


class NewUpload(Schema):
    storage_key = fields.String(
        required=True, validate=validate.Regexp(r"\Auploads/[A-Za-z0-9_./-]{1,250}\Z", error="bad-key")
    )
    filename = Text(max_length=255, required=True)
    size = WholeNumber(0, BIG, required=True)
    sha256 = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z", error="bad-hash"))
    declared_type = Text(min_length=0, max_length=200, load_default="")


class ActivityFile(Schema):
    activity_id = fields.Raw(required=True)
    upload_id = fields.Raw(load_default=None, allow_none=True)
    alt = words(500, required=True)
    version = maybe_version()


class ActivityPackage(Schema):
    activity_id = fields.Raw(required=True)
    upload_id = fields.Raw(required=True)
    version = maybe_version()
    language = Choice(("fr", "en"), load_default=None, allow_none=True)


class CourseId(Schema):
    course_id = fields.Raw(required=True)


class ActivityId(Schema):
    activity_id = fields.Raw(required=True)


class CourseIds(Schema):
    course_ids = fields.List(
        Id(), required=True, validate=validate.Length(1, 200, error="out-of-range"),
    )  # fmt: skip


class OpenActivity(Schema):
    course_id = fields.Raw(required=True)
    activity_id = fields.Raw(required=True)
    preview = fields.Boolean(load_default=False)


class NewStatement(Schema):
    activity_id = fields.Raw(required=True)
    statement = fields.Raw(required=True)
    pseudonym = Text(max_length=100, required=True)


class NewState(Schema):
    activity_id = fields.Raw(required=True)
    data_type = Text(max_length=60, required=True)
    sub_content_id = fields.String(
        required=True, validate=validate.Regexp(r"\A[A-Za-z0-9_-]{1,64}\Z", error="bad-id")
    )
    state = fields.String(required=True, allow_none=True)
    sequence = WholeNumber(0, BIG, required=True)
    content_id = Id(load_default=None, allow_none=True)

    @ma.validates("state")
    def _small(self, value: str | None, **_: Any) -> None:
        if value is not None and len(value.encode("utf-8", "surrogatepass")) > STATE:
            raise ma.ValidationError("too-long")
        if value is not None and "\x00" in value:
            raise ma.ValidationError("bad-character")


class HandlerCall(Schema):
    activity_id = fields.Raw(required=True)
    handler = fields.String(
        required=True, validate=validate.Regexp(r"\A[A-Za-z][A-Za-z0-9_]{0,59}\Z", error="bad-id")
    )
    suffix = Text(min_length=0, max_length=200, load_default="")
    method = Choice(("GET", "POST"), load_default="POST")
    query = Text(min_length=0, max_length=2000, load_default="")
    body = fields.String(load_default="", validate=validate.Length(max=STATE, error="too-long"))
    content_type = Text(max_length=100, load_default="application/json")


class Token(Schema):
    token = fields.Raw(required=True)
