"""Events are frozen dataclasses whose fields are ids, codes, counts and times: never personal text."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self, Union, get_args, get_origin
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """Base of all events. `type` is `<service>.<subject>.<past verb>.v<major>`."""

    type: ClassVar[str] = ""

    def to_data(self) -> dict[str, Any]:
        """JSON-able payload."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """The event of a payload; unknown fields are ignored, as an older consumer must."""
        hints = typing.get_type_hints(cls)
        known = {f.name for f in dataclasses.fields(cls)}
        return cls(**{name: _typed(hints[name], value) for name, value in data.items() if name in known})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(kind) in (Union, types.UnionType):
        return _typed(next(arg for arg in get_args(kind) if arg is not type(None)), value)
    if kind is UUID:
        return UUID(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if get_origin(kind) in (list, tuple):
        return get_origin(kind)(_typed(get_args(kind)[0], item) for item in value)
    return value


_JSON_TYPES = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
}


def json_schema(event: type[DomainEvent]) -> dict[str, Any]:
    """JSON Schema of an event's payload, for the snapshot that stops breaking changes."""
    hints = {
        name: kind for name, kind in typing.get_type_hints(event).items() if get_origin(kind) is not ClassVar
    }
    required = sorted(
        f.name
        for f in dataclasses.fields(event)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    )
    properties = {name: _schema_of(kind) for name, kind in sorted(hints.items()) if name != "type"}
    return {"$id": event.type, "type": "object", "properties": properties, "required": required}


def _schema_of(kind: Any) -> dict[str, Any]:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _schema_of(next(arg for arg in get_args(kind) if arg is not type(None)))
        return inner | {"nullable": True}
    if origin in (list, tuple):
        return {"type": "array", "items": _schema_of(get_args(kind)[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(get_args(kind)[1])}
    return dict(_JSON_TYPES[kind])
