"""Dead letters: events that a handler could not take. List, look, replay, drop; the same in both modes.

On the broker they are in `<service>.parking`; in embedded mode in the service's table `dead_letters`. What
could not be read at all has no envelope, only the length and hash of what it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import pika
from pika.adapters.blocking_connection import BlockingChannel
from sqlalchemy import delete, select

from shared.ids import parse_id
from shared.messaging.envelope import Envelope
from shared.messaging.link import parameters_of
from shared.messaging.service import Service
from shared.messaging.topology import ATTEMPT, parking_queue, return_exchange

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One letter. `consumer`: `<service>.<handler>` (or the queue of requests); `reason`: the kind of failure."""

    id: str
    consumer: str
    reason: str
    died_at: datetime | None
    envelope: Envelope | None


class DeadLetters(Protocol):
    """The dead letters of one service."""

    def list(self) -> list[DeadLetter]:
        """All of them, at most 1,000, oldest first."""
        ...

    def replay(self, letter_id: str) -> bool:
        """Hand the event to its handler once more; False when there is no such letter or nothing to replay."""
        ...

    def drop(self, letter_id: str) -> bool:
        """Forget a letter; False when there is none of this id."""
        ...


class TableDeadLetters:
    """Embedded mode."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._table = service.tables.dead_letters

    def list(self) -> list[DeadLetter]:
        """See DeadLetters."""
        with self._service.db.engine.connect() as connection:
            found = connection.execute(select(self._table).order_by(self._table.c.died_at).limit(LIMIT))
            return [
                DeadLetter(
                    str(row.id), row.consumer, row.reason, row.died_at, Envelope.from_dict(row.envelope)
                )
                for row in found
            ]

    def replay(self, letter_id: str) -> bool:
        """See DeadLetters. Raises what the handler raises; the letter then stays."""
        letter = next((letter for letter in self.list() if letter.id == letter_id), None)
        if letter is None or letter.envelope is None:
            return False
        self._service.handle(letter.consumer.partition(".")[2], letter.envelope)
        return self.drop(letter_id)

    def drop(self, letter_id: str) -> bool:
        """See DeadLetters."""
        gone = delete(self._table).where(self._table.c.id == parse_id(letter_id)).returning(self._table.c.id)
        with self._service.db.engine.begin() as connection:
            return connection.execute(gone).first() is not None


class BrokerDeadLetters:
    """Distributed mode. `url`: the broker's address with the service's own user."""

    def __init__(self, url: str, service: str) -> None:
        self._url = url
        self._service = service

    def list(self) -> list[DeadLetter]:
        """See DeadLetters. Effect: the letters are taken and given back."""
        with self._channel() as channel:
            return [self._letter(*found) for found in self._taken(channel)]

    def replay(self, letter_id: str) -> bool:
        """See DeadLetters. The handler gets it with a fresh ladder of retries."""
        with self._channel() as channel:
            for method, properties, body in self._taken(channel):
                letter = self._letter(method, properties, body)
                if letter.id == letter_id and letter.envelope is not None:
                    self._send_back(channel, method, properties, body)
                    return True
        return False

    def drop(self, letter_id: str) -> bool:
        """See DeadLetters."""
        with self._channel() as channel:
            for method, properties, body in self._taken(channel):
                if self._letter(method, properties, body).id == letter_id:
                    channel.basic_ack(method.delivery_tag)
                    return True
        return False

    def _send_back(self, channel: BlockingChannel, method: Any, properties: Any, body: bytes) -> None:
        headers = {name: value for name, value in (properties.headers or {}).items() if name == "traceparent"}
        fresh = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, message_id=properties.message_id, type=properties.type,
            headers=headers | {ATTEMPT: 0},
        )  # fmt: skip
        # Confirmed and routed first: only then is the parked copy given up.
        channel.confirm_delivery()
        channel.basic_publish(return_exchange(self._service), method.routing_key, body, fresh, mandatory=True)
        channel.basic_ack(method.delivery_tag)

    def _letter(self, method: Any, properties: Any, body: bytes) -> DeadLetter:
        content = json.loads(body)
        headers = properties.headers or {}
        deaths = headers.get("x-death") or [{}]
        envelope = None if "sha256" in content else Envelope.from_dict(content)
        reason = headers.get("x-cercle-reason") or content.get("reason") or deaths[0].get("reason", "unknown")
        time = deaths[0].get("time")
        return DeadLetter(
            str(envelope.id) if envelope else str(content["sha256"]), method.routing_key.rpartition("--")[2],
            str(reason), time.replace(tzinfo=UTC) if time else None, envelope,
        )  # fmt: skip

    def _taken(self, channel: BlockingChannel) -> Iterator[tuple[Any, Any, bytes]]:
        for _ in range(LIMIT):
            method, properties, body = channel.basic_get(parking_queue(self._service))
            if method is None:
                return
            yield method, properties, body or b""

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        # What was taken and not acknowledged goes back when the connection closes.
        connection = pika.BlockingConnection(parameters_of(self._url, f"dead-{self._service}"))
        try:
            yield connection.channel()
        finally:
            connection.close()
