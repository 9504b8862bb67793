"""A private PostgreSQL: one throw-away or kept cluster, with a role and a database per service."""

import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from shared.testing.backends import docker, packages
from shared.testing.backends.local import (
    LOOPBACK,
    BackendFailed,
    BackendMissing,
    free_port,
    instance,
    server_user,
)

ADMIN = "cercle_admin"
IMAGE = "postgres:16"
SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200")
# Safe against the death of a process, not of the machine: right for throw-away data only.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A server that answers, and an administrator's way in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @property
    def admin_url(self) -> str:
        return self.url(self.user, self.password, "postgres")

    def url(self, role: str, password: str, database: str) -> str:
        """A `postgresql://` address; the caller adds a driver to the scheme where it needs one."""
        return f"postgresql://{quote(role, '')}:{quote(password, '')}@{self.host}:{self.port}/{database}"

    def create_database(self, role: str, password: str, database: str) -> str:
        """Make a login role and a database that it owns and no other role may enter; returns the role's address.

        Both may exist already: the password is then set anew and the data stay.
        """
        name, owner = sql.Identifier(database), sql.Identifier(role)
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            if not exists(admin, "pg_roles", "rolname", role):
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(owner))
            admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(owner, sql.Literal(password)))
            if not exists(admin, "pg_database", "datname", database):
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        return self.url(role, password, database)

    def drop_database(self, database: str) -> None:
        """Remove a database and whoever is connected to it; nothing happens where there is none."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def exists(connection: psycopg.Connection, table: str, column: str, value: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    return connection.execute(query, [value]).fetchone() is not None


def given_url() -> str | None:
    return os.environ.get("CERCLE_TEST_POSTGRES_URL")


@contextmanager
def run_postgres(folder: Path | None = None) -> Iterator[Postgres]:
    """A PostgreSQL that answers until the block ends.

    With `folder` the data stay there, are written durably, and the next run finds them again; that always uses
    programs of this machine. Without it the server is throw-away.
    """
    address = given_url()
    if folder is None and address:
        yield from_url(address)
    elif folder is None and docker.answers():
        with in_docker() as server:
            yield server
    else:
        with locally(folder) as server:
            yield server


def from_url(address: str) -> Postgres:
    parts = urlsplit(address)
    return Postgres(
        parts.hostname or LOOPBACK,
        parts.port or 5432,
        unquote(parts.username or ADMIN),
        unquote(parts.password or ""),
    )


@contextmanager
def in_docker() -> Iterator[Postgres]:
    server = Postgres(LOOPBACK, free_port(), ADMIN, secrets.token_urlsafe(18))
    env = {"POSTGRES_USER": server.user, "POSTGRES_PASSWORD": server.password}
    with docker.container(IMAGE, env, {5432: server.port}):
        end = time.monotonic() + 60
        while not answers(server):
            if time.monotonic() > end:
                raise BackendFailed("PostgreSQL in Docker did not answer within 60 s.")
            time.sleep(0.2)
        yield server


def ensure_programs() -> Path:
    """The folder of initdb and postgres; installs the Debian package when there is none."""
    found = find_programs()
    if found is None:
        packages.install("postgresql")
        found = find_programs()
    if found is None:
        raise BackendMissing("The Debian package postgresql brought no initdb.")
    return found


def find_programs() -> Path | None:
    """The newest of /usr/lib/postgresql/*/bin, else initdb's folder on the PATH."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def locally(folder: Path | None) -> Iterator[Postgres]:
    programs = ensure_programs()
    with instance("postgres", server_user("postgres"), folder) as place:
        cluster = place.data / "cluster"
        if not (cluster / "PG_VERSION").exists():
            # A first initdb that was interrupted leaves a folder that only it would refuse.
            shutil.rmtree(cluster, ignore_errors=True)
            secret = place.write("secret", secrets.token_urlsafe(18))
            how = [
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth=scram-sha-256",
                "--no-sync",
                "--no-instructions",
            ]
            place.run([str(programs / "initdb"), "-D", str(cluster), "-U", ADMIN, f"--pwfile={secret}", *how])
        server = Postgres(LOOPBACK, free_port(), ADMIN, (place.data / "secret").read_text())
        settings = [word for pair in (*SETTINGS, *(() if place.keep else FAST)) for word in ("-c", pair)]
        command = [str(programs / "postgres"), "-D", str(cluster), "-p", str(server.port), *settings]
        place.start("postgres", command)
        try:
            place.wait_until("postgres", lambda: answers(server), 60)
            yield server
        finally:
            place.signal("postgres", signal.SIGINT)  # "fast": connections are ended, data are written


def answers(server: Postgres) -> bool:
    try:
        psycopg.connect(server.admin_url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True
