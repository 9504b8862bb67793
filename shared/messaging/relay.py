"""From outboxes to the broker: plain threads, psycopg 3, batches of confirmed publications.

For each service one thread claims rows, publishes them, waits for the broker's confirms, and marks what was
confirmed. A death in between repeats a publication; the inbox of the consumer absorbs it. Any number of
relays may run; they skip each other's rows.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from pika import BasicProperties
from pika.channel import Channel
from pika.spec import Basic
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import SystemClock
from shared.config import Settings
from shared.db.engine import make_engine
from shared.db.tx import Database
from shared.db.types import new_metadata
from shared.messaging import faults
from shared.messaging.envelope import Envelope
from shared.messaging.link import Link, user_of
from shared.messaging.outbox import CHANNEL, Outbox
from shared.messaging.tables import messaging_tables
from shared.messaging.topology import events_exchange
from shared.observability import OUTBOX_PENDING

log = structlog.get_logger()
BATCH = 100
POLL = 0.5
CONFIRM_WITHIN = 15.0
TRY_AGAIN = timedelta(seconds=1)
COUNT_EVERY = 5.0


class Batch:
    """Events on their way; `wait` tells which the broker has."""

    def __init__(self, envelopes: Sequence[Envelope]) -> None:
        self.envelopes = envelopes
        self.confirmed: list[Envelope] = []
        self._open = len(envelopes)
        self._done = threading.Event()

    def settle(self, envelope: Envelope, confirmed: bool) -> None:
        """One answer of the broker."""
        if confirmed:
            self.confirmed.append(envelope)
        self._open -= 1
        if self._open == 0:
            self._done.set()

    def give_up(self) -> None:
        """No more answers will come."""
        self._done.set()

    def wait(self, seconds: float) -> list[Envelope]:
        """The confirmed events, when all are answered or the time is over."""
        self._done.wait(seconds)
        return list(self.confirmed)


class Publisher:
    """A part of a link: publishes events with confirms. Its methods run on the link's thread."""

    def __init__(self, user: str) -> None:
        self._user = user
        self._channel: Channel | None = None
        self._last_tag = 0
        self._unconfirmed: dict[int, tuple[Batch, Envelope]] = {}

    def opened(self, channel: Channel, ready: Callable[[], None]) -> None:
        """See Part."""
        self._channel, self._last_tag = channel, 0
        channel.confirm_delivery(self._answered, callback=lambda _frame: ready())

    def closed(self) -> None:
        """See Part."""
        self._channel = None
        for batch, _envelope in self._unconfirmed.values():
            batch.give_up()
        self._unconfirmed.clear()

    def publish(self, batch: Batch) -> None:
        """Send every event of a batch."""
        for envelope in batch.envelopes:
            if self._channel is None:
                batch.give_up()
                return
            self._last_tag += 1
            self._unconfirmed[self._last_tag] = (batch, envelope)
            body = json.dumps(envelope.to_dict(), separators=(",", ":")).encode()
            self._channel.basic_publish(
                events_exchange(envelope.source), envelope.type, body, self._properties(envelope)
            )

    def _properties(self, envelope: Envelope) -> BasicProperties:
        return BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=str(envelope.id),
            type=envelope.type,
            user_id=self._user,  # the broker refuses a name that is not the connection's own
            correlation_id=envelope.correlation_id,
            timestamp=int(envelope.time.timestamp()),
        )

    def _answered(self, frame: Any) -> None:
        tag, confirmed = frame.method.delivery_tag, isinstance(frame.method, Basic.Ack)
        tags = [t for t in self._unconfirmed if t <= tag] if frame.method.multiple else [tag]
        for one in tags:
            if found := self._unconfirmed.pop(one, None):
                found[0].settle(found[1], confirmed)


class EventPublisher:
    """A link that publishes batches; `publish` may be called by any thread."""

    def __init__(self, url: str, name: str) -> None:
        self._publisher = Publisher(user_of(url))
        self._link = Link(url, name, (self._publisher,))
        self._link.start()

    @property
    def is_ready(self) -> bool:
        """True while the broker is reachable."""
        return self._link.is_ready

    def wait_ready(self, seconds: float) -> bool:
        """Wait for the broker."""
        return self._link.wait_ready(seconds)

    def publish(self, envelopes: Sequence[Envelope], seconds: float = CONFIRM_WITHIN) -> list[Envelope]:
        """Publish; returns the events whose arrival the broker confirmed."""
        batch = Batch(envelopes)
        if not self._link.run(lambda: self._publisher.publish(batch)):
            return []
        return batch.wait(seconds)

    def close(self) -> None:
        """Close the connection."""
        self._link.close()


class Relay:
    """The relay of one service's outbox."""

    def __init__(self, service: str, database_url: str, publisher: EventPublisher) -> None:
        self.service = service
        self._url = database_url
        self._publisher = publisher
        self._db = Database(make_engine(database_url, pool_size=2), SystemClock(), service)
        self._outbox = Outbox(self._db, messaging_tables(new_metadata()))
        self._counted = 0.0

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop`; whatever is away comes back by itself."""
        while not stop.is_set():
            try:
                self._listen(stop)
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("relay.database_away", service=self.service, error=type(error).__name__)
                stop.wait(1)
        self._db.dispose()

    def _listen(self, stop: threading.Event) -> None:
        if self._db.engine.dialect.name != "postgresql":
            while not stop.wait(0.05):
                self._drain(stop)
            return
        dsn = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as ear:
            ear.execute(f"LISTEN {CHANNEL}")
            while not stop.is_set():
                self._drain(stop)
                for _wake in ear.notifies(timeout=POLL, stop_after=1):
                    break

    def _drain(self, stop: threading.Event) -> None:
        if not self._publisher.wait_ready(POLL):
            return
        while self.relay_once() == BATCH and not stop.is_set():
            pass
        if time.monotonic() - self._counted > COUNT_EVERY:
            self._counted = time.monotonic()
            OUTBOX_PENDING.labels(self.service).set(self._outbox.pending())

    def relay_once(self) -> int:
        """Relay one batch; returns how many events were taken."""
        claimed = self._outbox.claim(BATCH)
        if not claimed:
            return 0
        faults.point("after_claim_before_publish")
        confirmed = self._publisher.publish(claimed)
        faults.point("after_publish_before_mark")
        self._outbox.done([envelope.id for envelope in confirmed])
        has = {envelope.id for envelope in confirmed}
        self._outbox.release([e.id for e in claimed if e.id not in has], TRY_AGAIN)
        return len(claimed) if len(has) == len(claimed) else 0


def run_relay(settings: Settings, services: Sequence[str], stop: threading.Event) -> None:
    """Relay the outboxes of `services` until `stop`. Effect: one connection to the broker, two per database."""
    publisher = EventPublisher(settings.rabbitmq_url_of("relay"), "relay")
    relays = [Relay(name, settings.database_url_of(name), publisher) for name in services]
    threads = [
        threading.Thread(target=relay.run, args=(stop,), name=f"relay-{relay.service}") for relay in relays
    ]
    for thread in threads:
        thread.start()
    with suppress(KeyboardInterrupt):
        while not stop.wait(1.0):
            pass
    stop.set()
    for thread in threads:
        thread.join(timeout=20)
    publisher.close()
