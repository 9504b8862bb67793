"""The fields that payloads share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from shared.wire import Bilingual, Id, Schema, Text, WholeNumber

TITLE = 200
BODY = 100_000
STATE = 256 * 1024
BIG = 2**53 - 1  # the largest whole number that a browser counts exactly


def one_half(value: Mapping[str, str]) -> None:
    if not any(value.values()):
        raise ma.ValidationError("missing")


def title(**kwargs: Any) -> Bilingual:
    """A bilingual title of which one half may still be missing."""
    return Bilingual(min_length=0, max_length=TITLE, validate=one_half, **kwargs)


def words(limit: int, **kwargs: Any) -> Bilingual:
    """A bilingual text that may be empty."""
    return Bilingual(min_length=0, max_length=limit, **kwargs)


def version() -> WholeNumber:
    """The version that the editor saw."""
    return WholeNumber(1, 2**31 - 1, required=True)


def maybe_version() -> WholeNumber:
    """The same where nothing is overwritten, so that it may be left out."""
    return WholeNumber(1, 2**31 - 1, load_default=None, allow_none=True)


def links(**kwargs: Any) -> ma.fields.List[Any]:
    """Ids of modules or activities."""
    return ma.fields.List(Id(), validate=ma.validate.Length(0, 300, error="out-of-range"), **kwargs)


def empty() -> dict[str, str]:
    """A bilingual text with nothing in it."""
    return {"fr": "", "en": ""}


class Paged(Schema):
    cursor = Text(max_length=500, load_default=None, allow_none=True)
    limit = WholeNumber(-(2**31), 2**31 - 1, load_default=None, allow_none=True)
