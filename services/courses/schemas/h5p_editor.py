"""Payloads of the H5P editor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.courses.domain.h5p_editor import LIBRARY, MEDIA, ContentReplaced
from services.courses.domain.h5p_play import StructureChanged
from services.courses.schemas.parts import Paged, version
from shared.wire import Choice, Id, Schema, Text, WholeNumber

MAX_PARAMS = 900_000  # the largest body of a request is 1 MiB
MAX_DEPTH = 60
LICENCES = (
    "U", "CC BY", "CC BY-SA", "CC BY-ND", "CC BY-NC", "CC BY-NC-SA", "CC BY-NC-ND", "CC0 1.0", "CC PDM", "GNU GPL",
    "PD", "ODC PDDL", "C",
)  # fmt: skip
LICENCE_VERSIONS = ("4.0", "3.0", "2.5", "2.0", "1.0", "CC0 1.0", "CC PDM", "")
ROLES = ("Author", "Editor", "Licensee", "Originator")
ASKS = (ContentReplaced.code, StructureChanged.code)
DISPLAY = ("frame", "download", "embed", "copyright", "about")


def _library(**kwargs: Any) -> Text:
    return Text(max_length=300, validate=validate.Regexp(LIBRARY, error="wrong-type"), **kwargs)


class _Params(fields.Field[Any]):
    """Any JSON object of sane size that both databases can store."""

    default_error_messages = {"required": "missing", "null": "missing"}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, dict):
            raise ma.ValidationError("wrong-type")
        try:
            text = json.dumps(value, allow_nan=False)
        except (ValueError, RecursionError):
            raise ma.ValidationError("wrong-type") from None
        if len(text) > MAX_PARAMS or not _is_shallow(value):
            raise ma.ValidationError("too-long")
        if not all(_is_storable(one) for one in _texts(value)):
            raise ma.ValidationError("bad-character")
        return value


def _is_shallow(value: Any) -> bool:
    waiting = [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return False
        waiting += [(one, depth + 1) for one in _below(inner)]
    return True


def _below(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _texts(value: Any) -> Iterator[str]:
    """Every text and every name in it."""
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        yield from value
    for one in _below(value):
        yield from _texts(one)


def _is_storable(text: str) -> bool:
    """PostgreSQL takes no NUL, and no database a lone surrogate."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


class Author(Schema):
    name = Text(required=True, min_length=0, max_length=255)
    role = Choice(ROLES, load_default="Author")


class Metadata(Schema):
    """What h5p.json says of a content besides its libraries."""

    title = Text(min_length=0, max_length=255, load_default="")
    language = Choice(("fr", "en", "und"), load_default="und")
    license = Choice(LICENCES, load_default="U")
    licenseVersion = Choice(LICENCE_VERSIONS)  # noqa: N815 the names are H5P's
    licenseExtras = Text(min_length=0, max_length=5000)  # noqa: N815
    authors = fields.List(fields.Nested(Author), validate=validate.Length(max=20, error="too-long"))
    source = Text(min_length=0, max_length=500)
    yearFrom = WholeNumber(1, 9999, allow_none=True)  # noqa: N815
    yearTo = WholeNumber(1, 9999, allow_none=True)  # noqa: N815
    authorComments = Text(min_length=0, max_length=5000)  # noqa: N815
    a11yTitle = Text(min_length=0, max_length=255)  # noqa: N815
    display = fields.Dict(keys=Choice(DISPLAY), values=fields.Boolean())


class LibraryForm(Schema):
    library = _library(required=True)
    language = Choice(("fr", "en"), load_default=None, allow_none=True)
    texts = Choice(("fr", "en"), load_default=None, allow_none=True)


class NewDraft(Schema):
    activity_id = Id(required=True)
    library = _library(load_default=None, allow_none=True)
    content_id = Id(load_default=None, allow_none=True)
    replace = fields.Boolean(load_default=False)

    @ma.validates_schema
    def one_source(self, data: dict[str, Any], **_: Any) -> None:
        """A type or a content, not both."""
        if data["library"] and data["content_id"]:
            raise ma.ValidationError("not-a-choice", "content_id")


class DraftId(Schema):
    draft_id = Id(required=True)


class DraftFile(DraftId):
    path = Text(required=True, max_length=255)


class DraftEdit(DraftId):
    version = version()
    params = _Params(required=True)
    metadata = fields.Nested(Metadata, required=True)


class NewMedia(DraftId):
    upload_id = Id(required=True)
    kind = Choice(tuple(MEDIA), required=True)


class DraftUse(DraftId):
    version = version()
    confirm = fields.List(Choice(ASKS), load_default=list, validate=validate.Length(max=len(ASKS)))
    language = Choice(("fr", "en"), load_default=None, allow_none=True)


class Reusable(Paged):
    machine_name = Text(max_length=255, load_default=None, allow_none=True)
