"""Engines whose transactions mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url

READ_ONLY = "cercle_read_only"


def make_engine(url: str, *, pool_size: int = 20) -> Engine:
    """An engine for `url`. Errors, which are logged, show no values. Effect: makes the folder of a SQLite file."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    engine = create_engine(
        url, hide_parameters=True, pool_size=pool_size, max_overflow=30, pool_pre_ping=True, pool_timeout=10
    )
    event.listen(engine, "handle_error", _keep_first_line)
    return engine


def _keep_first_line(context: ExceptionContext) -> None:
    """PostgreSQL's DETAIL quotes the row that it refused, and the first line does not."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)


def _sqlite(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    options = {"check_same_thread": False}
    engine = create_engine(url, hide_parameters=True, pool_size=20, max_overflow=40, connect_args=options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is off: it would start a deferred transaction, whose later upgrade to a
    # writer fails with "database is locked" under load.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may lose the last acknowledged commits at a power cut
        "foreign_keys=ON",
        "busy_timeout=10000",
        "secure_delete=ON",  # a deleted draft of an anonymous answer must not stay in free pages
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
