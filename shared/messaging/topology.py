"""Names, arguments and rights of everything on the broker. Pure data; `declare` writes it through any channel.

    nameko-rpc                      topic: requests `<service>.<method>`, answers `reply-<user>-<id>`
    rpc-<service>                   requests of a service; gone when its last worker is gone
    <service>.events                topic: the events a service publishes
    evt-<source>-<type>--<service>.<handler>   quorum: one handler's copies of one type
    <service>.retry.<seconds>       fanout and quorum queue: where a failed event waits
    <service>.return                direct: from there back to the handler's own queue
    <service>.dlx, <service>.parking           where an event ends that a handler could not take

The kind and arguments of a queue cannot be changed later, only by another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

RPC_EXCHANGE = "nameko-rpc"
PING = "_ping"
RETRY_SECONDS: tuple[float, ...] = (5, 60, 600, 3600)
DELIVERY_LIMIT = 5
RPC_QUEUE_EXPIRES = 5000
ATTEMPT = "x-cercle-attempt"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable exchange."""

    name: str
    kind: str = "topic"


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue; an exclusive one lives and dies with the connection that made it."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    auto_delete: bool = False
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """What of an exchange goes into a queue."""

    queue: str
    exchange: str
    key: str


Declaration = Exchange | Queue | Binding


class Channel(Protocol):
    """The three methods that pika's blocking channel and py-amqp's channel share."""

    def exchange_declare(self, *, exchange: str, exchange_type: str, durable: bool) -> Any: ...

    def queue_declare(
        self, *, queue: str, durable: bool, exclusive: bool, auto_delete: bool, arguments: dict[str, Any]
    ) -> Any: ...

    def queue_bind(self, *, queue: str, exchange: str, routing_key: str) -> Any: ...


def declare(channel: Channel, things: Iterable[Declaration]) -> None:
    """Make what is missing; nothing happens to what is there already in the same shape."""
    for thing in things:
        match thing:
            case Exchange(name, kind):
                channel.exchange_declare(exchange=name, exchange_type=kind, durable=True)
            case Queue(name, arguments, auto_delete, exclusive):
                channel.queue_declare(
                    queue=name,
                    durable=True,
                    exclusive=exclusive,
                    auto_delete=auto_delete,
                    arguments=arguments,
                )
            case Binding(queue, exchange, key):
                channel.queue_bind(queue=queue, exchange=exchange, routing_key=key)


def events_exchange(service: str) -> str:
    """Where a service's events are published."""
    return f"{service}.events"


def source_of(event_type: str) -> str:
    """The service that publishes a type: the first word of its name."""
    return event_type.partition(".")[0]


def event_queue(event_type: str, service: str, handler: str) -> str:
    """The queue of one handler."""
    return f"evt-{source_of(event_type)}-{event_type}--{service}.{handler}"


def rpc_queue(service: str) -> str:
    """The queue of a service's requests."""
    return f"rpc-{service}"


def retry_name(service: str, seconds: float) -> str:
    """Exchange and queue of one rung of the ladder; the time is in the name because it is in the arguments."""
    return f"{service}.retry.{seconds:g}s"


def return_exchange(service: str) -> str:
    """From the ladder back to the handler's queue, whose name is the routing key."""
    return f"{service}.return"


def dead_exchange(service: str) -> str:
    """Where events go that cannot be handled."""
    return f"{service}.dlx"


def parking_queue(service: str) -> str:
    """Where they stay until somebody looks."""
    return f"{service}.parking"


def rpc_declarations(service: str) -> list[Declaration]:
    """The queue of requests. It disappears with its last consumer, so a mandatory request to a service whose
    workers are all gone comes back at once; `x-expires` does the same after a broker's restart.
    """
    queue = rpc_queue(service)
    return [
        Queue(queue, {"x-expires": RPC_QUEUE_EXPIRES}, auto_delete=True),
        Binding(queue, RPC_EXCHANGE, f"{service}.*"),
    ]


def alive_declarations(service: str, instance: str) -> list[Declaration]:
    """A queue that says no more than "this worker is still connected": callers who wait ping it (mandatory).

    A worker that drains has left the queue of requests but still answers those it has.
    """
    queue = f"reply-{service}-alive-{instance}"
    arguments = {"x-max-length": 1, "x-message-ttl": 1000}
    return [Queue(queue, arguments, exclusive=True), Binding(queue, RPC_EXCHANGE, f"{service}.{PING}")]


def safety_declarations(service: str, ladder: Sequence[float] = RETRY_SECONDS) -> list[Declaration]:
    """The parking queue and the ladder of a service."""
    things: list[Declaration] = [
        Exchange(dead_exchange(service)),
        Queue(parking_queue(service), {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}),
        Binding(parking_queue(service), dead_exchange(service), "#"),
        Exchange(return_exchange(service), "direct"),
    ]
    for seconds in ladder:
        name = retry_name(service, seconds)
        things += [Exchange(name, "fanout"), _rung(service, name, seconds), Binding(name, name, "")]
    return things


def _rung(service: str, name: str, seconds: float) -> Queue:
    arguments = _kept_safe(return_exchange(service)) | {"x-message-ttl": round(seconds * 1000)}
    return Queue(name, arguments)


def event_declarations(event_type: str, service: str, handler: str) -> list[Declaration]:
    """The queue of one handler, fed by the events and by what comes back from the ladder."""
    name = event_queue(event_type, service, handler)
    arguments = _kept_safe(dead_exchange(service)) | {
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-routing-key": name,
    }
    return [
        Queue(name, arguments),
        Binding(name, events_exchange(source_of(event_type)), event_type),
        Binding(name, return_exchange(service), name),
    ]


def _kept_safe(dead_letters: str) -> dict[str, Any]:
    # At-least-once dead-lettering needs a quorum queue that refuses rather than drops; the default may lose.
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": dead_letters,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def service_declarations(
    service: str, subscriptions: Iterable[tuple[str, str]], ladder: Sequence[float] = RETRY_SECONDS
) -> list[Declaration]:
    """All that a service's worker needs; the exchanges of events are made when the broker is provisioned."""
    things = [*safety_declarations(service, ladder), *rpc_declarations(service)]
    for event_type, handler in subscriptions:
        things += event_declarations(event_type, service, handler)
    return things
