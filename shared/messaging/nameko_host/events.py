"""Events: acknowledged after the handler's commit, sent up a ladder of retries when it fails, parked at the end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared.messaging import faults
from shared.messaging.envelope import Envelope
from shared.messaging.nameko_host.consumer import HardenedQueueConsumer
from shared.messaging.nameko_host.publisher import LOST, Publisher
from shared.messaging.nameko_host.requests import Malformed, note_of, read_json
from shared.messaging.topology import ATTEMPT, dead_exchange, event_queue, retry_name

log = structlog.get_logger()
AT_ONCE = 8  # events never take all of the process: requests have people waiting
GATE = Semaphore(AT_ONCE)


def read_event(message: Any) -> Envelope:
    """The envelope of a message. Raises Malformed."""
    try:
        return Envelope.from_dict(read_json(message))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Malformed("bad-envelope") from None


def attempts_of(message: Any) -> int:
    """How often this event went up the ladder before."""
    value = (message.headers or {}).get(ATTEMPT, 0)
    return value if isinstance(value, int) else 0


class Events(Entrypoint):  # type: ignore[misc] # nameko carries no types
    """One handler's queue; calls the tagged method with (handler, envelope)."""

    queue_consumer = HardenedQueueConsumer()

    def __init__(
        self, service: str, subscription: tuple[str, str], letters: Publisher, ladder: Sequence[float]
    ) -> None:
        self._service = service
        self._handler = subscription[1]
        self._letters = letters
        self._ladder = ladder
        self.queue_name = event_queue(subscription[0], service, subscription[1])
        super().__init__()

    def setup(self) -> None:
        """See Extension."""
        self.queue_consumer.register_provider(self)

    def stop(self) -> None:
        """See Extension."""
        self.queue_consumer.unregister_provider(self)

    def handle_message(self, message: Any) -> None:
        """Park or handle one message; never raises."""
        try:
            envelope = read_event(message)
        except Malformed as problem:
            note = json.dumps(note_of(message, problem.reason))
            self._letter(message, dead_exchange(self._service), note, {"x-cercle-reason": problem.reason})
            return
        GATE.acquire()
        try:
            self.container.spawn_worker(
                self, (self._handler, envelope), {}, handle_result=partial(self._settle, message, envelope)
            )
        except ContainerBeingKilled:
            GATE.release()
            self.queue_consumer.requeue_message(message)

    def _settle(self, message: Any, envelope: Envelope, _context: Any, result: Any, exc_info: Any) -> Any:
        GATE.release()
        if result is None:
            faults.point("after_handle_before_ack")
            self.queue_consumer.ack_message(message)
        else:
            self._failed(message, envelope, str(result))
        return None, exc_info

    def _failed(self, message: Any, envelope: Envelope, reason: str) -> None:
        """Not requeued at once: what failed now fails again in the next millisecond, thousands of times."""
        attempt = attempts_of(message)
        last = attempt >= len(self._ladder)
        exchange = dead_exchange(self._service) if last else retry_name(self._service, self._ladder[attempt])
        headers = {"x-cercle-reason": reason, ATTEMPT: attempt + 1}
        log.warning("event.dead" if last else "event.failed", consumer=f"{self._service}.{self._handler}",
                    type=envelope.type, id=str(envelope.id), tries=attempt + 1, error=reason)  # fmt: skip
        self._letter(message, exchange, message.body, headers)

    def _letter(self, message: Any, exchange: str, body: str | bytes, headers: dict[str, Any]) -> None:
        # Published and confirmed first, acknowledged then: a death in between makes a double, never a loss.
        properties = {
            name: message.properties[name] for name in ("message_id", "type") if name in message.properties
        }
        try:
            self._letters.publish(exchange, self.queue_name, body, application_headers=headers, **properties)
        except LOST:
            self.queue_consumer.requeue_message(message)
        else:
            self.queue_consumer.ack_message(message)


decorate_events: Any = Events.decorator
