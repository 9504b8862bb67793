"""The few statements that need a dialect's own words; both databases give the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement


class utc_day(FunctionElement[date]):  # noqa: N801 written like the functions of SQL
    """SQL: the day in UTC of an instant, whatever the time zone of the database's session."""

    type = Date()
    inherit_cache = True


@compiles(utc_day, "sqlite")
def _day_on_sqlite(element: utc_day, compiler: Any, **more: Any) -> str:
    return f"date({compiler.process(element.clauses, **more)})"


@compiles(utc_day, "postgresql")
def _day_on_postgresql(element: utc_day, compiler: Any, **more: Any) -> str:
    return f"CAST(({compiler.process(element.clauses, **more)}) AT TIME ZONE 'UTC' AS DATE)"


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
