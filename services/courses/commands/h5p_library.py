"""Administration of H5P libraries, display options of activities, and packages made of contents."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from services.courses import h5p, policy, store, trash
from services.courses.commands import uploads
from services.courses.commands.h5p_contents import Content, read_content, withdraw
from services.courses.commands.packages import Checked, PackageStore, announce, refusals
from services.courses.commands.writing import Edit, edited
from services.courses.domain.errors import PackageRefused, WrongKind
from services.courses.domain.h5p_library import ContentIncomplete, LibraryInUse, NoLibraries
from services.courses.domain.outline import ACTIVITY, H5P
from services.courses.h5p_log import log_event
from services.courses.library import (
    add_libraries,
    installed_libraries,
    scanner_of,
    set_site_display,
    trainers_may_install,
)
from services.courses.queries.h5p_library import (
    activity_content,
    contents_using,
    dependents,
    library_row,
    shown_options,
)
from services.courses.tables import h5p_libraries, h5p_policy
from shared.db.tx import Tx
from shared.errors import FieldProblem, Forbidden, NotFound
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.storage import Storage

View = dict[str, Any]
EXPORTS = "h5p/exports/"
KEEP_EXPORT = timedelta(days=2)


# --- libraries


def install_libraries(service: Service, call: Call, upload_id: object) -> View:
    """Install what is new in a package of libraries; a content in it is passed over.

    Raises NotFound, Forbidden, PackageRefused with every reason, NoLibraries. The upload is gone afterwards.
    """
    with service.read(call) as tx:
        if not policy.can_author(tx.actor):
            raise NotFound
        allowed = trainers_may_install(tx, demo=service.settings.demo)
        if not policy.can_install_library(tx.actor, trainers_may_install=allowed):
            raise Forbidden
        upload = uploads.find_upload(tx, upload_id)
        installed = installed_libraries(tx)
    with service.storage.open(upload.storage_key) as file:
        report = h5p.validate_package(
            file,
            installed=installed,
            may_install=True,
            name=upload.filename,
            library_only=True,
            scanner=scanner_of(service.settings),
        )
        if report.package is None:
            uploads.discard_upload(service, call, upload)
            raise PackageRefused(fields=refusals(report))
        origin = {"filename": upload.filename, "sha256": upload.sha256}
        done = install_package(service, call, Checked(file, report, report.package, installed), origin)
    uploads.discard_upload(service, call, upload)
    if not done:
        raise NoLibraries(fields=[FieldProblem("upload_id", "h5p-nothing-to-install")])
    return {"items": done}


def install_package(service: Service, call: Call, checked: Checked, origin: dict[str, str]) -> list[View]:
    """Write and register the libraries of a checked package; what changed: `{library, version, before, action}`."""
    with service.db.tx(call.actor) as tx:
        announced = announce(tx, checked, None)
    try:
        written = h5p.install_package(
            checked.file,
            checked.report,
            PackageStore(service.storage),
            content_id=None,
            installed=checked.installed,
        )
        service.storage.sync()
        with service.tx(call) as tx:
            trash.lock_libraries(tx)
            add_libraries(tx, written.changed_libraries(), origin)
            trash.take_back(tx, announced)
            for library in written.changed_libraries():
                before = checked.installed.find(library.name.key)
                log_event(tx, "library", "update" if before else "create", library=str(library.name))
    except BaseException:
        withdraw(service, call, announced)
        raise
    return [_change(item, checked.installed) for item in written.libraries if item.action != "kept"]


def _change(item: h5p.InstalledLibrary, before: h5p.Libraries) -> View:
    name = item.library.name
    old = before.find(name.key)
    return {
        "library": str(name.key), "title": item.library.title, "version": _version(name),
        "before": _version(old.name) if old else None, "action": item.action,
    }  # fmt: skip


def _version(name: h5p.LibraryName) -> str:
    return f"{name.major}.{name.minor}.{name.patch}"


def set_library(tx: Tx, *, library: str, restricted: bool) -> View:
    """Keep new contents of a library to admins, or open it again. Raises NotFound, Forbidden."""
    row = library_row(tx, library)
    if not policy.can_manage_libraries(tx.actor):
        raise Forbidden
    tx.session.execute(update(h5p_libraries).where(_here(row)).values(restricted=restricted))
    return {"library": library, "restricted": restricted}


def delete_library(tx: Tx, library: str) -> View:
    """Remove a library that nothing needs. Raises NotFound, Forbidden, LibraryInUse with what needs it."""
    row = library_row(tx, library)
    if not policy.can_manage_libraries(tx.actor):
        raise Forbidden
    trash.lock_libraries(tx)
    record = h5p.Library.from_record(row["record"])
    using, count = contents_using(tx, record.name.key)
    needed_by = [name for name in dependents(installed_libraries(tx))[record.name.key] if name != library]
    if using or needed_by:
        fields = [FieldProblem(f"libraries.{name}", "h5p-needed-by-library") for name in needed_by]
        fields += [
            FieldProblem(f"contents.{one['content_id']}", "h5p-used-by-content", {"title": one["title"]})
            for one in using
        ]
        raise LibraryInUse(contents=count, libraries=len(needed_by), fields=fields)
    tx.session.execute(delete(h5p_libraries).where(_here(row)))
    trash.throw(tx, f"{trash.LIBRARIES}{row['folder']}/", tx.now + timedelta(hours=1))
    log_event(tx, "library", "delete", library=str(record.name))
    return {"library": library}


def _here(row: View) -> Any:
    columns = h5p_libraries.c
    return (
        (columns.machine_name == row["machine_name"])
        & (columns.major == row["major"])
        & (columns.minor == row["minor"])
    )


def set_h5p_policy(tx: Tx, *, trainers_may_install: bool, display: dict[str, str] | None) -> View:
    """Who may install, and what stands under contents. What `display` leaves out stays. Raises Forbidden."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise Forbidden
    trash.lock_libraries(tx)
    tx.session.execute(update(h5p_policy).values(trainers_may_install=trainers_may_install))
    return {"trainers_may_install": trainers_may_install, "display": set_site_display(tx, display or {})}


# --- contents


@dataclass(frozen=True, slots=True)
class SetDisplay:
    activity_id: object
    version: int
    hidden: list[str] | None


def set_display(tx: Tx, cmd: SetDisplay) -> Edit:
    """What the author does not want under a content; None: as the site says. Raises WrongKind."""
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if item.block_type != H5P:
        raise WrongKind
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    block.hidden = None if cmd.hidden is None else sum(h5p.BITS[name] for name in set(cmd.hidden))
    block.save()
    return edited(store.load_course(tx, item.course_id), item.id)


def export_activity(service: Service, call: Call, activity_id: object, language: str | None = None) -> View:
    """A package of an activity's content, in storage for two days: `{storage_key, filename, size}`.

    `language`: of the readers whose content it is, where each language has one; else the actor's. Staff get what the draft holds; learners what they play, where its display options let them download it.
    Raises NotFound, ContentIncomplete.
    """
    with service.read(call) as tx:
        item = store.visible_activity(tx, activity_id)
        staff = policy.is_staff(tx.actor)
        content_id, hidden = activity_content(
            tx, item, role="author" if staff else "learner", language=language
        )
        if not staff and not shown_options(tx, hidden)["download"]:
            raise NotFound
        content = read_content(tx, service.storage, content_id)
        index = installed_libraries(tx)
    return export_package(service, call, content, index)


def export_package(service: Service, call: Call, content: Content, index: h5p.Libraries) -> View:
    """The package of a content, made anew unless one was made today. Raises ContentIncomplete."""
    day = f"{service.clock.now():%Y%m%d}"
    key = f"{EXPORTS}{content.id}-{day}-{_fingerprint(content, index)}.h5p"
    if not service.storage.exists(key):
        with service.db.tx(call.actor) as tx:
            trash.throw(tx, key, tx.now + KEEP_EXPORT)
        export_content(service.storage, content, index, key)
    return {
        "storage_key": key,
        "filename": f"{h5p.slug(content.title)}.h5p",
        "size": service.storage.size(key),
    }


def _fingerprint(content: Content, index: h5p.Libraries) -> str:
    """Another one when a library that the package holds was updated."""
    found, _ = h5p.resolve_dependencies(content.used, index)
    folders = sorted(library.folder for one in found if (library := index.find(one.key)))
    return hashlib.sha256("\n".join(folders).encode()).hexdigest()[:12]


def export_content(storage: Storage, content: Content, index: h5p.Libraries, key: str) -> None:
    """Write a content as a package into storage. Raises ContentIncomplete."""
    exported = h5p.Exported(content.manifest, content.used, content.root)
    with tempfile.TemporaryFile() as file:
        try:
            h5p.write_package(exported, index, storage, file, library_root=trash.LIBRARIES)
        except h5p.LibraryGone as error:
            raise ContentIncomplete(libraries=str(error)) from error
        file.seek(0)
        storage.put(key, file)
