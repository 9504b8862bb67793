"""H5P activities: a package is checked, installed outside of any write transaction, then committed in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import insert

from services.courses import h5p, policy, store, trash
from services.courses.commands import uploads
from services.courses.commands.writing import Edit, drop_h5p, edited
from services.courses.domain.course import BOTH
from services.courses.domain.errors import PackageRefused
from services.courses.domain.outline import ACTIVITY, H5P, OutlineItem
from services.courses.library import add_libraries, installed_libraries, trainers_may_install
from services.courses.tables import h5p_content_libraries, h5p_contents
from shared.db.tx import Tx
from shared.errors import FieldProblem
from shared.ids import new_id
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.storage import Storage


@dataclass(frozen=True, slots=True)
class SetActivityH5p:
    activity_id: object
    upload_id: object
    version: int | None


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
    may_install = policy.can_install_library(call.actor, trainers_may_install=allowed)
    with service.storage.open(upload.storage_key) as file:
        report = h5p.validate_package(
            file, installed=installed, may_install=may_install, name=upload.filename
        )
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
    return [
        FieldProblem(
            problem.path or "package",
            problem.code,
            {**problem.params, "message": {language: problem.message(language) for language in BOTH}},
        )
        for problem in report.problems
    ]


class _Store:
    """The storage as the installer sees it. What a failed installation wrote is left to the sweep, which knows
    whether another installation needs the same library folder.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def put(self, key: str, stream: BinaryIO, /) -> object:
        return self._storage.put(_key(key), stream)

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
        announced = _announce(tx, checked, content_id)
    try:
        written = h5p.install_package(
            checked.file, checked.report, _Store(service.storage), content_id=str(content_id),
            installed=checked.installed,
        )  # fmt: skip
        placed = Placed(content_id, written, checked.package, announced)
        with service.tx(call) as tx:
            result: Edit = service.once(tx, call, "set_activity_h5p", lambda: _place_h5p(tx, cmd, placed))
    except BaseException:
        _withdraw(service, call, announced)
        raise
    if result["content_id"] != str(content_id):  # the same call came twice at once, and the other won
        _withdraw(service, call, announced)
    return result


def _announce(tx: Tx, checked: Checked, content_id: UUID) -> list[UUID]:
    """List what will be written, due when any installation must have ended."""
    trash.lock_libraries(tx)
    plan = h5p.plan_libraries(checked.package, checked.installed, may_install=checked.report.may_install)
    folders = [f"{trash.LIBRARIES}{x.library.folder}/" for x in plan.values() if x.action != "kept"]
    keys = [f"{trash.CONTENT}{content_id}/", *folders]
    return [trash.throw(tx, key, tx.now + trash.WRITING) for key in keys]


def _withdraw(service: Service, call: Call, announced: list[UUID]) -> None:
    """What was announced is not coming: let the sweep take it now."""
    with service.db.tx(call.actor) as tx:
        trash.hasten(tx, announced)
    uploads.sweep(service)


@dataclass(frozen=True, slots=True)
class Placed:
    """What the installer wrote for one content."""

    content_id: UUID
    written: h5p.InstalledPackage
    package: h5p.Package
    announced: list[UUID]


def _place_h5p(tx: Tx, cmd: SetActivityH5p, placed: Placed) -> Edit:
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    upload = uploads.take_upload(tx, cmd.upload_id)
    trash.lock_libraries(tx)
    add_libraries(tx, placed.written.changed_libraries())
    drop_h5p(tx, item.id)
    _add_content(tx, item, placed)
    store.runtime_for(tx, role="author", user=False).get_block(str(item.id)).place(str(placed.content_id))
    item.ready_in, item.content_language = list(BOTH), _language(placed.written)
    trash.take_back(tx, placed.announced)
    trash.throw(tx, upload.storage_key)
    return edited(store.load_course(tx, item.course_id), item.id) | _installed_view(placed)


def _installed_view(placed: Placed) -> dict[str, Any]:
    actions = [library.action for library in placed.written.libraries]
    return {
        "content_id": str(placed.content_id),
        "title": placed.written.title,
        "main_library": str(placed.written.main_library),
        "language": placed.written.language,
        "libraries": {"new": actions.count("new"), "updated": actions.count("updated")},
    }


def _language(written: h5p.InstalledPackage) -> str | None:
    """The content's language in two letters, or None when the package does not say."""
    return None if written.language == "und" else written.language[:2].lower()


def _add_content(tx: Tx, item: OutlineItem, placed: Placed) -> None:
    written = placed.written
    tx.session.execute(insert(h5p_contents).values(
        id=placed.content_id, activity_id=item.id, title=written.title[:255], language=written.language[:20],
        main_library=str(written.main_library), manifest=dict(placed.package.manifest),
        prefix=f"{written.content_prefix}/", size=written.content_bytes, max_score=written.max_score_hint,
        created_by=tx.actor.require_account(), created_at=tx.now,
    ))  # fmt: skip
    keys = dict.fromkeys([*written.dependencies, *(x.library.name.key for x in written.libraries)])
    rows = [
        {"content_id": placed.content_id, "machine_name": k.machine_name, "major": k.major, "minor": k.minor}
        for k in keys
    ]
    if rows:
        tx.session.execute(insert(h5p_content_libraries), rows)
