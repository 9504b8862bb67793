"""File activities: an uploaded image, recording or document becomes the content."""

from __future__ import annotations

from dataclasses import dataclass

from services.courses import store, trash
from services.courses.commands import uploads
from services.courses.commands.writing import Edit, edited
from services.courses.domain.course import BOTH, Pair
from services.courses.domain.errors import FileRefused, WrongKind
from services.courses.domain.files import FileType, judge
from services.courses.domain.outline import ACTIVITY, FILE
from shared.db.tx import Tx
from shared.errors import FieldProblem, NotFound
from shared.messaging.bus import Call
from shared.messaging.service import Service


@dataclass(frozen=True, slots=True)
class SetActivityFile:
    activity_id: object
    upload_id: object | None
    alt: Pair
    version: int | None


def set_activity_file(service: Service, call: Call, cmd: SetActivityFile) -> Edit:
    """Make an uploaded file the activity's content; without an upload, give the present file another text.

    Raises FileRefused (the upload is gone then, unless only the alternative text is missing), WrongKind; NotFound
    when there is neither an upload nor a file.
    """
    if cmd.upload_id is None:
        with service.tx(call) as tx:
            changed: Edit = service.once(tx, call, "set_activity_file", lambda: _set_alt(tx, cmd))
        return changed
    return uploads.answering(service, call, "set_activity_file", lambda: _set_file(service, call, cmd))


def _set_file(service: Service, call: Call, cmd: SetActivityFile) -> Edit:
    with service.read(call) as tx:
        upload = uploads.ready_upload(tx, cmd.activity_id, cmd.upload_id, cmd.version, FILE)
    with service.storage.open(upload.storage_key) as file:
        verdict = judge(upload.filename, file)
    if isinstance(verdict, str):
        uploads.discard_upload(service, call, upload)
        raise FileRefused(fields=[FieldProblem("upload_id", verdict)])
    _require_alt(cmd.alt, is_image=verdict.is_image)
    with service.tx(call) as tx:
        result: Edit = service.once(tx, call, "set_activity_file", lambda: _place_file(tx, cmd, verdict))
    uploads.sweep(service)
    return result


def _require_alt(alt: Pair, *, is_image: bool) -> None:
    wanted = BOTH if is_image else ()
    if missing := [language for language in wanted if not alt[language]]:
        raise FileRefused(fields=[FieldProblem(f"alt.{language}", "alt-missing") for language in missing])


def _set_alt(tx: Tx, cmd: SetActivityFile) -> Edit:
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if item.block_type != FILE:
        raise WrongKind
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    if not block.storage_key:
        raise NotFound
    _require_alt(cmd.alt, is_image=block.media_type.startswith("image/"))
    block.describe(cmd.alt)
    return edited(store.load_course(tx, item.course_id), item.id)


def _place_file(tx: Tx, cmd: SetActivityFile, kind: FileType) -> Edit:
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    upload = uploads.take_upload(tx, cmd.upload_id)
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    if block.storage_key:
        trash.throw(tx, block.storage_key)
    values = {
        "storage_key": upload.storage_key, "filename": upload.filename, "media_type": kind.media_type,
        "size": upload.size, "inline": kind.inline,
    }  # fmt: skip
    block.place(values, cmd.alt)
    item.ready_in = list(BOTH)
    return edited(store.load_course(tx, item.course_id), item.id)
