"""Writes docs/events.md from the contracts and the services: `python -m tests.unit.docs.events_page`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.asyncapi import event_types, meaning_of
from services.registry import service_class
from shared.config import SERVICES
from shared.contracts.base import DomainEvent, json_schema
from shared.contracts.notifications import NotificationCreated
from shared.messaging.entrypoints import entrypoints_of
from shared.messaging.topology import source_of

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
HEAD = """# Events

What services tell each other. Made from `shared/contracts` and the services’ handlers by
`python -m tests.unit.docs.events_page`; a test fails when this page is out of date. The same as an AsyncAPI 3.0 document:
`gateway/asyncapi.py`.

Each event travels in a CloudEvents envelope (`shared/messaging/envelope.py`) on the topic exchange `<service>.events`; its
type is the routing key. A payload holds ids, codes, counts, times and public titles; never answers, names, addresses or
what was written. A field with `?` may be missing or null. Adding an optional field is free; any other change is a new
major version, the last part of the type.
"""


def consumers() -> dict[str, list[str]]:
    """`<service>.<handler>` by event type."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in SERVICES:
        for handler, tag in entrypoints_of(service_class(name)):
            if tag.kind == "event":
                found[tag.event_type].append(f"{name}.{handler}")
    return found


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(name) for name in SERVICES)


def _section(service: str) -> str:
    heard = consumers()
    rows = [_row(kind, heard) for kind in event_types() if source_of(kind.type) == service]
    head = "| type | meaning | payload | heard by |\n|---|---|---|---|\n"
    return f"\n## {service}\n\n{head}" + "".join(f"{row}\n" for row in rows)


def _row(kind: type[DomainEvent], heard: dict[str, list[str]]) -> str:
    names = [
        *heard.get(kind.type, ()),
        *(["gateway, for the live stream"] if kind is NotificationCreated else []),
    ]
    fields = ", ".join(_fields(json_schema(kind)))
    listeners = "<br>".join(f"`{name}`" if "." in name else name for name in names) or "nobody yet"
    return f"| `{kind.type}` | {meaning_of(kind)} | {fields} | {listeners} |"


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    for name, shape in schema["properties"].items():
        mark = "" if name in schema["required"] else "?"
        yield f"`{name}{mark}` {_kind(shape)}"


def _kind(shape: dict[str, Any]) -> str:
    if shape["type"] == "array":
        return f"list of {_kind(shape['items'])}"
    if shape["type"] == "object":
        return "text in `fr` and `en`"
    return str({"uuid": "id", "date-time": "instant"}.get(shape.get("format", ""), shape["type"]))


if __name__ == "__main__":
    PAGE.write_text(page())
