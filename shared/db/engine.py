"""Engines whose transactions mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url

READ_ONLY = "cercle_read_only"
WAIT_SECONDS = 10.0
_TURN = "cercle_turn"


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
    # Writers of this process queue before they ask SQLite, which lets them poll and serves the luckiest first.
    # Another process is not in this queue: its turn is SQLite's own lock, taken after this one.
    turn = threading.Lock()
    event.listen(engine, "begin", _begin_sqlite(turn))
    event.listen(engine, "checkin", _end_turn(turn))
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


def _begin_sqlite(turn: threading.Lock) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(READ_ONLY, False):
            connection.exec_driver_sql("BEGIN")
            return
        # After the wait, SQLite decides: it says "database is locked" as it would have without a queue.
        connection.info[_TURN] = turn.acquire(timeout=WAIT_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return begin


def _end_turn(turn: threading.Lock) -> Callable[[Any, Any], None]:
    def checkin(_connection: Any, record: Any) -> None:
        if record.info.pop(_TURN, False):
            turn.release()

    return checkin
