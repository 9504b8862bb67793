"""Accounts and rights on the broker and in PostgreSQL: each service its own, none more than it needs.

The same definitions are imported into a running broker (`provision`) or written to a file that a broker loads
at its start (docker-compose).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text

from shared.config import SERVICES
from shared.messaging.topology import PING, RPC_EXCHANGE, events_exchange

GATEWAY, RELAY = "gateway", "relay"
RELAY_ROLE = "cercle_relay"
ASKS: Mapping[str, tuple[str, ...]] = {"notifications": ("identity.get_contact", "surveys.still_asked")}
"""The rare reads between services: all that a service may request of another."""
Ctl = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Rights:
    """Patterns of what a user may configure, write and read; `topics`: (exchange, write, read) on topic exchanges."""

    user: str
    configure: str
    write: str
    read: str
    topics: tuple[tuple[str, str, str], ...] = ()


def gateway_rights(services: Sequence[str]) -> Rights:
    """Requests to any service (never an answer to somebody), answers to itself, events to look at."""
    any_service = "|".join(map(re.escape, services))
    own = f"(reply|stream)-{GATEWAY}-.*"
    return Rights(
        GATEWAY, f"^{own}$", f"^({re.escape(RPC_EXCHANGE)}|{own})$",
        f"^({re.escape(RPC_EXCHANGE)}|{own}|({any_service})\\.events)$",
        ((RPC_EXCHANGE, r"^[a-z_]+\.", f"^reply-{GATEWAY}-"),),
    )  # fmt: skip


def relay_rights(services: Sequence[str]) -> Rights:
    """Writes events, reads nothing."""
    topics = tuple((events_exchange(name), f"^{re.escape(name)}\\.", "^$") for name in services)
    return Rights(RELAY, "^$", f"^({'|'.join(map(re.escape, services))})\\.events$", "^$", topics)


def service_rights(name: str, asks: Iterable[str] = ()) -> Rights:
    """Its own queues; answers to anybody's reply queue; requests only to whom it asks; events of everybody."""
    word, rpc = re.escape(name), re.escape(RPC_EXCHANGE)
    own = f"rpc-{word}|evt-.*--{word}\\..*|(reply|stream)-{word}-.*|{word}\\.(dlx|return|parking|retry\\..*)"
    requests = "|".join(["reply-.*", f"{word}\\.{PING}", *map(re.escape, asks)])
    return Rights(
        name, f"^({own})$", f"^({own}|{rpc}|{word}\\.events)$", f"^({own}|{rpc}|[a-z]+\\.events)$",
        (
            (RPC_EXCHANGE, f"^({requests})$", f"^({word}\\.(\\*|{PING})|reply-{word}-.*)$"),
            (events_exchange(name), f"^{word}\\.", ".*"),
        ),
    )  # fmt: skip


def all_rights(services: Sequence[str], asks: Mapping[str, tuple[str, ...]] = ASKS) -> list[Rights]:
    """The rights of every user."""
    return [
        gateway_rights(services), relay_rights(services), *(service_rights(name, asks.get(name, ())) for name in services)
    ]  # fmt: skip


def definitions(
    passwords: Mapping[str, str],
    *,
    vhost: str = "/",
    services: Sequence[str] = SERVICES,
    prefix: str = "",
    asks: Mapping[str, tuple[str, ...]] = ASKS,
) -> dict[str, Any]:
    """RabbitMQ's definitions document: vhost, users (`prefix` before each name), rights, and the exchanges that
    several processes share. `passwords`: by user without prefix.
    """  # fmt: skip
    rights = all_rights(services, asks)
    return {
        "vhosts": [{"name": vhost}],
        "users": [_user(prefix + r.user, passwords[r.user]) for r in rights],
        "permissions": [
            {"user": prefix + r.user, "vhost": vhost, "configure": r.configure, "write": r.write, "read": r.read}
            for r in rights
        ],
        "topic_permissions": [
            {"user": prefix + r.user, "vhost": vhost, "exchange": exchange, "write": write, "read": read}
            for r in rights for exchange, write, read in r.topics
        ],
        "exchanges": [_exchange(name, vhost) for name in (RPC_EXCHANGE, *map(events_exchange, services))],
    }  # fmt: skip


def _user(name: str, password: str) -> dict[str, Any]:
    algorithm = "rabbit_password_hashing_sha256"
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": algorithm,
        "tags": [],
    }


def _exchange(name: str, vhost: str) -> dict[str, Any]:
    return {
        "name": name, "vhost": vhost, "type": "topic", "durable": True, "auto_delete": False, "internal": False,
        "arguments": {},
    }  # fmt: skip


def password_hash(password: str, salt: bytes | None = None) -> str:
    """RabbitMQ's salted SHA-256: base64 of the 4-byte salt and SHA-256(salt + password).

    Source: RabbitMQ documentation, "Credentials and Passwords", section on computing a password hash.
    """
    salt = secrets.token_bytes(4) if salt is None else salt
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def provision(ctl: Ctl, document: Mapping[str, Any]) -> None:
    """Import definitions into a running broker and remove the user `guest`.

    ctl: runs rabbitmqctl with the given arguments and returns its output. No password is on a command line.
    """
    raw = base64.b64encode(json.dumps(document).encode()).decode()
    ctl("eval", f'ok = rabbit_definitions:import_raw(base64:decode("{raw}")).')
    if "guest" in ctl("-q", "list_users", "--no-table-headers").split():
        ctl("delete_user", "guest")


def new_passwords(services: Sequence[str] = SERVICES) -> dict[str, str]:
    """A random password for every user."""
    return {name: secrets.token_urlsafe(24) for name in (GATEWAY, RELAY, *services)}


def grant_outbox(engine: Engine) -> None:
    """Let the relay's role see and mark the outbox of this database, where that role exists (PostgreSQL)."""
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": RELAY_ROLE})
        if found.first():
            connection.execute(text(f"GRANT SELECT, UPDATE ON outbox TO {RELAY_ROLE}"))


def admit_relay(admin_url: str, password: str, databases: Iterable[str]) -> None:
    """Make the relay's role (or set its password) and let it connect to the databases. PostgreSQL only."""
    role = sql.Identifier(RELAY_ROLE)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [RELAY_ROLE]).fetchone() is None:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))
        for name in databases:
            admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), role))
