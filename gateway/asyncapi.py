"""The events of every service as one AsyncAPI 3.0 document, made from the contracts alone.

Source of the form: AsyncAPI specification 3.0.0, its AMQP bindings 0.3.0, and CloudEvents 1.0 (JSON format). One
channel per event type: the routing key is the type, the topic exchange is the service's own.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from typing import Any

import shared.contracts
from shared.contracts.base import DomainEvent, json_schema
from shared.messaging.topology import event_queue, events_exchange, source_of

Document = dict[str, Any]
Consumers = Mapping[str, Sequence[str]]
BINDING = "0.3.0"
ABOUT = (
    "What happened, as told by one service to the others. Delivery is at least once: a consumer keeps the ids it has"
    " handled. Events hold ids, codes, counts, times and public titles; never answers, names, addresses or what was"
    " written. Optional fields may be added to a type; any other change is a new major version (the last part of"
    " its name)."
)


def event_types() -> list[type[DomainEvent]]:
    """Every event class of shared.contracts, by type. Effect: imports its modules."""
    for module in pkgutil.iter_modules(shared.contracts.__path__, "shared.contracts."):
        importlib.import_module(module.name)
    ours = (kind for kind in DomainEvent.__subclasses__() if kind.__module__.startswith("shared.contracts."))
    return sorted({kind.type: kind for kind in ours}.values(), key=lambda kind: kind.type)


def asyncapi_document(consumers: Consumers | None = None) -> Document:
    """The AsyncAPI 3.0 document, ready for JSON or YAML.

    consumers: names such as `courses.on_proposal_approved` by event type. The contracts do not know who listens, so
    without it the document holds what is published and nothing of who receives it.
    """
    kinds = event_types()
    heard = consumers or {}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Cercle: events", "version": "1.0.0", "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {kind.type: _channel(kind) for kind in kinds},
        "operations": _operations(kinds, heard),
        "components": {
            "messages": {kind.type: _message(kind) for kind in kinds},
            "schemas": {"CloudEvent": _envelope(), **{kind.type: _data(kind) for kind in kinds}},
        },
    }


def title_of(kind: type[DomainEvent]) -> str:
    """`SurveyLaunched` as `Survey launched`."""
    return " ".join(re.findall(r"[A-Z][a-z0-9]*", kind.__name__)).capitalize()


def meaning_of(kind: type[DomainEvent]) -> str:
    """The docstring as one line."""
    return " ".join((kind.__doc__ or "").split())


def _channel(kind: type[DomainEvent]) -> Document:
    exchange = events_exchange(source_of(kind.type))
    shape = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": kind.type,
        "title": title_of(kind),
        "description": meaning_of(kind),
        "messages": {"event": {"$ref": f"#/components/messages/{kind.type}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": shape, "bindingVersion": BINDING}},
    }


def _operations(kinds: Sequence[type[DomainEvent]], heard: Consumers) -> Document:
    found: Document = {}
    for kind in kinds:
        found[f"send.{kind.type}"] = _operation(kind, "send", source_of(kind.type))
        for consumer in heard.get(kind.type, ()):
            found[f"receive.{kind.type}.{consumer}"] = _receiving(kind, consumer)
    return found


def _operation(kind: type[DomainEvent], action: str, service: str) -> Document:
    channel = f"#/channels/{kind.type}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/event"}],
        "tags": [{"name": service}],
    }


def _receiving(kind: type[DomainEvent], consumer: str) -> Document:
    service, _, handler = consumer.partition(".")
    queue = event_queue(kind.type, service, handler)
    summary = f"{consumer}, from the queue {queue}"
    return _operation(kind, "receive", service) | {"summary": summary}


def _message(kind: type[DomainEvent]) -> Document:
    own = {
        "type": {"const": kind.type},
        "source": {"const": source_of(kind.type)},
        "data": {"$ref": f"#/components/schemas/{kind.type}"},
    }
    return {
        "name": kind.type,
        "title": title_of(kind),
        "summary": meaning_of(kind),
        "contentType": "application/json",
        "tags": [{"name": source_of(kind.type)}],
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, {"properties": own}]},
        "bindings": {
            "amqp": {"contentEncoding": "utf-8", "messageType": kind.type, "bindingVersion": BINDING}
        },
    }


def _data(kind: type[DomainEvent]) -> Document:
    shape = json_schema(kind)
    del shape["$id"]  # it would be the base that the document's own references are resolved against
    plain: Document = _plain(shape)
    return {"title": title_of(kind), "description": meaning_of(kind), **plain}


def _plain(shape: Any) -> Any:
    """AsyncAPI's schemas are JSON Schema, which says `["string", "null"]` and knows no `nullable`."""
    if isinstance(shape, list):
        return [_plain(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    found = {name: _plain(value) for name, value in shape.items() if name != "nullable"}
    if shape.get("nullable"):
        found["type"] = [found["type"], "null"]
    return found


def _envelope() -> Document:
    text, instant = {"type": "string"}, {"type": "string", "format": "date-time"}
    uuid = {"type": "string", "format": "uuid"}
    maybe = {"type": ["string", "null"]}
    return {
        "title": "CloudEvent",
        "description": "The attributes of CloudEvents 1.0 around every event.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "version", "time", "datacontenttype", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": uuid | {"description": "UUIDv7; the same in every repetition of this event."},
            "source": text | {"description": "The service."},
            "type": text | {"description": "Service, subject, past verb, major version."},
            "subject": uuid | {"description": "Id of what the event is about."},
            "version": {"type": "integer", "minimum": 0, "description": "Its version; 0 where order is indifferent."},
            "time": instant,
            "datacontenttype": {"const": "application/json"},
            "correlationid": maybe | {"description": "Id of the request that began it all."},
            "causationid": maybe | {"description": "Id of the event that led to this one."},
            "traceparent": maybe | {"description": "W3C trace context."},
            "data": {"type": "object"},
        },
    }  # fmt: skip
