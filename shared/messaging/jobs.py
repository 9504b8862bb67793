"""Periodic work with a lease: one replica at a time, none twice in an interval."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.db.dialect import insert_new
from shared.db.tx import Database
from shared.messaging.tables import MessagingTables


class Jobs:
    """The jobs table of one service."""

    DAILY: ClassVar[timedelta] = timedelta(days=1)

    def __init__(self, db: Database, tables: MessagingTables) -> None:
        self._db = db
        self._table = tables.jobs

    def claim(self, name: str, interval: timedelta) -> bool:
        """True for the one caller who may run `name` now; its next turn is after `interval`."""
        now, table = self._db.clock.now(), self._table
        with self._db.engine.begin() as connection:
            due = (table.c.name == name) & (table.c.due_at <= now)
            taken = connection.execute(
                update(table).where(due).values(due_at=now + interval).returning(table.c.name)
            ).first()
        if taken is not None:
            return True
        return self._first(name, interval)

    def _first(self, name: str, interval: timedelta) -> bool:
        now = self._db.clock.now()
        with Session(self._db.engine) as session, session.begin():
            return insert_new(session, self._table, {"name": name, "due_at": now + interval})
