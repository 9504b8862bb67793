"""The in-process bus: the same JSON, outbox and inbox as with a broker, so the same promise.

A pump thread delivers outbox rows. A row counts as delivered only when every subscribed handler has committed
(or has failed so often that its letter is dead); a crash in between repeats the row, and the inbox absorbs
what was done.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import insert

from shared.actor import VISITOR, Actor, Signer
from shared.clock import Clock, SystemClock
from shared.errors import CercleError, Deadline, Unavailable, error_from_dict
from shared.ids import new_id
from shared.messaging.bus import Request
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service
from shared.observability import OUTBOX_PENDING, span

log = structlog.get_logger()
BACKOFF = tuple(timedelta(seconds=s) for s in (0.2, 2, 5, 60, 600))
MAX_ATTEMPTS = len(BACKOFF) + 1
JOB_TICK = 15.0
SWEEP = 0.5
WORKERS = 48


class EmbeddedBus:
    """Holds the services of one process. `start` runs the pump and the jobs; tests may call `drain` instead."""

    def __init__(
        self,
        services: Iterable[Service],
        signer: Signer,
        *,
        timeout: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        self.services = {service.name: service for service in services}
        self._signer = signer
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._down: set[str] = set()
        self._failures: dict[tuple[object, str], int] = defaultdict(int)
        self._listeners: dict[str, list[Callable[[Envelope], None]]] = defaultdict(list)
        self._handlers = _subscriptions(self.services.values())
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="service")
        self._wake = threading.Event()
        self._fresh: set[str] = set()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        for service in self.services.values():
            service.bus = ServiceBus(self, service)
            service.db.on_commit = partial(self._committed, service.name)

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
        """See Bus.call."""
        return self.call_as(self._signer, service, method, payload or {}, actor, idempotency_key, timeout)

    def call_as(
        self,
        signer: Signer,
        service: str,
        method: str,
        payload: dict[str, Any],
        actor: Actor,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """A call signed by `signer`; everything passes through JSON, as on a wire."""
        target = self.services.get(service)
        if target is None or service in self._down or self._stop.is_set():
            raise Unavailable(retry_after=5, service=service)
        seconds, now = timeout or self._timeout, self._clock.now()
        context = structlog.contextvars.get_contextvars()
        request = Request(
            signer.sign(actor, service, now), payload, now.timestamp() + seconds, idempotency_key,
            context.get("correlation_id"),
        )  # fmt: skip
        message = json.loads(json.dumps(request.to_dict()))
        with span("rpc", service=service, method=method):
            future = self._pool.submit(target.answer, method, message)
            return _unwrap(json.loads(json.dumps(self._wait(future, seconds))))

    @staticmethod
    def _wait(future: Future[dict[str, Any]], seconds: float) -> dict[str, Any]:
        try:
            return future.result(seconds)
        except FutureTimeout:
            future.cancel()
            raise Deadline(retry_after=5) from None

    def listen(self, event_type: str, callback: Callable[[Envelope], None]) -> Callable[[], None]:
        """See Bus.listen."""
        self._listeners[event_type].append(callback)
        return lambda: self._listeners[event_type].remove(callback)

    def take_down(self, service: str) -> None:
        """Behave as if the service's process were gone."""
        self._down.add(service)

    def bring_up(self, service: str) -> None:
        """End `take_down`."""
        self._down.discard(service)
        self._wake.set()

    def start(self) -> None:
        """Run the pump and the jobs in threads."""
        for target in (self._pump, self._tick):
            thread = threading.Thread(target=target, name=f"cercle-{target.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _committed(self, name: str, _events: object) -> None:
        self._fresh.add(name)
        self._wake.set()

    def drain(self, rounds: int = 100) -> None:
        """Deliver until no event is due, in the caller's thread."""
        for _ in range(rounds):
            if not self._deliver_all():
                return

    def close(self) -> None:
        """Stop threads, let running calls end, close the databases."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._pool.shutdown(wait=True, cancel_futures=True)
        for service in self.services.values():
            service.close()

    def _pump(self) -> None:
        # A commit names its service, so that only its outbox is read; a regular sweep finds retries and what a
        # crash left behind.
        while not self._stop.is_set():
            called = self._wake.wait(timeout=SWEEP)
            self._wake.clear()
            try:
                names = self._take_fresh() if called else None
                while self._deliver_all(names) and not self._stop.is_set():
                    if names is not None:
                        names |= self._take_fresh()
            except Exception:
                log.exception("pump.failed")
                self._stop.wait(1)

    def _take_fresh(self) -> set[str]:
        fresh, self._fresh = self._fresh, set()
        return fresh

    def _tick(self) -> None:
        while not self._stop.wait(JOB_TICK):
            for service in self.services.values():
                service.run_due_jobs()
                OUTBOX_PENDING.labels(service.name).set(service.outbox.pending())

    def _deliver_all(self, names: set[str] | None = None) -> int:
        delivered = 0
        for service in self.services.values():
            if service.name in self._down or (names is not None and service.name not in names):
                continue
            claimed = service.outbox.claim()
            delivered += len(claimed)
            done = [envelope.id for envelope in claimed if self._deliver(service, envelope)]
            service.outbox.done(done)
        return delivered

    def _deliver(self, source: Service, envelope: Envelope) -> bool:
        envelope = Envelope.from_dict(json.loads(json.dumps(envelope.to_dict())))
        results = [
            self._hand_over(target, method, envelope) for target, method in self._handlers[envelope.type]
        ]
        delays = [delay for delay in results if delay is not None]
        if delays:
            source.outbox.release([envelope.id], min(delays))
            return False
        for callback in list(self._listeners[envelope.type]):
            callback(envelope)
        return True

    def _hand_over(self, target: Service, method: str, envelope: Envelope) -> timedelta | None:
        """None when this handler is finished with the event; else when to try again."""
        key = (envelope.id, f"{target.name}.{method}")
        if target.name in self._down:
            return BACKOFF[1]
        try:
            target.handle(method, envelope)
        except Exception as error:  # noqa: BLE001 an edge: whatever a handler raises is counted, logged and buried
            self._failures[key] += 1
            tries = self._failures[key]
            log.warning("event.failed", consumer=key[1], type=envelope.type, id=str(envelope.id), tries=tries,
                        error=type(error).__name__)  # fmt: skip
            if tries < MAX_ATTEMPTS:
                return BACKOFF[tries - 1]
            _bury(target, key[1], envelope, error)
        self._failures.pop(key, None)
        return None


class ServiceBus:
    """The bus as one service sees it: calls are signed by the service itself."""

    def __init__(self, bus: EmbeddedBus, service: Service) -> None:
        self._bus = bus
        self._service = service

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
        """See Bus.call."""
        if self._service.signer is None:
            raise CercleError("no-signing-key")
        return self._bus.call_as(
            self._service.signer, service, method, payload or {}, actor, idempotency_key, timeout
        )

    def listen(self, event_type: str, callback: Callable[[Envelope], None]) -> Callable[[], None]:
        """See Bus.listen."""
        return self._bus.listen(event_type, callback)

    def close(self) -> None:
        """Nothing of its own to close."""


def _subscriptions(services: Iterable[Service]) -> dict[str, list[tuple[Service, str]]]:
    handlers: dict[str, list[tuple[Service, str]]] = defaultdict(list)
    for service in services:
        for event_type, method in service.subscriptions():
            handlers[event_type].append((service, method))
    return handlers


def _bury(target: Service, consumer: str, envelope: Envelope, error: Exception) -> None:
    table = target.tables.dead_letters
    with target.db.engine.begin() as connection:
        connection.execute(
            insert(table).values(
                id=new_id(), consumer=consumer, envelope=envelope.to_dict(), reason=type(error).__name__,
                died_at=target.clock.now(),
            )
        )  # fmt: skip
    log.error("event.dead", consumer=consumer, type=envelope.type, id=str(envelope.id))


def _unwrap(reply: dict[str, Any]) -> Any:
    if "problem" in reply:
        raise error_from_dict(reply["problem"])
    return reply["ok"]
