"""The few statements that need a dialect's own words; both databases give the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_new(session: Session, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its key exists; True when it was inserted.

    RETURNING tells, not rowcount, which the PostgreSQL driver gives as -1 here.
    """
    statement = _insert(session, table).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(next(iter(table.primary_key)))).first() is not None


def upsert(session: Session, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row, or replace the other columns of the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    changes = {name: value for name, value in values.items() if name not in keys}
    statement = _insert(session, table).values(**values)
    session.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changes)
        if changes
        else statement.on_conflict_do_nothing()
    )


def _insert(session: Session, table: Table) -> Any:
    name = session.get_bind().dialect.name
    return postgresql.insert(table) if name == "postgresql" else sqlite.insert(table)
