"""Events as they pass, best effort: the browser's live stream and whoever else only wants to watch.

An exclusive queue that dies with the connection; after a reconnection it begins anew, and what passed in
between is not heard (the browser asks for the present state when it reconnects).
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import structlog
from pika.channel import Channel

from shared.ids import new_id
from shared.messaging.envelope import Envelope
from shared.messaging.link import Link
from shared.messaging.topology import events_exchange, source_of

log = structlog.get_logger()
Callback = Callable[[Envelope], None]


class EventStream:
    """A part of a link. Callbacks run on the link's thread: quick, and never raising."""

    def __init__(self, user: str) -> None:
        self._queue = f"stream-{user}-{new_id()}"
        self._callbacks: dict[str, list[Callback]] = defaultdict(list)
        self._lock = threading.Lock()
        self._channel: Channel | None = None

    def listen(self, link: Link, event_type: str, callback: Callback) -> Callable[[], None]:
        """Hear a type from now on; returns the function that ends it."""
        with self._lock:
            first = not self._callbacks[event_type]
            self._callbacks[event_type].append(callback)
        if first:
            link.run(lambda: self._bind(event_type))

        def end() -> None:
            with self._lock:
                if callback in self._callbacks[event_type]:
                    self._callbacks[event_type].remove(callback)

        return end

    def opened(self, channel: Channel, ready: Callable[[], None]) -> None:
        """See Part."""
        self._channel = channel

        def declared(_frame: Any) -> None:
            with self._lock:
                wanted = [kind for kind, callbacks in self._callbacks.items() if callbacks]
            for event_type in wanted:
                self._bind(event_type)
            channel.basic_consume(self._queue, self._heard, auto_ack=True, callback=lambda _frame: ready())

        channel.queue_declare(self._queue, exclusive=True, auto_delete=True, callback=declared)

    def closed(self) -> None:
        """See Part."""
        self._channel = None

    def _bind(self, event_type: str) -> None:
        if self._channel is not None:
            self._channel.queue_bind(self._queue, events_exchange(source_of(event_type)), event_type)

    def _heard(self, _channel: Channel, _method: Any, _properties: Any, body: bytes) -> None:
        try:
            envelope = Envelope.from_dict(json.loads(body))
        except (KeyError, TypeError, ValueError):
            log.warning("stream.unreadable", bytes=len(body))
            return
        for callback in list(self._callbacks.get(envelope.type, ())):
            try:
                callback(envelope)
            except Exception:
                log.exception("stream.callback_failed", type=envelope.type)
