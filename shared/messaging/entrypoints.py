"""Decorators that tag a service's methods; a bus or a host finds the tags. Methods stay plain functions.

@command            (self, tx, call) -> dict   one write transaction, idempotent by the caller's key
@query              (self, tx, call) -> dict   one read-only transaction
@rpc                (self, call) -> dict       opens its own transactions (slow work outside of them)
@on_event("type")   (self, tx, event) -> None  one write transaction, each event once
@every(minutes=15)  (self) -> None             one replica at a time
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
_TAG = "__cercle_entrypoint__"


@dataclass(frozen=True, slots=True)
class Entrypoint:
    """What a decorator recorded. `kind`: how to call it."""

    kind: Literal["command", "query", "rpc", "event", "job"]
    event_type: str = ""
    interval: timedelta = timedelta(0)
    remember: bool = True
    timeout: float = 60.0


def _tag(entrypoint: Entrypoint) -> Callable[[Function], Function]:
    def mark(function: Function) -> Function:
        setattr(function, _TAG, entrypoint)
        return function

    return mark


def command(function: Function) -> Function:
    """A write. With an Idempotency-Key, a repeated call gives the first answer and does nothing more."""
    return _tag(Entrypoint("command"))(function)


def command_unremembered(function: Function) -> Function:
    """A write whose key and answer must not be stored, because they would tie a person to what they wrote."""
    return _tag(Entrypoint("command", remember=False))(function)


def query(function: Function) -> Function:
    """A read."""
    return _tag(Entrypoint("query"))(function)


def rpc(function: Function) -> Function:
    """A call that manages its own transactions."""
    return _tag(Entrypoint("rpc"))(function)


def on_event(event_type: str, *, timeout: float = 60.0) -> Callable[[Function], Function]:
    """React to an event of another service (or of one's own)."""
    return _tag(Entrypoint("event", event_type=event_type, timeout=timeout))


def every(*, minutes: float = 0, seconds: float = 0) -> Callable[[Function], Function]:
    """A periodic job; a lease in the database keeps replicas from running it together."""
    return _tag(Entrypoint("job", interval=timedelta(minutes=minutes, seconds=seconds)))


def entrypoints_of(service: type) -> Iterator[tuple[str, Entrypoint]]:
    """(method name, tag) of every tagged method of a service class."""
    for name in dir(service):
        tag = getattr(getattr(service, name), _TAG, None)
        if isinstance(tag, Entrypoint):
            yield name, tag
