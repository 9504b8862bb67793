"""The base of the five services: verifies, binds the log context, opens transactions, maps errors.

Buses and hosts call `answer` for a request and `handle` for an event; nothing else. So both modes run the
same code from the wire format inwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from shared.actor import Signer, Verifier, system_actor
from shared.clock import Clock
from shared.config import Settings
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from shared.db.tx import Database, Tx
from shared.errors import CercleError, Deadline
from shared.messaging.bus import Bus, Call, Request
from shared.messaging.entrypoints import Entrypoint, entrypoints_of
from shared.messaging.envelope import Envelope
from shared.messaging.inbox import Inbox
from shared.messaging.jobs import Jobs
from shared.messaging.outbox import Outbox
from shared.messaging.tables import MessagingTables
from shared.observability import EVENTS_HANDLED, RPC_SECONDS
from shared.storage import Storage

log = structlog.get_logger()
ATTEMPTS = 3


class Service:
    """A service is one class; its subclass names itself and tags its methods.

    `bus` is for the rare read of another service, signed as the service itself.
    """

    name: ClassVar[str]
    tables: ClassVar[MessagingTables]
    folder: ClassVar[Path]
    """Folder of the service's package; its `migrations` are inside."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        storage: Storage,
        verifier: Verifier,
        signer: Signer | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.storage = storage
        self.signer = signer
        self.bus: Bus | None = None
        self._verifier = verifier
        self.db = Database(make_engine(settings.database_url_of(self.name)), clock, self.name)
        self.outbox = Outbox(self.db, self.tables)
        self.inbox = Inbox(self.tables)
        self.jobs = Jobs(self.db, self.tables)
        self.db.record = self.outbox.record
        self.entrypoints: dict[str, Entrypoint] = dict(entrypoints_of(type(self)))
        self.setup()

    def setup(self) -> None:
        """For subclasses: build what they need once."""

    def migrate(self) -> None:
        """Bring the database to the newest version."""
        upgrade(self.db.engine, self.folder / "migrations")

    def tx(self, call: Call) -> AbstractContextManager[Tx]:
        """A write transaction for an @rpc method, late work rolled back."""
        return self.db.tx(call.actor, deadline=call.deadline)

    def read(self, call: Call) -> AbstractContextManager[Tx]:
        """A read-only transaction for an @rpc method."""
        return self.db.read(call.actor)

    def subscriptions(self) -> list[tuple[str, str]]:
        """(event type, method name) of every @on_event."""
        return [(tag.event_type, name) for name, tag in self.entrypoints.items() if tag.kind == "event"]

    def answer(self, method: str, message: dict[str, Any]) -> dict[str, Any]:
        """`{"ok": result}` or `{"problem": {...}}` for one request off the wire; never raises.

        A bug becomes problem `internal`, logged once here with its trace and without its payload.
        """
        started = time.perf_counter()
        try:
            request = Request.from_dict(message)
            structlog.contextvars.bind_contextvars(correlation_id=request.correlation_id, service=self.name)
            return {"ok": self.shown(self._call(method, request))}
        except CercleError as error:
            return {"problem": error.to_dict()}
        except Exception:
            log.exception("rpc.failed", service=self.name, method=method)
            return {"problem": CercleError().to_dict()}
        finally:
            structlog.contextvars.unbind_contextvars("correlation_id", "service")
            RPC_SECONDS.labels(self.name, method).observe(time.perf_counter() - started)

    def shown(self, result: Any) -> Any:
        """For subclasses: what a result looks like where it leaves the service."""
        return result

    def handle(self, method: str, envelope: Envelope) -> bool:
        """Run one event handler once; False when it had run before. Raises what the handler raises."""
        consumer = f"{self.name}.{method}"
        actor = system_actor(self.name)

        def run() -> bool:
            with self.db.tx(actor) as tx:
                if self.settings.inbox and not self.inbox.once(tx, consumer, envelope):
                    return False
                tx.cause = envelope
                getattr(self, method)(tx, envelope)
                return True

        with structlog.contextvars.bound_contextvars(
            correlation_id=envelope.correlation_id, service=self.name
        ):
            fresh = bool(_retrying(run))
        EVENTS_HANDLED.labels(consumer, "handled" if fresh else "repeated").inc()
        return fresh

    def run_due_jobs(self) -> None:
        """Run the periodic jobs that are due and not leased by another replica. Errors are logged."""
        for name, tag in self.entrypoints.items():
            if tag.kind == "job" and self.jobs.claim(f"{self.name}.{name}", tag.interval):
                try:
                    getattr(self, name)()
                except Exception:
                    log.exception("job.failed", service=self.name, job=name)
        if self.jobs.claim(f"{self.name}.prune", Jobs.DAILY):
            self.outbox.prune()
            with self.db.tx(system_actor(self.name)) as tx:
                self.inbox.prune(tx)

    def close(self) -> None:
        """Close the database."""
        self.db.dispose()

    def _call(self, method: str, request: Request) -> Any:
        tag = self.entrypoints.get(method)
        if tag is None or tag.kind not in ("command", "query", "rpc"):
            raise CercleError("unknown-method")
        now = self.clock.now()
        if now.timestamp() > request.deadline:
            raise Deadline
        actor = self._verifier.verify(request.token, now)
        call = Call(actor, request.payload, request.idempotency_key, request.deadline, request.correlation_id)
        function = getattr(self, method)
        if tag.kind == "rpc":
            return function(call)
        if tag.kind == "query":
            with self.db.read(actor) as tx:
                return function(tx, call)
        return _retrying(lambda: self._command(method, tag, function, call))

    def _command(self, method: str, tag: Entrypoint, function: Callable[..., Any], call: Call) -> Any:
        with self.db.tx(call.actor, deadline=call.deadline) as tx:
            if not tag.remember:
                return function(tx, call)
            return self.once(tx, call, method, lambda: function(tx, call))

    def once(self, tx: Tx, call: Call, name: str, run: Callable[[], Any]) -> Any:
        """Run inside a transaction that also remembers the answer under the caller's key, if there is one.

        For @rpc methods; @command methods are called through it.
        """
        key = call.idempotency_key
        if key is None:
            return run()
        if before := self.inbox.begin(tx, name, key, call.payload):
            return before.result
        result = run()
        self.inbox.finish(tx, name, key, result)
        return result

    def ask(self, service: str, method: str, payload: dict[str, Any]) -> Any:
        """A rare read of another service, as this service. Raises Unavailable when there is no bus."""
        if self.bus is None:
            raise CercleError("no-bus")
        return self.bus.call(service, method, payload, actor=system_actor(self.name))


def _retrying(run: Callable[[], Any]) -> Any:
    """Run again when another transaction won a race; the whole command, so that it sees the new state."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return run()
        except (IntegrityError, OperationalError) as error:
            if attempt == ATTEMPTS or not _is_race(error):
                raise
            time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")


def _is_race(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if state is not None:
        return state in ("23505", "40001", "40P01", "55P03")
    text = str(error.orig)
    return "UNIQUE constraint" in text or "locked" in text
