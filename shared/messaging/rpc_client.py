"""The bus over RabbitMQ as a caller sees it: nameko's wire format through one pika connection.

Requests are transient, expire with their deadline, and are mandatory: where no worker of the service has a
queue, the broker gives the request back at once. A request that waits longer than a second is watched with
mandatory pings, so that the death of its worker is noticed too.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from pika import BasicProperties
from pika.channel import Channel

from shared.actor import VISITOR, Actor, Signer
from shared.clock import Clock, SystemClock
from shared.errors import CercleError, Deadline, Unavailable, error_from_dict
from shared.ids import new_id
from shared.messaging.bus import Request
from shared.messaging.envelope import Envelope
from shared.messaging.event_stream import EventStream
from shared.messaging.link import Link, user_of
from shared.messaging.topology import PING, RPC_EXCHANGE
from shared.observability import span

RETRY_AFTER = 5
WATCH_EVERY, WATCH_FROM = 0.5, 1.0
PROBE = "probe:"


@dataclass(frozen=True, slots=True)
class _Waiting:
    service: str
    future: Future[dict[str, Any]] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


class _Replies:
    """The channel of requests and answers: who waits for which correlation id."""

    def __init__(self, user: str) -> None:
        self.reply_to = f"reply-{user}-{new_id()}"
        self._waiting: dict[str, _Waiting] = {}
        self._lock = threading.Lock()
        self._channel: Channel | None = None
        self.link: Link | None = None

    def expect(self, key: str, service: str) -> Future[dict[str, Any]]:
        """A future for the answer to `key`."""
        waiting = _Waiting(service)
        with self._lock:
            self._waiting[key] = waiting
        return waiting.future

    def forget(self, key: str) -> None:
        """Nobody waits for `key` any more."""
        with self._lock:
            self._waiting.pop(key, None)

    def send(self, route: str, body: bytes, key: str, seconds: float) -> None:
        """Publish a request. On the link's thread only."""
        if self._channel is None:
            self._fail([key])
            return
        properties = BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            reply_to=self.reply_to,
            correlation_id=key,
            expiration=str(max(1, round(seconds * 1000))),
            delivery_mode=1,
            headers={"deadline": round((time.time() + seconds) * 1000)},
        )
        self._channel.basic_publish(RPC_EXCHANGE, route, body, properties, mandatory=True)

    def opened(self, channel: Channel, ready: Callable[[], None]) -> None:
        """See Part."""
        self._channel = channel
        channel.add_on_return_callback(self._returned)

        def bound(_frame: Any) -> None:
            channel.basic_consume(
                self.reply_to, self._answered, auto_ack=True, callback=lambda _frame: ready()
            )
            self._watch()

        def declared(_frame: Any) -> None:
            channel.queue_bind(self.reply_to, RPC_EXCHANGE, self.reply_to, callback=bound)

        channel.queue_declare(self.reply_to, exclusive=True, auto_delete=True, callback=declared)

    def closed(self) -> None:
        """See Part: an answer can no longer come."""
        self._channel = None
        self._fail(list(self._waiting))

    def _answered(self, _channel: Channel, _method: Any, properties: BasicProperties, body: bytes) -> None:
        with self._lock:
            waiting = self._waiting.get(properties.correlation_id or "")
        if waiting is not None and not waiting.future.done():
            waiting.future.set_result(_result_of(body))

    def _returned(self, _channel: Channel, _method: Any, properties: BasicProperties, _body: bytes) -> None:
        key = properties.correlation_id or ""
        self._fail(self._of_service(key.removeprefix(PROBE)) if key.startswith(PROBE) else [key])

    def _of_service(self, service: str) -> list[str]:
        with self._lock:
            return [key for key, waiting in self._waiting.items() if waiting.service == service]

    def _fail(self, keys: list[str]) -> None:
        for key in keys:
            with self._lock:
                waiting = self._waiting.get(key)
            if waiting is not None and not waiting.future.done():
                waiting.future.set_exception(Unavailable(retry_after=RETRY_AFTER, service=waiting.service))

    def _watch(self) -> None:
        """A worker that died with a request took its queue with it: a mandatory ping tells."""
        old = time.monotonic() - WATCH_FROM
        with self._lock:
            services = {waiting.service for waiting in self._waiting.values() if waiting.since < old}
        for service in services:
            self.send(
                f"{service}.{PING}", b'{"args":[],"kwargs":{"request":{}}}', PROBE + service, WATCH_EVERY
            )
        if self.link is not None:
            self.link.later(WATCH_EVERY, self._watch)


class RpcBus:
    """See Bus. One I/O thread, any number of calling threads. `url` names the broker's user of this process."""

    def __init__(
        self, url: str, signer: Signer, *, timeout: float = 10.0, clock: Clock | None = None
    ) -> None:
        user = user_of(url)
        self._signer = signer
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._replies = _Replies(user)
        self._stream = EventStream(user)
        self._link = self._replies.link = Link(url, f"rpc-{user}", (self._replies, self._stream))
        self._link.start()

    def wait_ready(self, seconds: float) -> bool:
        """Wait for the broker, at a start; False when it does not come."""
        return self._link.wait_ready(seconds)

    @property
    def is_ready(self) -> bool:
        """True while the broker is reachable."""
        return self._link.is_ready

    def call(
        self,
        service: str,
        method: str,
        payload: dict[str, Any] | None = None,
        *,
        actor: Actor = VISITOR,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """See Bus.call.

        Unavailable says that no answer can come any more; a worker that died at work may have done it, so a
        write is repeated with its Idempotency-Key.
        """
        seconds, now = timeout or self._timeout, self._clock.now()
        correlation = structlog.contextvars.get_contextvars().get("correlation_id")
        token = self._signer.sign(actor, service, now)
        request = Request(token, payload or {}, now.timestamp() + seconds, idempotency_key, correlation)
        body = json.dumps({"args": [], "kwargs": {"request": request.to_dict()}}).encode()
        with span("rpc", service=service, method=method):
            return _unwrap(self._exchange(service, method, body, seconds))

    def _exchange(self, service: str, method: str, body: bytes, seconds: float) -> dict[str, Any]:
        key = str(new_id())
        future = self._replies.expect(key, service)
        try:
            if not self._link.run(partial(self._replies.send, f"{service}.{method}", body, key, seconds)):
                raise Unavailable(retry_after=RETRY_AFTER, service=service)
            return future.result(seconds)
        except FutureTimeout:
            raise Deadline(retry_after=RETRY_AFTER) from None
        finally:
            self._replies.forget(key)

    def ping(self, service: str, timeout: float = 2.0) -> dict[str, Any]:
        """What the host of a service says of itself. Raises Unavailable or Deadline."""
        body = b'{"args":[],"kwargs":{"request":{}}}'
        answer: dict[str, Any] = _unwrap(self._exchange(service, PING, body, timeout))
        return answer

    def listen(self, event_type: str, callback: Callable[[Envelope], None]) -> Callable[[], None]:
        """See Bus.listen."""
        return self._stream.listen(self._link, event_type, callback)

    def close(self) -> None:
        """See Bus.close."""
        self._link.close()


def _result_of(body: bytes) -> dict[str, Any]:
    answer = json.loads(body)
    result = answer.get("result")
    return result if isinstance(result, dict) else {"problem": CercleError().to_dict()}


def _unwrap(reply: dict[str, Any]) -> Any:
    if "problem" in reply:
        raise error_from_dict(reply["problem"])
    return reply["ok"]
