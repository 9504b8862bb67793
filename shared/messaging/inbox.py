"""Once only: events by (consumer, message id), commands by (command, actor, key) with the body's hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from shared.actor import Actor
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import Conflict, Invalid
from shared.messaging.envelope import Envelope
from shared.messaging.tables import MessagingTables

KEEP_EVENTS = timedelta(days=45)
KEEP_COMMANDS = timedelta(hours=48)
LONGEST_KEY = 200
"""Characters."""


class KeyReused(Conflict):
    """The Idempotency-Key was used for another body."""

    code = "idempotency-key-reused"


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that was answered before: its stored result."""

    result: Any


class Inbox:
    """Inserted in the transaction of the effect: the effect and its mark commit together."""

    def __init__(self, tables: MessagingTables) -> None:
        self._tables = tables

    def once(self, tx: Tx, consumer: str, message: Envelope) -> bool:
        """True the first time that `consumer` sees the message."""
        values = {"consumer": consumer, "message_id": message.id, "received_at": tx.now}
        return insert_new(tx.session, self._tables.inbox, values)

    def begin(self, tx: Tx, name: str, key: str, payload: dict[str, Any]) -> Answered | None:
        """None when the command is new (its key is now taken); else its stored answer.

        Two calls with one key at the same moment: the second waits on the row, then gets the answer.
        Raises KeyReused when the body differs, Invalid for a key that is empty or longer than 200 characters.
        """
        if not 1 <= len(key) <= LONGEST_KEY:
            raise Invalid("bad-idempotency-key")
        table, actor, digest = self._tables.commands, actor_key(tx.actor), body_hash(payload)
        values = {"command": name, "actor": actor, "key": key, "body_hash": digest, "created_at": tx.now}
        if insert_new(tx.session, table, values):
            return None
        row = tx.session.execute(
            select(table.c.body_hash, table.c.result).where(
                table.c.command == name, table.c.actor == actor, table.c.key == key
            )
        ).one()
        if row.body_hash != digest:
            raise KeyReused
        return Answered(row.result)

    def finish(self, tx: Tx, name: str, key: str, result: Any) -> None:
        """Store the answer of the command begun in this transaction."""
        table = self._tables.commands
        tx.session.execute(
            update(table)
            .where(table.c.command == name, table.c.actor == actor_key(tx.actor), table.c.key == key)
            .values(result=result)
        )

    def prune(self, tx: Tx) -> None:
        """Forget what is older than any message can still come."""
        inbox, commands = self._tables.inbox, self._tables.commands
        tx.session.execute(delete(inbox).where(inbox.c.received_at < tx.now - KEEP_EVENTS))
        tx.session.execute(delete(commands).where(commands.c.created_at < tx.now - KEEP_COMMANDS))


def actor_key(actor: Actor) -> str:
    """How an actor is named in the commands table."""
    return str(actor.account_id or actor.system or "visitor")


def body_hash(payload: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a payload."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
