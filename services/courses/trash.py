"""Storage follows the database: announce before writing, list what is let go of, and sweep behind.

A process may die between any two steps. What it was writing is then in `trash` with a due time, and the sweep
removes it unless rows have come to use it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, select, type_coerce, update

from services.courses.tables import (
    h5p_contents,
    h5p_libraries,
    h5p_policy,
    kept,
    trash,
    uploads,
    xblock_fields,
)
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.db.types import Json
from shared.ids import new_id
from shared.storage import Storage

LIBRARIES = "h5p/libraries/"
CONTENT = "h5p/content/"
WRITING = timedelta(hours=1)
"""Longer than any installation takes."""
BATCH = 200


def lock_libraries(tx: Tx) -> None:
    """One transaction at a time announces or throws away library folders."""
    insert_new(tx.session, h5p_policy, {"id": 1, "trainers_may_install": None})
    tx.session.execute(select(h5p_policy.c.id).where(h5p_policy.c.id == 1).with_for_update())


def throw(tx: Tx, key: str, due_at: datetime | None = None) -> UUID:
    """List a file, or a folder (with a slash at its end), for deletion; at once unless `due_at`."""
    trash_id = new_id()
    tx.session.execute(insert(trash).values(id=trash_id, key=key, due_at=due_at or tx.now))
    return trash_id


def take_back(tx: Tx, ids: list[UUID]) -> None:
    """Forget these lines: what they name is in use now."""
    tx.session.execute(delete(trash).where(trash.c.id.in_(ids)))


def hasten(tx: Tx, ids: list[UUID]) -> None:
    """These lines are due now."""
    tx.session.execute(update(trash).where(trash.c.id.in_(ids)).values(due_at=tx.now))


def sweep(tx: Tx, storage: Storage) -> int:
    """Delete what is due and unused; how many lines were settled. Effect: holds the libraries' lock meanwhile."""
    lock_libraries(tx)
    due = (
        select(trash.c.id, trash.c.key).where(trash.c.due_at <= tx.now).order_by(trash.c.due_at).limit(BATCH)
    )
    lines = tx.session.execute(due).all()
    for line in lines:
        tx.session.execute(delete(trash).where(trash.c.id == line.id))
        if not _is_used(tx, line.key):
            _remove(storage, line.key)
    return len(lines)


def _remove(storage: Storage, key: str) -> None:
    if key.endswith("/"):
        storage.delete_prefix(key)
    else:
        storage.delete(key)


def _is_used(tx: Tx, key: str) -> bool:
    """True while a row needs the key, or another process has announced that it is writing there."""
    if key.startswith(LIBRARIES):
        row = h5p_libraries.c.folder == key.removeprefix(LIBRARIES).rstrip("/")
        announced = (trash.c.key == key) & (trash.c.due_at > tx.now)
        return _any(tx, row) or _any(tx, announced)
    if key.startswith(CONTENT):
        return _any(tx, h5p_contents.c.prefix == key)
    in_draft = (xblock_fields.c.scope == "content") & (xblock_fields.c.value == type_coerce(key, Json))
    return any(
        _any(tx, condition) for condition in (uploads.c.storage_key == key, in_draft, kept.c.ref == key)
    )


def _any(tx: Tx, condition: ColumnElement[bool]) -> bool:
    return bool(tx.session.execute(select(exists().where(condition))).scalar())
