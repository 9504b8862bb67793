"""Services in this process on temporary SQLite files, driven through the bus as the gateway would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from shared.actor import GATEWAY, VISITOR, Actor, KeyFolder
from shared.clock import FrozenClock
from shared.config import SERVICES, Settings
from shared.ids import new_id
from shared.messaging.embedded import EmbeddedBus
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service

_MIGRATED: dict[str, bytes] = {}
"""A migrated and otherwise empty SQLite file of each service, made by the first harness that runs it."""
START = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def spare_the_disk(service: Service) -> None:
    """SQLite need not wait for the disk at every commit, as PostgreSQL in tests does not: nobody cuts the power."""
    if service.db.engine.dialect.name == "sqlite":
        event.listen(service.db.engine, "connect", lambda found, _: found.execute("PRAGMA synchronous=OFF"))


def migrate(service: Service) -> None:
    """Bring a new database to the newest version; a SQLite file is copied after the first time in a process."""
    path = Path(service.db.engine.url.database or "")
    if service.db.engine.dialect.name != "sqlite" or path.exists():
        service.migrate()
    elif service.name in _MIGRATED:
        path.write_bytes(_MIGRATED[service.name])
    else:
        service.migrate()
        service.db.dispose()  # the last connection to leave brings the log into the file
        _MIGRATED[service.name] = path.read_bytes()


class Harness:
    """`call` and `drain`; nothing runs in the background, so a test decides when events arrive.

    names: the services to run; database_url: template with {service} to run them on PostgreSQL instead.
    """

    def __init__(
        self, folder: Path, names: tuple[str, ...] = SERVICES, *, database_url: str = "", **overrides: Any
    ) -> None:
        from services.registry import build_service  # a composition root, like gateway.embedded

        self.clock = FrozenClock(START)
        chosen: dict[str, Any] = {"demo": True, "database_url": database_url, "var": folder, **overrides}
        self.settings = Settings(_env_file=None, **chosen)  # type: ignore[call-arg]
        keys = KeyFolder(self.settings.keys_folder)
        keys.ensure(GATEWAY, *SERVICES)
        self.keys = keys
        services = [build_service(name, self.settings, self.clock) for name in names]
        for service in services:
            spare_the_disk(service)
            migrate(service)
        # The clock stands still, so no deadline passes; only a machine that is very busy takes so long.
        self.bus = EmbeddedBus(services, keys.signer(GATEWAY), timeout=60, clock=self.clock)
        self.services = self.bus.services

    def call(
        self, service: str, method: str, payload: dict[str, Any] | None = None, *, actor: Actor = VISITOR,
        key: str | None = None,
    ) -> Any:  # fmt: skip
        """A call as the gateway makes it."""
        return self.bus.call(service, method, payload, actor=actor, idempotency_key=key)

    def call_as_service(self, caller: str, service: str, method: str, payload: dict[str, Any]) -> Any:
        """A call that `caller` signs as itself."""
        return self.bus.call_as(self.keys.signer(caller), service, method, payload, Actor(system=caller))

    @staticmethod
    def actor(*roles: str, language: str = "fr", province: str | None = "QC") -> Actor:
        """A signed-in person with a new account id."""
        return Actor(new_id(), frozenset(roles or ("learner",)), language, "America/Toronto", province)

    @staticmethod
    def same(actor: Actor, *roles: str) -> Actor:
        """The same person with other roles."""
        return replace(actor, roles=frozenset(roles))

    def drain(self) -> None:
        """Deliver every event that is due, and what follows from them."""
        self.bus.drain()

    def events(self, service: str) -> list[Envelope]:
        """All events a service has recorded, oldest first."""
        table = self.services[service].tables.outbox
        with self.services[service].db.engine.connect() as connection:
            found = connection.execute(table.select().order_by(table.c.id)).mappings()
            return [Envelope.from_dict(row["envelope"]) for row in found]

    def deliver(self, service: str, method: str, envelope: Envelope) -> bool:
        """Hand an event to one handler; False when it had it before."""
        return self.services[service].handle(method, envelope)

    def close(self) -> None:
        """Stop and close."""
        self.bus.close()
