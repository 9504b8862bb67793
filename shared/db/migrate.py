"""Alembic, one history per service, driven from code so that both modes migrate at start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, text

LOCK = 0x00CE12C1E


def _config(engine: Engine, folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, folder: Path, revision: str = "head") -> None:
    """Bring the database to `revision`. Safe when several processes start together."""
    command.upgrade(_config(engine, folder), revision)


def downgrade(engine: Engine, folder: Path, revision: str = "base") -> None:
    """Take the database back to `revision`."""
    command.downgrade(_config(engine, folder), revision)


def run_migrations(metadata: MetaData) -> None:
    """The body of every service's migrations/env.py."""
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection, _tables_may_move(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            transaction_per_migration=False,
        )
        before = _orphans(connection)
        context.run_migrations()
        if _orphans(connection) > before:
            raise AssertionError("a migration left a row without its parent")


def _orphans(connection: Connection) -> int:
    """Rows without their parent; always 0 on PostgreSQL, which checks them itself."""
    if connection.dialect.name != "sqlite":
        return 0
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall())


@contextmanager
def _tables_may_move(connection: Connection) -> Iterator[None]:
    """SQLite changes a constraint by rebuilding the table: it drops the old one, and its rows' children would follow.

    So the keys rest for the time, as SQLite's own procedure says; the setting cannot change within a transaction.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
