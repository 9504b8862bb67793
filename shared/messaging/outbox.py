"""Events are rows of the business transaction until a relay has delivered them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from shared.db.tx import Database
from shared.messaging.envelope import Envelope
from shared.messaging.tables import MessagingTables

LEASE = timedelta(seconds=30)
KEEP_PUBLISHED = timedelta(hours=24)
CHANNEL = "cercle_outbox"


class Outbox:
    """One service's outbox."""

    def __init__(self, db: Database, tables: MessagingTables) -> None:
        self._db = db
        self._table = tables.outbox

    def record(self, session: Session, events: Sequence[Envelope]) -> None:
        """Write events in the caller's transaction; on PostgreSQL, wake the relay at its commit."""
        if not events:
            return
        session.execute(
            insert(self._table),
            [
                {"id": e.id, "type": e.type, "envelope": e.to_dict(), "created_at": e.time, "not_before": e.time,
                 "attempts": 0}
                for e in events
            ],
        )  # fmt: skip
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"NOTIFY {CHANNEL}"))

    def claim(self, limit: int = 100) -> list[Envelope]:
        """Take up to `limit` due events for 30 s; another relay skips them meanwhile.

        A "last id" cursor would lose events: transactions do not commit in the order of their ids.
        """
        now, table = self._db.clock.now(), self._table
        due = (
            select(table.c.id)
            .where(table.c.published_at.is_(None), table.c.not_before <= now)
            .order_by(table.c.not_before, table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        take = (
            update(table)
            .where(table.c.id.in_(due))
            .values(not_before=now + LEASE, attempts=table.c.attempts + 1)
            .returning(table.c.envelope)
        )
        with self._db.engine.begin() as connection:
            found = [Envelope.from_dict(row.envelope) for row in connection.execute(take)]
        return sorted(found, key=lambda envelope: envelope.id)

    def pending(self) -> int:
        """How many events wait, for the metric and the tests."""
        with self._db.engine.connect() as connection:
            count = select(func.count()).select_from(self._table).where(self._table.c.published_at.is_(None))
            return int(connection.execute(count).scalar_one())

    def done(self, ids: Sequence[UUID]) -> None:
        """Mark events as delivered."""
        self._set(ids, published_at=self._db.clock.now())

    def release(self, ids: Sequence[UUID], after: timedelta) -> None:
        """Give claimed events back, due again after `after`."""
        self._set(ids, not_before=self._db.clock.now() + after)

    def prune(self) -> None:
        """Delete delivered events after a day."""
        old = self._table.c.published_at < self._db.clock.now() - KEEP_PUBLISHED
        with self._db.engine.begin() as connection:
            connection.execute(delete(self._table).where(old))

    def _set(self, ids: Sequence[UUID], **values: object) -> None:
        if ids:
            with self._db.engine.begin() as connection:
                connection.execute(update(self._table).where(self._table.c.id.in_(ids)).values(**values))
