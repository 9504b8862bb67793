"""One entrypoint, one transaction: state, outbox and inbox commit together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from shared.actor import Actor
from shared.clock import Clock
from shared.contracts.base import DomainEvent
from shared.db.engine import READ_ONLY
from shared.errors import Deadline
from shared.messaging.envelope import Envelope, envelope_of


class Tx:
    """What a command or query works with: the session, the actor, the moment, and events to publish."""

    def __init__(self, session: Session, actor: Actor, now: datetime, source: str) -> None:
        self.session = session
        self.actor = actor
        self.now = now
        self._source = source
        self.cause: Envelope | None = None
        self.events: list[Envelope] = []

    def publish(self, event: DomainEvent, *, subject: UUID, version: int = 0) -> None:
        """Record an event; it leaves only if the transaction commits.

        `subject` is the aggregate's id, `version` its version after the change (0 where order is indifferent).
        """
        self.events.append(
            envelope_of(
                event, source=self._source, subject=subject, version=version, time=self.now, cause=self.cause
            )
        )

    def add(self, thing: object) -> None:
        """Add a mapped object."""
        self.session.add(thing)


class Database:
    """One service's database.

    `record` writes the events of a transaction into its outbox; `on_commit` is told afterwards that there is
    something to relay.
    """

    def __init__(self, engine: Engine, clock: Clock, source: str) -> None:
        self.engine = engine
        self.clock = clock
        self.source = source
        self.record: Callable[[Session, list[Envelope]], None] = lambda _session, _events: None
        self.on_commit: Callable[[list[Envelope]], None] = lambda _events: None
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        # SQLite's readers see one moment by themselves; PostgreSQL's would see each statement's own.
        snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._reading: dict[str, Any] = {READ_ONLY: True, **snapshot}

    @contextmanager
    def tx(self, actor: Actor, *, deadline: float | None = None) -> Iterator[Tx]:
        """A write transaction: commits once at the end, or nothing.

        deadline: epoch seconds; a transaction that is late at its commit is rolled back.
        Raises Deadline when it is late.
        """
        with self._sessions() as session, session.begin():
            tx = Tx(session, actor, self.clock.now(), self.source)
            yield tx
            session.flush()
            self.record(session, tx.events)
            session.flush()
            if deadline is not None and self.clock.now().timestamp() > deadline:
                raise Deadline
        if tx.events:
            self.on_commit(tx.events)

    @contextmanager
    def read(self, actor: Actor) -> Iterator[Tx]:
        """A read-only transaction over one moment of the database: takes no write lock on SQLite, and never commits."""
        with self._sessions() as session:
            session.connection(execution_options=self._reading)
            tx = Tx(session, actor, self.clock.now(), self.source)
            try:
                yield tx
            finally:
                session.rollback()

    def ping(self) -> None:
        """Raises when the database does not answer."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def rows(tx: Tx, statement: Any) -> list[dict[str, Any]]:
    """The rows of a Core statement as dictionaries, for plain views."""
    return [dict(row) for row in tx.session.execute(statement).mappings()]
