"""What a host sends: answers (transient, no confirm) and letters (persistent, confirmed), over one connection each."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import amqp
import eventlet
from amqp.exceptions import AMQPError
from eventlet.semaphore import Semaphore
from kombu.connection import Connection

HEARTBEAT = 10
TRIES = 3
LOST = (AMQPError, OSError)


class Publisher:
    """A connection of its own, because two greenlets may not write to one socket; one message at a time.

    Without traffic it beats every third second, so that a broker that went away is noticed before it is needed.
    """

    def __init__(self, url: str, *, confirm: bool) -> None:
        self._url = url
        self._confirm = confirm
        self._lock = Semaphore()
        self._connection: Any = None
        self._channel: Any = None
        self._beat = eventlet.spawn(self._beat_forever)

    def publish(self, exchange: str, key: str, body: bytes | str, **properties: Any) -> None:
        """Send one message. Raises AMQPError or OSError when the broker does not take it after three tries."""
        message = amqp.Message(
            body, content_type="application/json", content_encoding="utf-8",
            delivery_mode=2 if self._confirm else 1, **properties,
        )  # fmt: skip
        with self._lock:
            self._trying(lambda: self._open().basic_publish(message, exchange, key, timeout=10))

    def publish_json(self, exchange: str, key: str, value: Any, **properties: Any) -> None:
        """Send a JSON value."""
        self.publish(exchange, key, json.dumps(value, separators=(",", ":")), **properties)

    def close(self) -> None:
        """Close the connection."""
        self._beat.kill()
        self._drop()

    def _trying(self, work: Callable[[], Any]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                work()
                return
            except LOST:
                self._drop()
                if attempt == TRIES:
                    raise
                eventlet.sleep(0.3 * attempt)

    def _open(self) -> Any:
        if self._channel is None:
            options = {"confirm_publish": self._confirm, "read_timeout": 15, "write_timeout": 15}
            connect: Any = Connection  # untyped library
            self._connection = connect(
                self._url, heartbeat=HEARTBEAT, connect_timeout=5, transport_options=options
            )
            self._connection.connect()
            self._channel = self._connection.channel()
        return self._channel

    def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(*LOST):
                connection.collect(socket_timeout=1)

    def _beat_forever(self) -> None:
        while True:
            eventlet.sleep(HEARTBEAT / 3)
            with self._lock:
                self._beat_once()

    def _beat_once(self) -> None:
        if self._connection is None:
            return
        try:
            with suppress(socket.timeout):
                self._connection.drain_events(timeout=0.001)
            self._connection.heartbeat_check()
        except LOST:
            self._drop()
