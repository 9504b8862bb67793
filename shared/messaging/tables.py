"""The four small tables that every service's database has beside its own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Uuid

from shared.db.types import Json, UtcDateTime


@dataclass(frozen=True, slots=True)
class MessagingTables:
    """outbox: events to relay. inbox: events handled. commands: idempotent commands answered.
    jobs: who runs a periodic job next. dead_letters: events that a handler could not take (embedded mode).
    """

    outbox: Table
    inbox: Table
    commands: Table
    jobs: Table
    dead_letters: Table


def messaging_tables(metadata: MetaData) -> MessagingTables:
    """Declare them in `metadata`."""
    outbox = Table(
        "outbox",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("type", String(200), nullable=False),
        Column("envelope", Json, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        Column("attempts", Integer, nullable=False, default=0),
        Column("not_before", UtcDateTime, nullable=False),
        Column("published_at", UtcDateTime),
    )
    Index("ix_outbox_pending", outbox.c.not_before, postgresql_where=outbox.c.published_at.is_(None),
          sqlite_where=outbox.c.published_at.is_(None))  # fmt: skip
    inbox = Table(
        "inbox",
        metadata,
        Column("consumer", String(200), primary_key=True),
        Column("message_id", Uuid, primary_key=True),
        Column("received_at", UtcDateTime, nullable=False),
    )
    commands = Table(
        "commands",
        metadata,
        Column("command", String(100), primary_key=True),
        Column("actor", String(60), primary_key=True),
        Column("key", String(200), primary_key=True),
        Column("body_hash", String(64), nullable=False),
        Column("result", Json),
        Column("created_at", UtcDateTime, nullable=False),
    )
    jobs = Table(
        "jobs",
        metadata,
        Column("name", String(100), primary_key=True),
        Column("due_at", UtcDateTime, nullable=False),
    )
    dead_letters = Table(
        "dead_letters",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("consumer", String(200), nullable=False),
        Column("envelope", Json, nullable=False),
        Column("reason", String(200), nullable=False),
        Column("died_at", UtcDateTime, nullable=False),
    )
    return MessagingTables(outbox, inbox, commands, jobs, dead_letters)
