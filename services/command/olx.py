"""`cercle olx import` and `export`: courses as OLX archives, on the data of this installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.command.h5p_store import ending
from services.command.installation import Place, actor_of
from services.command.words import Refusal, clean, say, say_json, unreadable
from services.courses.commands import olx, uploads
from services.courses.service import CoursesService
from shared.errors import CercleError, NotFound
from shared.i18n import pick, text
from shared.ids import new_id
from shared.messaging.bus import Call


def import_files(place: Place, paths: Sequence[Path], course_language: str | None) -> int:
    """A draft of each archive, for any trainer to take on; 1 when any is refused."""

    def run(service: CoursesService) -> int:
        refused = False
        for path in paths:
            found = _import(service, place, path, course_language)
            refused = refused or not found["accepted"]
            if place.as_json:
                say_json(found)
            else:
                _tell(place.language, found)
        return int(refused)

    return ending(place, run)


def _import(service: CoursesService, place: Place, path: Path, course_language: str | None) -> dict[str, Any]:
    call, name = Call(actor_of(place)), clean(path.name)

    def progress(done: int, total: int) -> None:
        say(text(place.language, "command.olx.file", done=done, total=total), err=True)

    try:
        cmd = olx.ImportOlx(_upload(service, call, path), course_language, free=True)
        made = olx.import_olx(service, call, cmd, progress)
    except CercleError as error:
        return {
            "file": name,
            "accepted": False,
            "code": error.code,
            "problems": [p.to_dict() for p in error.fields],
        }
    kept = {key: made[key] for key in ("course_id", "title", "counts", "notes")}
    return {"file": name, "accepted": True, "problems": []} | kept


def _upload(service: CoursesService, call: Call, path: Path) -> str:
    with path.open("rb") as file:
        stored = service.storage.put(f"uploads/{new_id()}", file)
    wanted = uploads.RegisterUpload(stored.key, path.name[-200:], stored.size, stored.sha256, "")
    with service.tx(call) as tx:
        return str(uploads.register_upload(tx, service.storage, wanted)["upload_id"])


def _tell(language: str, found: Mapping[str, Any]) -> None:
    if not found["accepted"]:
        reasons = "; ".join(
            text(language, f"errors.field.{p['code']}", **p["params"]) for p in found["problems"]
        )
        say(text(language, "command.olx.refused", file=found["file"], reasons=reasons or found["code"]))
        return
    title = clean(pick(language, found["title"]))
    counts = found["counts"]
    say(
        text(
            language, "command.olx.imported", file=found["file"], title=title, id=found["course_id"], **counts
        )
    )
    for note in found["notes"]:
        params = {key: clean(str(value)) for key, value in note["params"].items()}
        say("  " + text(language, f"courses.olx.note.{note['code']}", **params))


def export(place: Place, course_id: str, target: Path) -> int:
    """Write the archive of a course's draft to a file."""

    def run(service: CoursesService) -> int:
        try:
            found = olx.export_olx(service, Call(actor_of(place)), course_id)
        except NotFound:
            raise unreadable("course-unknown", id=clean(course_id)) from None
        except CercleError as error:
            raise Refusal("library-gone", {"libraries": error.params.get("libraries", "")}) from error
        with service.storage.open(found["storage_key"]) as source, target.open("wb") as file:
            while chunk := source.read(1 << 20):
                file.write(chunk)
        if place.as_json:
            say_json({"file": clean(target.name), "size": found["size"], "notes": found["notes"]})
            return 0
        say(text(place.language, "command.olx.exported", file=clean(target.name), size=found["size"]))
        for note in found["notes"]:
            say("  " + text(place.language, f"courses.olx.note.{note['code']}", **note["params"]))
        return 0

    return ending(place, run)
