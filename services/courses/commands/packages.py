"""H5P activities: a package is checked, installed outside of any write transaction, then committed in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from services.courses import h5p, lineage, policy, store, trash
from services.courses.commands import h5p_contents as contents
from services.courses.commands import uploads
from services.courses.commands.writing import Edit, edited
from services.courses.domain.course import BOTH
from services.courses.domain.errors import PackageRefused
from services.courses.domain.outline import ACTIVITY, H5P
from services.courses.h5p_log import log_event
from services.courses.library import (
    InstalledSemantics,
    add_libraries,
    installed_libraries,
    restricted_libraries,
    scanner_of,
    trainers_may_install,
)
from shared.db.tx import Tx
from shared.errors import FieldProblem
from shared.ids import new_id, parse_id
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.storage import Storage


@dataclass(frozen=True, slots=True)
class SetActivityH5p:
    """`language`: for whose readers; None: for everybody."""

    activity_id: object
    upload_id: object
    version: int | None
    language: str | None = None


def set_activity_h5p(service: Service, call: Call, cmd: SetActivityH5p) -> Edit:
    """Check an uploaded package, install what is new of it, and make it the activity's content.

    Raises PackageRefused with every reason in both languages; nothing is left then, the upload included.
    """
    return uploads.answering(service, call, "set_activity_h5p", lambda: _set_package(service, call, cmd))


def _set_package(service: Service, call: Call, cmd: SetActivityH5p) -> Edit:
    with service.read(call) as tx:
        upload = uploads.ready_upload(tx, cmd.activity_id, cmd.upload_id, cmd.version, H5P)
        installed = installed_libraries(tx)
        allowed = trainers_may_install(tx, demo=service.settings.demo)
        restricted = restricted_libraries(tx)
    may_install = policy.can_install_library(call.actor, trainers_may_install=allowed)
    with service.storage.open(upload.storage_key) as file:
        report = h5p.validate_package(
            file, installed=installed, may_install=may_install, name=upload.filename,
            scanner=scanner_of(service.settings),
        )  # fmt: skip
        if not policy.can_use_restricted(call.actor):
            report = h5p.unless_restricted(report, restricted)
        if report.package is None:
            uploads.discard_upload(service, call, upload)
            raise PackageRefused(fields=refusals(report))
        result = _install(service, call, cmd, Checked(file, report, report.package, installed))
    uploads.sweep(service)
    return result


@dataclass(frozen=True, slots=True)
class Checked:
    """A package that passed, and the libraries it was checked against."""

    file: BinaryIO
    report: h5p.PackageReport
    package: h5p.Package
    installed: h5p.Libraries


def refusals(report: h5p.PackageReport) -> list[FieldProblem]:
    """Every reason as a field problem that carries its own message in both languages."""
    return [_note(problem) for problem in report.problems]


def _note(problem: h5p.Problem) -> FieldProblem:
    message = {language: problem.message(language) for language in BOTH}
    return FieldProblem(problem.path or "package", problem.code, {**problem.params, "message": message})


class PackageStore:
    """The storage as the installer sees it: durable once the caller has called `sync`. What a failed installation wrote is left to the sweep, which knows
    whether another installation needs the same library folder.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def put(self, key: str, stream: BinaryIO, /) -> object:
        return self._storage.put(_key(key), stream, durable=False)

    def open(self, key: str, /) -> BinaryIO:
        return self._storage.open(_key(key))

    def exists(self, key: str, /) -> bool:
        return self._storage.exists(_key(key))

    def delete_prefix(self, prefix: str, /) -> object:
        return prefix


def _key(key: str) -> str:
    if not key.startswith(trash.CONTENT):
        return key
    content_id, _, path = key.removeprefix(trash.CONTENT).partition("/")
    return f"{trash.CONTENT}{content_id}/content/{path}"


def _install(service: Service, call: Call, cmd: SetActivityH5p, checked: Checked) -> Edit:
    content_id = new_id()
    with service.db.tx(call.actor) as tx:
        announced = announce(tx, checked, contents.prefix_of(content_id))
    try:
        cleaned = _cleaned(service.storage, checked)
        unchanged = cleaned.params == checked.package.content
        text = checked.package.texts.get(h5p.CONTENT) if unchanged else None
        text = text or contents.as_json(cleaned.params)
        written = h5p.install_package(
            checked.file, checked.report, PackageStore(service.storage), content_id=str(content_id),
            installed=checked.installed, params=text,
        )  # fmt: skip
        service.storage.sync()
        new = contents.NewContent(
            content_id, cleaned.params, dict(checked.package.manifest), written.content_bytes, contents.digest(text),
            announced,
        )  # fmt: skip
        with service.tx(call) as tx:
            placed = Placed(new, written, cleaned.problems)
            run = lambda: _place_fitting(tx, service.storage, cmd, placed)  # noqa: E731
            result: Edit = service.once(tx, call, "set_activity_h5p", run)
    except BaseException:
        contents.withdraw(service, call, announced)
        raise
    if result["content_id"] != str(content_id):  # the same call came twice at once, and the other won
        contents.withdraw(service, call, announced)
    return result


def _cleaned(storage: Storage, checked: Checked) -> h5p.Cleaned:
    """The package's parameters by the semantics that will count once it is installed."""
    package = checked.package
    plan = h5p.plan_libraries(package, checked.installed, may_install=checked.report.may_install)
    source = h5p.PackedSemantics(package, plan, InstalledSemantics(checked.installed, storage))
    main = contents.main_library(package.manifest)
    return h5p.clean(package.content, str(main), source)


def announce(tx: Tx, checked: Checked, prefix: str | None) -> list[UUID]:
    """List what will be written, due when any installation must have ended."""
    trash.lock_libraries(tx)
    plan = h5p.plan_libraries(checked.package, checked.installed, may_install=checked.report.may_install)
    folders = [f"{trash.LIBRARIES}{x.library.folder}/" for x in plan.values() if x.action != "kept"]
    keys = [*([prefix] if prefix else []), *folders]
    return [trash.throw(tx, key, tx.now + trash.WRITING) for key in keys]


@dataclass(frozen=True, slots=True)
class Placed:
    """What the installer wrote for one content, and what cleaning its parameters changed."""

    new: contents.NewContent
    written: h5p.InstalledPackage
    notes: tuple[h5p.Problem, ...]


def _place_fitting(tx: Tx, storage: Storage, cmd: SetActivityH5p, placed: Placed) -> Edit:
    """Place the content; learners keep their place in it when it has the structure of the one before."""
    library = str(contents.main_library(placed.new.manifest))
    fit = lineage.fit_of(
        tx, storage, parse_id(cmd.activity_id), library, placed.new.params, language=cmd.language
    )
    edit = _place_h5p(tx, cmd, placed)
    lineage.inherit(tx, placed.new.id, fit)
    return edit


def _place_h5p(tx: Tx, cmd: SetActivityH5p, placed: Placed) -> Edit:
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    upload = uploads.take_upload(tx, cmd.upload_id)
    trash.lock_libraries(tx)
    add_libraries(
        tx, placed.written.changed_libraries(), {"filename": upload.filename, "sha256": upload.sha256}
    )
    contents.place(tx, item, placed.new, cmd.language)
    log_event(tx, "content", "upload", activity_id=item.id, content_id=placed.new.id)
    trash.throw(tx, upload.storage_key)
    return edited(store.load_course(tx, item.course_id), item.id) | _installed_view(placed)


def _installed_view(placed: Placed) -> dict[str, Any]:
    return {
        "content_id": str(placed.new.id),
        "title": placed.written.title,
        "main_library": str(placed.written.main_library),
        "language": placed.written.language,
        "libraries": library_counts(placed.written),
        "notes": [_note(problem).to_dict() for problem in placed.notes],
    }


def library_counts(written: h5p.InstalledPackage) -> dict[str, int]:
    """How many libraries a package brought that were new, and newer."""
    actions = [library.action for library in written.libraries]
    return {"new": actions.count("new"), "updated": actions.count("updated")}
