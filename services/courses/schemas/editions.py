"""Payloads of editions, history, objectives' links and copies."""

from __future__ import annotations

from marshmallow import fields, validate

from services.courses.schemas.parts import Paged, links, maybe_version, version, words
from shared.wire import Choice, Id, Schema, WholeNumber


class Publication(Schema):
    course_id = fields.Raw(required=True)
    version = version()
    note = words(1000, load_default=None, allow_none=True)


class CourseRead(Schema):
    course_id = fields.Raw(required=True)
    published = fields.Boolean(load_default=False)


class FileRead(Schema):
    activity_id = fields.Raw(required=True)
    draft = fields.Boolean(load_default=False)


class History(Paged):
    course_id = fields.Raw(required=True)


class SnapshotRead(Schema):
    course_id = fields.Raw(required=True)
    snapshot_id = fields.Raw(required=True)


class SnapshotRestore(SnapshotRead):
    version = version()


class ItemRestore(SnapshotRead):
    item_id = fields.Raw(required=True)


class ItemPlace(Schema):
    item_id = fields.Raw(required=True)
    parent_id = fields.Raw(load_default=None, allow_none=True)
    position = WholeNumber(0, 10_000, required=True)


class ItemCopy(Schema):
    item_id = fields.Raw(required=True)
    version = maybe_version()


class _Alignment(Schema):
    objective_id = Id(required=True)
    modules = links(required=True)
    assessments = links(required=True)


class Alignments(Schema):
    course_id = fields.Raw(required=True)
    version = version()
    objectives = fields.List(
        fields.Nested(_Alignment), required=True, validate=validate.Length(1, 100, error="out-of-range")
    )


class CourseLanguage(Schema):
    course_id = fields.Raw(required=True)
    version = version()
    only_language = Choice(("fr", "en"), required=True, allow_none=True)


class NewAuthor(Schema):
    course_id = fields.Raw(required=True)
    account_id = Id(required=True)


class AuthorGone(Schema):
    course_id = fields.Raw(required=True)
    account_id = fields.Raw(required=True)
