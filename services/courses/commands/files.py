"""File activities: an uploaded image, recording or document becomes the content."""

from __future__ import annotations

from dataclasses import dataclass

from services.courses import store, trash
from services.courses.commands import uploads
from services.courses.commands.writing import Edit, edited
from services.courses.domain.course import BOTH, Pair
from services.courses.domain.errors import FileRefused
from services.courses.domain.files import FileType, judge
from services.courses.domain.outline import ACTIVITY, FILE
from shared.db.tx import Tx
from shared.errors import FieldProblem
from shared.messaging.bus import Call
from shared.messaging.service import Service


@dataclass(frozen=True, slots=True)
class SetActivityFile:
    activity_id: object
    upload_id: object
    alt: Pair
    version: int | None


def set_activity_file(service: Service, call: Call, cmd: SetActivityFile) -> Edit:
    """Make an uploaded file the activity's content.

    Raises FileRefused (the upload is gone then, unless only the alternative text is missing), WrongKind.
    """
    if before := uploads.answered(service, call, "set_activity_file"):
        return before
    with service.read(call) as tx:
        upload = uploads.ready_upload(tx, cmd.activity_id, cmd.upload_id, cmd.version, FILE)
    with service.storage.open(upload.storage_key) as file:
        verdict = judge(upload.filename, file)
    if isinstance(verdict, str):
        uploads.discard_upload(service, call, upload)
        raise FileRefused(fields=[FieldProblem("upload_id", verdict)])
    if problems := _alt_problems(verdict, cmd.alt):
        raise FileRefused(fields=problems)
    with service.tx(call) as tx:
        result = uploads.once(service, tx, call, "set_activity_file", lambda: _place_file(tx, cmd, verdict))
    uploads.sweep(service)
    return result


def _alt_problems(kind: FileType, alt: Pair) -> list[FieldProblem]:
    wanted = BOTH if kind.is_image else ()
    return [FieldProblem(f"alt.{language}", "alt-missing") for language in wanted if not alt[language]]


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
