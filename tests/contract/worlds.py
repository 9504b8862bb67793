"""The same two toy services in both modes, behind one small interface."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pytest
from sqlalchemy import select

from gateway.supervisor import DistributedStack, Plan, Servers
from shared.actor import GATEWAY, Actor, KeyFolder
from shared.clock import SystemClock
from shared.config import Settings
from shared.ids import new_id
from shared.messaging import embedded
from shared.messaging.bus import Bus
from shared.messaging.dead import BrokerDeadLetters, DeadLetters, TableDeadLetters
from shared.messaging.embedded import EmbeddedBus
from shared.messaging.service import Service
from tests.contract.toy_worker import LADDER
from tests.contract.toys import NAMES, build_toy

ASKS = {"beta": ("alpha.echo",)}
TIMEOUT = 5.0


class World(Protocol):
    """Both modes as the tests see them. `keys`: to sign what nobody should be able to sign."""

    @property
    def bus(self) -> Bus: ...

    @property
    def keys(self) -> KeyFolder: ...

    def take_down(self, name: str) -> None: ...

    def bring_up(self, name: str) -> None: ...

    def repeat_event(self, message_id: UUID) -> None: ...

    def dead_letters(self, name: str) -> DeadLetters: ...

    def raw(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]: ...


def person(*roles: str) -> Actor:
    return Actor(new_id(), frozenset(roles or ("learner",)))


def settings_in(folder: Path) -> Settings:
    return Settings(_env_file=None, var=folder, rpc_timeout=TIMEOUT)  # type: ignore[call-arg]


def eventually(found: Callable[[], Any], wanted: Any, seconds: float = 15.0) -> Any:
    """What `found` gives, as soon as it is `wanted`, at the latest after `seconds`."""
    end = time.monotonic() + seconds
    while (value := found()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return value


def _publish_again(service: Service, message_id: UUID) -> None:
    service.outbox._set([message_id], published_at=None, not_before=SystemClock().now() - timedelta(hours=1))


class EmbeddedWorld:
    def __init__(self, folder: Path) -> None:
        settings = settings_in(folder)
        self.keys = KeyFolder(settings.keys_folder)
        self.keys.ensure(GATEWAY, *NAMES)
        services = [build_toy(name, settings) for name in NAMES]
        for service in services:
            service.migrate()
        self.bus = EmbeddedBus(services, self.keys.signer(GATEWAY), timeout=TIMEOUT)
        self.bus.start()

    def take_down(self, name: str) -> None:
        self.bus.take_down(name)

    def bring_up(self, name: str) -> None:
        self.bus.bring_up(name)

    def repeat_event(self, message_id: UUID) -> None:
        _publish_again(self.bus.services["alpha"], message_id)

    def dead_letters(self, name: str) -> DeadLetters:
        return TableDeadLetters(self.bus.services[name])

    def raw(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.bus.services[service].answer(method, request)

    def close(self) -> None:
        self.bus.close()


class DistributedWorld:
    def __init__(self, stack: DistributedStack) -> None:
        self.stack = stack
        self.bus = stack.bus
        self.keys = KeyFolder(stack.settings.keys_folder)
        self._alpha = build_toy(
            "alpha", stack.settings.model_copy(update={"database_url": stack.urls["database:alpha"]})
        )

    def take_down(self, name: str) -> None:
        self.stack.kill(name)

    def bring_up(self, name: str) -> None:
        self.stack.start(name)
        self.stack.wait_ready(name)

    def repeat_event(self, message_id: UUID) -> None:
        _publish_again(self._alpha, message_id)

    def dead_letters(self, name: str) -> DeadLetters:
        return BrokerDeadLetters(self.stack.urls[f"amqp:{name}"], name)

    def raw(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        import json

        body = json.dumps({"args": [], "kwargs": {"request": request}}).encode()
        return self.stack.bus._exchange(service, method, body, TIMEOUT)

    def event_ids(self) -> list[UUID]:
        with self._alpha.db.engine.connect() as connection:
            return list(
                connection.execute(
                    select(self._alpha.tables.outbox.c.id).order_by(self._alpha.tables.outbox.c.id)
                ).scalars()
            )

    def pending(self) -> int:
        return self._alpha.outbox.pending()

    def close(self) -> None:
        self._alpha.close()


def toy_command(name: str) -> list[str]:
    return [sys.executable, "-m", "tests.contract.toy_worker", name]


def toy_plan(env: Mapping[str, Mapping[str, str]] | None = None) -> Plan:
    return Plan(services=NAMES, command=toy_command, asks=ASKS, env=env or {}, gateway=False, restart=False)


@contextmanager
def distributed_world(folder: Path, servers: Servers) -> Iterator[DistributedWorld]:
    with DistributedStack(settings_in(folder), toy_plan(), servers=servers) as stack:
        world = DistributedWorld(stack)
        try:
            yield world
        finally:
            world.close()


@contextmanager
def embedded_world(folder: Path) -> Iterator[EmbeddedWorld]:
    with pytest.MonkeyPatch.context() as patch:
        waits = tuple(timedelta(seconds=seconds) for seconds in LADDER)
        patch.setattr(embedded, "BACKOFF", waits)
        patch.setattr(embedded, "MAX_ATTEMPTS", len(waits) + 1)
        patch.setattr(embedded, "JOB_TICK", 0.25)
        world = EmbeddedWorld(folder)
        try:
            yield world
        finally:
            world.close()


def new_vhost() -> str:
    return f"test-{secrets.token_hex(4)}"
