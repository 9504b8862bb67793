"""`cercle h5p import`, `export` and `libraries`: on the data of this installation, in either mode, running or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from services.command.installation import Place, actor_of, opened
from services.command.words import Refusal, clean, end, say, say_json, table, unreadable
from services.courses import store
from services.courses.commands import h5p_contents, h5p_library, packages, uploads, writing
from services.courses.domain.h5p_library import NoLibraries
from services.courses.library import installed_libraries
from services.courses.queries import h5p_library as reads
from services.courses.service import CoursesService
from shared.errors import CercleError, NotFound
from shared.i18n import text
from shared.ids import new_id
from shared.messaging.bus import Call

QUIET_UP_TO = 1


@contextmanager
def courses_service(place: Place) -> Iterator[CoursesService]:
    """The courses service over this installation's data. Raises Refusal where there is none."""
    with opened(place, "courses") as service:
        yield service  # type: ignore[misc]


def ending(place: Place, run: Callable[[CoursesService], int]) -> int:
    """Run on the service; a reason to end becomes its sentence and its status."""
    try:
        with courses_service(place) as service:
            return run(service)
    except Refusal as refusal:
        return end(refusal, place.language, as_json=place.as_json)


# --- import


def import_files(place: Place, paths: Sequence[Path], unit_id: str | None) -> int:
    """Install the libraries of packages, or make an activity of each in a unit; 1 when any is refused."""

    def run(service: CoursesService) -> int:
        refused = False
        for number, path in enumerate(paths, 1):
            if len(paths) > QUIET_UP_TO:
                say(f"{number}/{len(paths)} {_name(path)}", err=True)
            found = _import(service, place, path, unit_id)
            refused = refused or not found["accepted"]
            say_json(found) if place.as_json else say(_line(found, place.language))
        return int(refused)

    return ending(place, run)


def _import(service: CoursesService, place: Place, path: Path, unit_id: str | None) -> dict[str, Any]:
    call = Call(actor_of(place))
    try:
        done = _into_unit(service, call, path, unit_id) if unit_id else _libraries_alone(service, call, path)
    except NotFound:
        raise unreadable("unit-unknown", unit=unit_id or "") from None
    except CercleError as error:
        return {"file": _name(path), "accepted": False, "code": error.code, "problems": _problems(error)}
    return {"file": _name(path), "accepted": True, "problems": []} | done


def _problems(error: CercleError) -> list[dict[str, Any]]:
    return [problem.to_dict() for problem in error.fields]


def _upload(service: CoursesService, call: Call, path: Path) -> str:
    with path.open("rb") as file:
        stored = service.storage.put(f"uploads/{new_id()}", file)
    wanted = uploads.RegisterUpload(stored.key, path.name[-200:], stored.size, stored.sha256, "")
    with service.tx(call) as tx:
        return str(uploads.register_upload(tx, service.storage, wanted)["upload_id"])


def _libraries_alone(service: CoursesService, call: Call, path: Path) -> dict[str, Any]:
    try:
        return {
            "libraries": h5p_library.install_libraries(service, call, _upload(service, call, path))["items"]
        }
    except NoLibraries:
        return {"libraries": []}


def _into_unit(service: CoursesService, call: Call, path: Path, unit_id: str) -> dict[str, Any]:
    title = path.stem[:200]
    with service.tx(call) as tx:
        wanted = writing.AddActivity(
            unit_id=unit_id, title={"fr": title, "en": title}, kind="h5p", body=None, version=None
        )
        activity_id = writing.add_activity(tx, wanted)["id"]
    try:
        cmd = packages.SetActivityH5p(activity_id, _upload(service, call, path), None)
        done = packages.set_activity_h5p(service, call, cmd)
    except CercleError:
        with service.tx(call) as tx:
            course_id = store.course_of_item(tx, activity_id)
            version = store.load_course(tx, course_id).version
            writing.delete_item(tx, writing.DeleteItem(activity_id, version))
        raise
    kept = ("content_id", "title", "main_library", "libraries", "notes")
    return {"activity_id": str(activity_id)} | {name: done[name] for name in kept}


def _line(found: dict[str, Any], language: str) -> str:
    word = text(language, f"command.h5p.{'accepted' if found['accepted'] else 'refused'}")
    if not found["accepted"]:
        reasons = [
            problem["params"].get("message", {}).get(language) or problem["code"]
            for problem in found["problems"]
        ]
        return "\n".join(
            [f"{word} | {found['file']}", *(f"    {clean(str(r), 600)}" for r in reasons or [found["code"]])]
        )
    if "activity_id" in found:
        rest = text(
            language,
            "command.h5p.import.activity",
            activity=found["activity_id"],
            title=clean(found["title"]),
        )
    else:
        names = ", ".join(f"{item['library']} {item['version']}" for item in found["libraries"])
        rest = text(
            language, "command.h5p.import.libraries", count=len(found["libraries"]), list=names or "–"
        )
    return f"{word} | {found['file']} | {rest}"


def _name(path: Path) -> str:
    return clean(click.format_filename(path), 1000)


# --- export


def export(place: Place, wanted: str, target: Path) -> int:
    """Write the package of an activity's content, or of a content, to a file."""

    def run(service: CoursesService) -> int:
        call = Call(actor_of(place))
        try:
            found = _export(service, call, wanted)
        except NotFound:
            raise unreadable("content-unknown", id=clean(wanted)) from None
        except CercleError as error:
            raise Refusal("library-gone", {"libraries": error.params.get("libraries", "")}) from error
        with service.storage.open(found["storage_key"]) as source, target.open("wb") as file:
            while chunk := source.read(1 << 20):
                file.write(chunk)
        if place.as_json:
            say_json({"file": _name(target), "size": found["size"], "title": found["filename"]})
        else:
            say(text(place.language, "command.h5p.exported", file=_name(target), size=found["size"]))
        return 0

    return ending(place, run)


def _export(service: CoursesService, call: Call, wanted: str) -> dict[str, Any]:
    with service.read(call) as tx:
        try:
            content = h5p_contents.read_content(tx, service.storage, wanted)
        except NotFound:
            content = None
        index = installed_libraries(tx)
    if content is None:
        return h5p_library.export_activity(service, call, wanted)
    return h5p_library.export_package(service, call, content, index)


# --- libraries


def libraries(place: Place) -> int:
    """Every installed library with its version, its uses and what needs it."""

    def run(service: CoursesService) -> int:
        found = list(_all(service, Call(actor_of(place))))
        if place.as_json:
            for one in found:
                say_json(one)
        elif found:
            head = [
                text(place.language, f"command.h5p.column.{name}")
                for name in ("library", "version", "uses", "needed")
            ]
            rows = [[o["library"], o["version"], str(o["uses"]), str(len(o["needed_by"]))] for o in found]
            for line in table(head, rows, left=1):
                say(line)
        else:
            say(text(place.language, "command.h5p.no_libraries"))
        return 0

    return ending(place, run)


def _all(service: CoursesService, call: Call) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        with service.read(call) as tx:
            page = reads.list_h5p_libraries(tx, {"cursor": cursor, "limit": 100})
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
