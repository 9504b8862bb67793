"""A Service object as a nameko service: requests, events, periodic jobs, drain."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any

import eventlet
import eventlet.debug
import structlog
from eventlet import tpool
from nameko.runners import ServiceRunner

from shared.errors import Deadline
from shared.ids import new_id
from shared.messaging import faults, offload
from shared.messaging.envelope import Envelope
from shared.messaging.nameko_host.events import decorate_events
from shared.messaging.nameko_host.publisher import HEARTBEAT, Publisher
from shared.messaging.nameko_host.requests import decorate_requests
from shared.messaging.relay import EventPublisher
from shared.messaging.rpc_client import RpcBus
from shared.messaging.service import Service
from shared.messaging.topology import PING, RETRY_SECONDS, alive_declarations, declare, service_declarations

log = structlog.get_logger()
JOB_TICK = 15.0
HANDLERS = 24
LONGEST_REQUEST = 120.0
DRAIN_WITHIN = 30.0


class HandlerTimeout(Exception):
    """A handler took longer than it may."""


class Host:
    """Runs one service until SIGTERM. `url`: the broker's address with the service's own user."""

    def __init__(
        self,
        service: Service,
        url: str,
        *,
        ladder: Sequence[float] = RETRY_SECONDS,
        job_tick: float = JOB_TICK,
    ) -> None:
        self.service = service
        self._url = url
        self._ladder = tuple(ladder)
        self._job_tick = job_tick
        self._instance = str(new_id())
        self._started = time.time()
        self._answers = Publisher(url, confirm=False)
        self._letters = Publisher(url, confirm=True)
        self._direct = None if service.settings.outbox else EventPublisher(url, f"direct-{service.name}")
        self._runner = ServiceRunner(self._config())
        offload.set_runner(tpool.execute)
        self._connect_service()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then finish what was begun. Raises what killed the container."""
        self._runner.add_service(self._nameko_class())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: eventlet.spawn_n(self._drain))
        self._runner.start()
        jobs = eventlet.spawn(self._run_jobs)
        log.info("worker.ready", service=self.service.name, instance=self._instance)
        try:
            self._runner.wait()
        finally:
            jobs.kill()
            self._close()

    def answer(self, method: str, request: dict[str, Any], deadline: float | None) -> dict[str, Any]:
        """The answer to one request, within the caller's time and never longer than two minutes."""
        if method == PING:
            return {"ok": self._state()}
        seconds = LONGEST_REQUEST if deadline is None else min(deadline - time.time(), LONGEST_REQUEST)
        try:
            with eventlet.Timeout(max(seconds, 0.01)):
                return self.service.answer(method, request)
        except eventlet.Timeout:
            log.warning("rpc.timeout", service=self.service.name, method=method)
            return {"problem": Deadline(retry_after=5).to_dict()}

    def handle(self, handler: str, envelope: Envelope) -> str | None:
        """None when the event is done; else the kind of failure."""
        seconds = self.service.entrypoints[handler].timeout
        try:
            with eventlet.Timeout(seconds):
                if not self.service.handle(handler, envelope):
                    log.info("event.repeated", consumer=f"{self.service.name}.{handler}", id=str(envelope.id))
        except eventlet.Timeout:
            return HandlerTimeout.__name__
        except Exception as error:  # noqa: BLE001 the edge: logged once where the letter is written
            return type(error).__name__
        return None

    def _state(self) -> dict[str, Any]:
        self.service.db.ping()
        return {
            "service": self.service.name,
            "instance": self._instance,
            "up": round(time.time() - self._started),
        }

    def _config(self) -> dict[str, Any]:
        name = self.service.name
        things = service_declarations(name, self.service.subscriptions(), self._ladder)

        def declare_all(channel: Any) -> None:
            # A new name each time: the broker may not have noticed yet that the last connection is gone.
            declare(_Amqp(channel), [*things, *alive_declarations(name, str(new_id()))])

        return {
            "AMQP_URI": self._url,
            "HEARTBEAT": HEARTBEAT,
            "max_workers": HANDLERS,
            "declare": declare_all,
        }

    def _nameko_class(self) -> type:
        """A class of nameko's kind, whose methods are this host's."""
        name = self.service.name
        members: dict[str, Any] = {"name": name}

        def answer(
            _self: Any, method: str, request: dict[str, Any], deadline: float | None
        ) -> dict[str, Any]:
            return self.answer(method, request, deadline)

        members["answer"] = decorate_requests(name, self._answers, self._letters)(answer)
        for subscription in self.service.subscriptions():
            members[f"on_{subscription[1]}"] = self._event_method(subscription)
        return type(f"{name.capitalize()}Host", (), members)

    def _event_method(self, subscription: tuple[str, str]) -> Any:
        def handle(_self: Any, handler: str, envelope: Envelope) -> str | None:
            return self.handle(handler, envelope)

        return decorate_events(self.service.name, subscription, self._letters, self._ladder)(handle)

    def _connect_service(self) -> None:
        service = self.service
        if service.signer is not None:
            service.bus = RpcBus(
                self._url, service.signer, timeout=service.settings.rpc_timeout, clock=service.clock
            )
        service.db.on_commit = self._after_commit
        if self._direct is not None:
            service.db.record = lambda _session, _events: None

    def _after_commit(self, events: list[Envelope]) -> None:
        """Nothing to do where the outbox holds the events; the chaos suite's control publishes them here."""
        faults.point("after_commit_before_publish")
        if self._direct is not None:
            self._direct.publish(events)

    def _run_jobs(self) -> None:
        while True:
            eventlet.sleep(self._job_tick)
            try:
                self.service.run_due_jobs()
            except Exception:
                log.exception("jobs.failed", service=self.service.name)

    def _drain(self) -> None:
        log.info("worker.draining", service=self.service.name)
        eventlet.spawn_after(DRAIN_WITHIN, os._exit, 1)
        self._runner.stop()

    def _close(self) -> None:
        for thing in (self._answers, self._letters, self._direct, self.service.bus, self.service):
            if thing is not None:
                thing.close()


class _Amqp:
    """py-amqp's channel under pika's argument names."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def exchange_declare(self, *, exchange: str, exchange_type: str, durable: bool) -> None:
        self._channel.exchange_declare(exchange, exchange_type, durable=durable, auto_delete=False)

    def queue_declare(self, *, queue: str, arguments: dict[str, Any], **flags: bool) -> None:
        self._channel.queue_declare(queue, arguments=arguments, **flags)

    def queue_bind(self, *, queue: str, exchange: str, routing_key: str) -> None:
        self._channel.queue_bind(queue, exchange, routing_key)


def run_service(service: Service, url: str, **options: Any) -> None:
    """Host a service in this (patched) process until it is told to stop."""
    eventlet.debug.hub_exceptions(False)
    Host(service, url, **options).run()
