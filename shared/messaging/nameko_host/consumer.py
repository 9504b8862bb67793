"""nameko's queue consumer, hardened: messages arrive undecoded, reconnection is quick, and a stopping worker
keeps its connection until every message it holds has been acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import structlog
from amqp.exceptions import AMQPError
from kombu.entity import Queue
from kombu.utils.limits import TokenBucket
from nameko.messaging import QueueConsumer

log = structlog.get_logger()
PREFETCH = 10


class HardenedQueueConsumer(QueueConsumer):  # type: ignore[misc] # nameko carries no types
    """Shared by all entrypoints of the process. A provider has `queue_name` and `handle_message(message)`."""

    restart_limit = TokenBucket(2)  # type: ignore[no-untyped-call]

    def __init__(self) -> None:
        super().__init__()
        self._held = 0

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """After each connection: declare what the service needs, then consume."""
        self.container.config["declare"](channel)
        self._consumers = {provider: self._consumer(consumer_cls, provider) for provider in self._providers}
        return list(self._consumers.values())

    def _consumer(self, consumer_cls: Any, provider: Any) -> Any:
        queue = Queue(provider.queue_name, no_declare=True)  # type: ignore[no-untyped-call]
        consumer = consumer_cls(
            queues=[queue], on_message=partial(self._hold, provider), auto_declare=False, accept=None
        )
        consumer.qos(prefetch_count=PREFETCH)
        return consumer

    def _hold(self, provider: Any, message: Any) -> None:
        self._held += 1
        self.container.spawn_managed_thread(partial(provider.handle_message, message), identifier="message")

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """A body that cannot even be unpacked (wrong compression): never loses a word about its content."""
        log.warning("message.unreadable", error=type(exc).__name__)
        message.ack()

    def ack_message(self, message: Any) -> None:
        """Done with a message; on a dead channel the broker has taken it back already."""
        self._held -= 1
        if message.channel.connection:
            with suppress(AMQPError, OSError):
                message.ack()

    def requeue_message(self, message: Any) -> None:
        """Give a message back."""
        self._held -= 1
        if message.channel.connection:
            with suppress(AMQPError, OSError):
                message.requeue()

    def on_iteration(self) -> None:
        """Leave only when nothing is consumed any more and nothing is held: an acknowledgement needs the channel."""
        self._cancel_consumers_if_requested()
        if not self._consumers and self._held <= 0:
            self.should_stop = True

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """Try again after 0.2 s, then a little longer, never longer than two seconds."""
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error, None, interval_start=0.2, interval_step=0.3, interval_max=2
            )
            yield connection

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        """The broker is away."""
        log.warning("broker.away", error=type(exc).__name__, again_in=interval)
