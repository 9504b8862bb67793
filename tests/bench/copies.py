"""Copies of the product's databases, for the floor: same rows, same indexes, same server."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Table

from services.registry import build_service
from shared.actor import GATEWAY, KeyFolder
from shared.config import SERVICES, Settings
from shared.testing.backends import Postgres


def copy_sqlite(source: Path, target: Path) -> str:
    """Copy the files of `source`/db to `target`/db; the new address template."""
    (target / "db").mkdir(parents=True, exist_ok=True)
    for name in SERVICES:
        before = sqlite3.connect(source / "db" / f"{name}.sqlite")
        after = sqlite3.connect(target / "db" / f"{name}.sqlite")
        before.backup(after)
        before.close()
        after.close()
    return f"sqlite:///{target}/db/{{service}}.sqlite"


def copy_postgres(server: Postgres, folder: Path) -> str:
    """Copy each database `cercle_<service>` to `floor_<service>`, migrated and then filled; the new template."""
    password = "floor"
    for name in SERVICES:
        server.create_database("floor", password, f"floor_{name}")
    template = server.url("floor", password, "floor_SERVICE").replace("SERVICE", "{service}")
    for name in SERVICES:
        tables = _migrated(name, folder, template)
        _fill(server, name, tables)
    return template.replace("postgresql:", "postgresql+psycopg:", 1)


def _migrated(name: str, folder: Path, template: str) -> Sequence[Table]:
    url = template.replace("postgresql:", "postgresql+psycopg:", 1)
    settings = Settings(_env_file=None, var=folder, database_url=url)  # type: ignore[call-arg]
    KeyFolder(settings.keys_folder).ensure(GATEWAY, *SERVICES)
    service = build_service(name, settings)
    service.migrate()
    service.close()
    return service.tables.outbox.metadata.sorted_tables


def _fill(server: Postgres, name: str, tables: Sequence[Table]) -> None:
    addresses = [server.url(server.user, server.password, f"{kind}_{name}") for kind in ("cercle", "floor")]
    with psycopg.connect(addresses[0]) as source, psycopg.connect(addresses[1]) as target:
        every = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
        target.execute(sql.SQL("TRUNCATE {} CASCADE").format(every))
        for table in tables:
            _copy(source, target, table)
        target.commit()
        target.autocommit = True
        target.execute("ANALYZE")


def _copy(source: psycopg.Connection, target: psycopg.Connection, table: Table) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    place = sql.SQL("{} ({})").format(sql.Identifier(table.name), columns)
    out, into = sql.SQL("COPY {} TO STDOUT").format(place), sql.SQL("COPY {} FROM STDIN").format(place)
    with source.cursor().copy(out) as reading, target.cursor().copy(into) as writing:
        for block in reading:
            writing.write(block)
