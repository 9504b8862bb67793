"""marshmallow at the door of every service: unknown fields are refused, problems get stable codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from shared.errors import FieldProblem, Invalid

LANGUAGES = ("fr", "en")

_CODES = {
    "required": "missing",
    "null": "missing",
    "type": "wrong-type",
    "unknown": "unknown-field",
}


class Schema(ma.Schema):
    """Base schema: unknown fields raise, so that nobody can assign what a form does not offer."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "unknown-field", "type": "wrong-type"}


def _code(default: str) -> dict[str, Any]:
    return {"required": "missing", "null": "missing", "invalid": default, "invalid_uuid": default}


class Text(fields.String):
    """Trimmed text of `min`..`max` characters; NUL refused. Codes: missing, wrong-type, too-short, too-long."""

    def __init__(self, *, min_length: int = 1, max_length: int = 500, **kwargs: Any) -> None:
        super().__init__(error_messages=_code("wrong-type"), **kwargs)
        self._range = (min_length, max_length)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = (super()._deserialize(value, attr, data, **kwargs) or "").strip()
        low, high = self._range
        if "\x00" in text or not _encodable(text):
            raise ma.ValidationError("bad-character")
        if len(text) < low:
            raise ma.ValidationError("missing" if not text else "too-short")
        if len(text) > high:
            raise ma.ValidationError("too-long")
        return text


def _encodable(text: str) -> bool:
    """False for a lone surrogate, which JSON can carry and no database can store."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Id(fields.UUID):
    """A UUID. Code: bad-id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=_code("bad-id"), **kwargs)


class Choice(fields.String):
    """One of `choices`. Code: not-a-choice."""

    def __init__(self, choices: tuple[str, ...] | frozenset[str], **kwargs: Any) -> None:
        check = validate.OneOf(tuple(choices), error="not-a-choice")
        super().__init__(validate=check, error_messages=_code("wrong-type"), **kwargs)


class WholeNumber(fields.Integer):
    """An integer in [low, high]. Codes: wrong-type, out-of-range."""

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        check = validate.Range(low, high, error="out-of-range")
        messages = _code("wrong-type") | {"too_large": "out-of-range"}
        super().__init__(strict=True, validate=check, error_messages=messages, **kwargs)


class Instant(fields.AwareDateTime):
    """An ISO 8601 instant with an offset. Code: bad-instant."""

    def __init__(self, **kwargs: Any) -> None:
        messages = _code("bad-instant") | {"invalid_awareness": "bad-instant", "format": "bad-instant"}
        super().__init__(format="iso", error_messages=messages, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        instant: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            instant.astimezone(UTC)
        except OverflowError:  # the first or last day that there is, in a far zone
            raise ma.ValidationError("bad-instant") from None
        return instant


class Bilingual(fields.Nested):
    """`{"fr": text, "en": text}`, both required unless `partial`; each trimmed to `max_length`."""

    def __init__(self, *, max_length: int = 500, min_length: int = 1, **kwargs: Any) -> None:
        shape: dict[str, fields.Field[Any]] = {
            code: Text(required=True, min_length=min_length, max_length=max_length) for code in LANGUAGES
        }
        super().__init__(Schema.from_dict(shape, name=f"Bilingual{min_length}to{max_length}"), **kwargs)


def load(schema: ma.Schema, payload: Mapping[str, Any]) -> Any:
    """The valid data. Raises Invalid whose `fields` give the path and code of every problem."""
    try:
        return schema.load(payload)
    except ma.ValidationError as error:
        raise Invalid(fields=list(_problems(error.messages, ""))) from None


def _problems(messages: Any, path: str) -> Any:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            step = path if name == "_schema" else (f"{path}.{name}" if path else str(name))
            yield from _problems(inner, step)
    else:
        for message in messages:
            code = _CODES.get(message, message)
            yield FieldProblem(path, code if _is_code(code) else "invalid")


def _is_code(text: str) -> bool:
    return text.replace("-", "").isalnum() and text == text.lower()
