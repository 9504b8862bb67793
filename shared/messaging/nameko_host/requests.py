"""RPC in nameko's wire format: routing key `<service>.<method>`, kwargs {"request": {...}}, answer {"result", "error"}.

A request that cannot be answered is parked as a note without its content and the service lives on; raw nameko
dies of it, again after each restart.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared.messaging.nameko_host.consumer import HardenedQueueConsumer
from shared.messaging.nameko_host.publisher import LOST, Publisher
from shared.messaging.topology import RPC_EXCHANGE, dead_exchange, rpc_queue

log = structlog.get_logger()


class Malformed(Exception):
    """A message that is no request (or no event); `reason` is kebab-case and holds nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Incoming:
    """A well-formed request; `deadline` in epoch seconds."""

    method: str
    request: dict[str, Any]
    reply_to: str
    correlation_id: str | None
    deadline: float | None


def read_request(message: Any, service: str) -> Incoming:
    """The request of a message. Raises Malformed."""
    properties = message.properties
    reply_to = properties.get("reply_to")
    if not reply_to:
        raise Malformed("no-reply-to")
    if message.content_type != "application/json":
        raise Malformed("no-content-type" if not message.content_type else "wrong-content-type")
    request = _request_of(read_json(message))
    deadline = (message.headers or {}).get("deadline")  # epoch milliseconds
    method = message.delivery_info["routing_key"].removeprefix(f"{service}.")
    when = deadline / 1000 if isinstance(deadline, int) else None
    return Incoming(method, request, reply_to, properties.get("correlation_id"), when)


def read_json(message: Any) -> Any:
    """The JSON value of a message. Raises Malformed."""
    try:
        return json.loads(message.body)
    except (ValueError, UnicodeDecodeError, RecursionError):
        raise Malformed("bad-json") from None


def _request_of(body: Any) -> dict[str, Any]:
    arguments = body.get("kwargs") if isinstance(body, dict) else None
    request = arguments.get("request") if isinstance(arguments, dict) else None
    if not isinstance(request, dict):
        raise Malformed("no-request")
    return request


def note_of(message: Any, reason: str) -> dict[str, Any]:
    """What may be kept of an unreadable message: never its content, which could be anybody's words."""
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body or b"")
    return {"reason": reason, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


class Requests(Entrypoint):  # type: ignore[misc] # nameko carries no types
    """All requests of a service come through this one entrypoint; it calls the tagged method with (method, request).

    answers: for replies; letters: for parking.
    """

    queue_consumer = HardenedQueueConsumer()

    def __init__(self, service: str, answers: Publisher, letters: Publisher) -> None:
        self._service = service
        self._answers = answers
        self._letters = letters
        self.queue_name = rpc_queue(service)
        super().__init__()

    def setup(self) -> None:
        """See Extension."""
        self.queue_consumer.register_provider(self)

    def stop(self) -> None:
        """See Extension."""
        self.queue_consumer.unregister_provider(self)

    def handle_message(self, message: Any) -> None:
        """Park, drop or execute one message; never raises, or the whole container would die."""
        try:
            incoming = read_request(message, self._service)
        except Malformed as problem:
            self._park(message, problem.reason)
            return
        if incoming.deadline is not None and time.time() > incoming.deadline:
            log.info("rpc.late", service=self._service, method=incoming.method)
            self.queue_consumer.ack_message(message)
            return
        try:
            self.container.spawn_worker(
                self, (incoming.method, incoming.request, incoming.deadline), {},
                handle_result=partial(self._reply, message, incoming),
            )  # fmt: skip
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def _reply(self, message: Any, incoming: Incoming, _context: Any, result: Any, exc_info: Any) -> Any:
        properties = {"correlation_id": incoming.correlation_id} if incoming.correlation_id else {}
        try:
            self._answers.publish_json(
                RPC_EXCHANGE, incoming.reply_to, {"result": result, "error": None}, **properties
            )
        except LOST:
            log.warning("rpc.answer_lost", service=self._service, method=incoming.method)
        except (TypeError, ValueError):
            exc_info = sys.exc_info()
            log.exception("rpc.answer_not_json", service=self._service, method=incoming.method)
        self.queue_consumer.ack_message(message)
        return result, exc_info

    def _park(self, message: Any, reason: str) -> None:
        log.warning("rpc.parked", service=self._service, reason=reason)
        try:
            self._letters.publish_json(
                dead_exchange(self._service), self.queue_name, note_of(message, reason)
            )
        except LOST:
            self.queue_consumer.requeue_message(message)
        else:
            self.queue_consumer.ack_message(message)


decorate_requests: Any = Requests.decorator
