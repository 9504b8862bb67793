"""One connection to the broker on a thread of its own (pika), which comes back by itself.

Everything pika does happens on that thread; other threads hand work over with `run`.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pika
import structlog
from pika.adapters.select_connection import SelectConnection
from pika.channel import Channel
from pika.exceptions import AMQPChannelError, AMQPConnectionError

log = structlog.get_logger()
HEARTBEAT = 10
FIRST_DELAY, LONGEST_DELAY = 0.2, 2.0
# pika writes a trace for every refused connection; the link says once what is the matter.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class Part(Protocol):
    """Something that uses a channel of the link. All methods run on the link's thread."""

    def opened(self, channel: Channel, ready: Callable[[], None]) -> None:
        """A fresh channel: declare, consume, then call `ready`."""
        ...

    def closed(self) -> None:
        """The channel is gone: whoever waits for it must be told."""
        ...


def user_of(url: str) -> str:
    """The broker user of an address."""
    credentials: Any = pika.URLParameters(url).credentials
    return str(credentials.username)


def parameters_of(url: str, name: str) -> pika.URLParameters:
    """Connection parameters that notice a dead broker within half a minute."""
    parameters = pika.URLParameters(url)
    parameters.heartbeat = HEARTBEAT
    parameters.blocked_connection_timeout = 30
    parameters.socket_timeout = parameters.stack_timeout = 5
    parameters.client_properties = {"connection_name": name}
    return parameters


class Link:
    """`start`, then `run` work while `is_ready`. Reconnects for ever, each time with fresh channels."""

    def __init__(self, url: str, name: str, parts: Sequence[Part]) -> None:
        self._parameters = parameters_of(url, name)
        self._name = name
        self._parts = tuple(parts)
        self._open: set[Part] = set()
        self._connection: SelectConnection | None = None
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_connected, name=f"link-{name}", daemon=True)

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """True while connected and every part is at work."""
        return self._ready.is_set()

    def wait_ready(self, seconds: float) -> bool:
        """Wait until ready; False when that takes longer."""
        return self._ready.wait(seconds)

    def run(self, work: Callable[[], None]) -> bool:
        """Do `work` on the link's thread soon; False when there is no connection."""
        with self._lock:
            if self._connection is None or not self._ready.is_set():
                return False
            self._connection.ioloop.add_callback_threadsafe(lambda: self._guarded(work))
            return True

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """On the link's thread only: do `work` after a while, if the connection still stands."""
        if self._connection is not None:
            self._connection.ioloop.call_later(seconds, lambda: self._guarded(work))

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._stop.set()
        with self._lock:
            if self._connection is not None:
                self._connection.ioloop.add_callback_threadsafe(self._shut)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _shut(self) -> None:
        if self._connection is None:
            return
        if self._connection.is_open:
            self._connection.close()
        elif not self._connection.is_closing:
            self._connection.ioloop.stop()

    @staticmethod
    def _guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except (AMQPChannelError, AMQPConnectionError) as error:
            # The channel went away between the check and the work; `closed` tells who waits.
            log.warning("broker.work_lost", error=type(error).__name__)

    def _keep_connected(self) -> None:
        delay = FIRST_DELAY
        while not self._stop.is_set():
            was_ready = self._one_connection()
            delay = FIRST_DELAY if was_ready else min(delay * 1.6, LONGEST_DELAY)
            self._stop.wait(delay * random.uniform(0.7, 1.3))

    def _one_connection(self) -> bool:
        connection = SelectConnection(self._parameters, self._opened, self._ended, self._ended)
        with self._lock:
            self._connection = connection
        try:
            connection.ioloop.start()
        except Exception as error:  # noqa: BLE001 the edge of the thread: one bad frame must not end it
            log.warning("broker.loop_failed", link=self._name, error=type(error).__name__)
        return self._lost(connection)

    def _lost(self, connection: SelectConnection) -> bool:
        with self._lock:
            was_ready = self._ready.is_set()
            self._ready.clear()
            self._connection = None
            connection.ioloop.close()
        self._open.clear()
        for part in self._parts:
            part.closed()
        if was_ready and not self._stop.is_set():
            log.warning("broker.lost", link=self._name)
        return was_ready

    def _opened(self, connection: Any) -> None:
        for part in self._parts:
            connection.channel(on_open_callback=lambda channel, part=part: self._channel(channel, part))

    def _channel(self, channel: Channel, part: Part) -> None:
        channel.add_on_close_callback(self._channel_closed)
        part.opened(channel, lambda: self._part_ready(part))

    def _channel_closed(self, channel: Channel, reason: Exception) -> None:
        # A refused declaration or publication: start afresh, slowly, rather than limp on.
        if channel.connection.is_open and not self._stop.is_set():
            log.warning("broker.channel_closed", link=self._name, reason=str(reason)[:200])
            channel.connection.close()

    def _part_ready(self, part: Part) -> None:
        self._open.add(part)
        if len(self._open) == len(self._parts):
            self._ready.set()

    @staticmethod
    def _ended(connection: Any, _reason: Any) -> None:
        connection.ioloop.stop()
