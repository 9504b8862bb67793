"""Uploads: files in storage that wait two hours for an activity to take them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from services.courses import policy, store, trash
from services.courses.commands.writing import Edit
from services.courses.domain.course import Course
from services.courses.domain.errors import UploadIncomplete, WrongKind
from services.courses.tables import messaging, uploads
from shared.actor import system_actor
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import Forbidden, NotFound, Stale
from shared.ids import new_id, parse_id
from shared.messaging.bus import Call
from shared.messaging.inbox import actor_key
from shared.messaging.service import Service
from shared.storage import Storage

KEEP_UPLOAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class RegisterUpload:
    storage_key: str
    filename: str
    size: int
    sha256: str
    declared_type: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in storage that nothing uses yet."""

    id: UUID
    account_id: UUID
    storage_key: str
    filename: str
    size: int
    sha256: str


def register_upload(tx: Tx, storage: Storage, cmd: RegisterUpload) -> dict[str, Any]:
    """Note a file that the gateway has just stored; it is deleted after two hours unless an activity takes it.

    Raises Forbidden; UploadIncomplete when the storage does not hold it whole.
    """
    if not policy.can_author(tx.actor):
        raise Forbidden
    if not storage.exists(cmd.storage_key) or storage.size(cmd.storage_key) != cmd.size:
        raise UploadIncomplete
    upload_id = new_id()
    row = {
        "id": upload_id, "account_id": tx.actor.require_account(), "storage_key": cmd.storage_key,
        "filename": cmd.filename, "size": cmd.size, "sha256": cmd.sha256, "declared_type": cmd.declared_type,
        "created_at": tx.now,
    }  # fmt: skip
    if not insert_new(tx.session, uploads, row):
        raise UploadIncomplete  # someone's file already: never hand it out again
    expires = (tx.now + KEEP_UPLOAD).isoformat()
    return {"upload_id": str(upload_id), "filename": cmd.filename, "size": cmd.size, "expires_at": expires}


def ready_upload(tx: Tx, activity_id: object, upload_id: object, version: int | None, kind: str) -> Upload:
    """Look before the slow work: the actor may edit, the version is right, the upload is theirs."""
    ready_activity(tx, activity_id, version, kind)
    return find_upload(tx, upload_id)


def ready_activity(tx: Tx, activity_id: object, version: int | None, kind: str) -> None:
    """The same where no upload is needed."""
    item = store.load_activity(tx, activity_id)
    course: Course = store.load_course(tx, item.course_id)
    if not policy.can_edit_course(tx.actor, course):
        raise Forbidden
    if version is not None and not item.touched <= version <= course.version:
        raise Stale(current=course.version)
    if item.block_type != kind:
        raise WrongKind


def find_upload(tx: Tx, upload_id: object) -> Upload:
    """The actor's own upload. Raises NotFound."""
    mine = (uploads.c.id == parse_id(upload_id)) & (uploads.c.account_id == tx.actor.account_id)
    columns = (
        uploads.c.id,
        uploads.c.account_id,
        uploads.c.storage_key,
        uploads.c.filename,
        uploads.c.size,
        uploads.c.sha256,
    )
    row = tx.session.execute(select(*columns).where(mine)).first()
    if row is None:
        raise NotFound
    return Upload(*row)


def take_upload(tx: Tx, upload_id: object) -> Upload:
    """The actor's own upload, no longer an upload: its file belongs to the caller. Raises NotFound."""
    upload = find_upload(tx, upload_id)
    gone = delete(uploads).where(uploads.c.id == upload.id).returning(uploads.c.id)
    if tx.session.execute(gone).first() is None:
        raise NotFound
    return upload


def discard_upload(service: Service, call: Call, upload: Upload) -> None:
    """Delete a refused upload, row and file."""
    with service.db.tx(call.actor) as tx:
        tx.session.execute(delete(uploads).where(uploads.c.id == upload.id))
        trash.throw(tx, upload.storage_key)
    sweep(service)


def expire_uploads(tx: Tx) -> int:
    """Give up uploads that nothing took in two hours; how many."""
    old = delete(uploads).where(uploads.c.created_at < tx.now - KEEP_UPLOAD).returning(uploads.c.storage_key)
    keys = list(tx.session.execute(old).scalars())
    for key in keys:
        trash.throw(tx, key)
    return len(keys)


def sweep(service: Service) -> None:
    """Empty the trash of what is due."""
    with service.db.tx(system_actor(service.name)) as tx:
        trash.sweep(tx, service.storage)


def answering(service: Service, call: Call, name: str, run: Callable[[], Edit]) -> Edit:
    """The answer of an earlier call with the same key and body, or what `run` gives.

    Two such calls may come at once: the one that is late finds the upload taken and the version changed, and gets
    the answer of the other.
    """
    if before := _answered(service, call, name):
        return before
    try:
        return run()
    except (NotFound, Stale):
        if before := _answered(service, call, name):
            return before
        raise


def _answered(service: Service, call: Call, name: str) -> Edit | None:
    """What the call was answered before, looked up without any slow work."""
    if not call.idempotency_key:
        return None
    columns = messaging.commands.c
    mine = (columns.command == name) & (columns.actor == actor_key(call.actor))
    with service.read(call) as tx:
        here = select(columns.key).where(mine, columns.key == call.idempotency_key)
        known = tx.session.execute(here).first() is not None
    if not known:
        return None
    with service.db.tx(call.actor) as tx:  # compares the body, and raises when it differs
        before = service.inbox.begin(tx, name, call.idempotency_key, call.payload)
        return dict(before.result) if before else None
