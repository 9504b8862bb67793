"""Contents brought to the newest installed version of their content type: a run over all of them, one at a time.

A run only changes drafts: learners get the new content with the next edition of the course. The old content stays
until the run is undone or the activity gets another one. A run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from services.courses import h5p, policy, store
from services.courses.commands import h5p_contents as contents
from services.courses.commands.writing import drop_h5p
from services.courses.domain.h5p_play import (
    DONE,
    FAILED,
    RUNNING,
    SAME,
    UNDONE,
    WAITING,
    NothingToUpgrade,
    UpgradeRunning,
)
from services.courses.domain.outline import ACTIVITY
from services.courses.h5p import upgrades as engine
from services.courses.h5p_log import log_event
from services.courses.library import InstalledSemantics, installed_libraries
from services.courses.lineage import Fit, inherit
from services.courses.players.xblock_runtime import load_block
from services.courses.queries.h5p_upgrades import is_played, load_run, outdated, run_view
from services.courses.tables import h5p_upgrade_items, h5p_upgrades
from services.courses.trash import LIBRARIES, lock_libraries, take_back
from services.courses.views import lineage_of
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import new_id
from shared.messaging import offload
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.storage import Storage

View = dict[str, Any]
BUDGET_S = 8.0
"""One call works so long, so that the page that asks can show how far it is."""


@dataclass(frozen=True, slots=True)
class StartUpgrade:
    """`machine_name` None: every content type. A dry run writes no content."""

    machine_name: str | None
    dry_run: bool


def start_upgrade(tx: Tx, cmd: StartUpgrade) -> View:
    """List what is to be upgraded. Raises NotFound, UpgradeRunning, NothingToUpgrade."""
    require_admin(tx)
    lock_libraries(tx)  # no two runs at a time, and no library changes while the list is made
    if tx.session.execute(select(h5p_upgrades.c.id).where(h5p_upgrades.c.status == RUNNING)).first():
        raise UpgradeRunning
    found = outdated(tx, cmd.machine_name)
    if not found:
        raise NothingToUpgrade
    run_id = new_id()
    tx.session.execute(insert(h5p_upgrades).values(
        id=run_id, machine_name=cmd.machine_name, dry_run=cmd.dry_run, status=RUNNING,
        started_by=tx.actor.require_account(), started_at=tx.now,
    ))  # fmt: skip
    tx.session.execute(insert(h5p_upgrade_items), [
        {"run_id": run_id, "position": n, "activity_id": one.activity_id, "content_id": one.content_id,
         "status": WAITING}
        for n, one in enumerate(found)
    ])  # fmt: skip
    return run_view(tx, run_id)


def require_admin(tx: Tx) -> None:
    """Raises NotFound for everybody else."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound


def continue_upgrade(service: Service, call: Call, run_id: object) -> View:
    """Work on a run for some seconds. Ends it after its last content. Raises NotFound."""
    until = time.monotonic() + BUDGET_S
    with engine.Engine() as hooks:
        while time.monotonic() < until:
            with service.read(call) as tx:
                require_admin(tx)
                run = load_run(tx, run_id)
                item = _next(tx, run["id"])
            if run["status"] != RUNNING or item is None:
                break
            _upgrade(service, call, Task(run, item), hooks)
    with service.tx(call) as tx:
        run = load_run(tx, run_id)
        if run["status"] == RUNNING and _next(tx, run["id"]) is None:
            _end(tx, run["id"], DONE)
        return run_view(tx, run["id"])


def _next(tx: Tx, run_id: UUID) -> View | None:
    columns = h5p_upgrade_items.c
    waiting = select(*columns).where(columns.run_id == run_id, columns.status == WAITING)
    found = rows(tx, waiting.order_by(columns.position).limit(1))
    return found[0] if found else None


def _end(tx: Tx, run_id: UUID, status: str) -> None:
    ended = update(h5p_upgrades).where(h5p_upgrades.c.id == run_id)
    tx.session.execute(ended.values(status=status, finished_at=tx.now))


@dataclass(frozen=True, slots=True)
class Task:
    """One content of a run."""

    run: View
    item: View


@dataclass(frozen=True, slots=True)
class Made:
    """A content as it was and as its newest library wants it."""

    old: contents.Content
    params: View
    manifest: View
    moved: tuple[tuple[str, str], ...]


def _upgrade(service: Service, call: Call, task: Task, hooks: engine.Engine) -> None:
    try:
        made = _made(service, call, task, hooks)
    except engine.UpgradeFailed as failed:
        _settle(service, call, task, FAILED, failed.code, {"library": failed.library, "said": failed.detail})
        return
    except NotFound:  # the activity or its content went meanwhile
        _settle(service, call, task, SAME, "changed-meanwhile")
        return
    detail = {"moved": [list(pair) for pair in made.moved]}
    if task.run["dry_run"]:
        _settle(service, call, task, DONE, None, detail)
        return
    _write(service, call, task, made)


def _made(service: Service, call: Call, task: Task, hooks: engine.Engine) -> Made:
    with service.read(call) as tx:
        if not is_played(tx, task.item["activity_id"], task.item["content_id"]):
            raise NotFound
        old = contents.read_content(tx, service.storage, task.item["content_id"])
        index = installed_libraries(tx)
    shelf = Shelf(index, service.storage)
    new = newest_of(index, old.main)
    done = offload.run(engine.upgrade, old.params, _metadata(old.manifest), old.main, new, shelf, hooks.run)
    cleaned = h5p.clean(done.params, str(new), shelf.semantics_of)
    manifest = {**old.manifest, **done.metadata, "preloadedDependencies": [_dependency(new)]}
    return Made(old, cleaned.params, manifest, done.moved)


def newest_of(index: h5p.Libraries, key: h5p.LibraryKey) -> h5p.LibraryKey:
    """The newest installed version of a content type."""
    return max((one for one in index.by_key if one.machine_name == key.machine_name), default=key)


def _metadata(manifest: Mapping[str, Any]) -> View:
    structural = ("mainLibrary", "embedTypes", "language", "preloadedDependencies", "dynamicDependencies")
    return {name: value for name, value in manifest.items() if name not in structural}


def _dependency(key: h5p.LibraryKey) -> View:
    return {"machineName": key.machine_name, "majorVersion": key.major, "minorVersion": key.minor}


class Shelf:
    """The installed libraries as the upgrade sees them."""

    def __init__(self, index: h5p.Libraries, storage: Storage) -> None:
        self._index, self._storage = index, storage
        self.semantics_of = InstalledSemantics(index, storage)

    def semantics(self, machine_name: str, major: int, minor: int) -> Any:
        """The fields of a version, None when it is not installed."""
        return self.semantics_of.semantics(machine_name, major, minor)

    def upgrades(self, machine_name: str, major: int, minor: int) -> str | None:
        """The text of its upgrades.js."""
        library = self._index.find(h5p.LibraryKey(machine_name, major, minor))
        return None if library is None else _script(self._storage, library.folder)  # type: ignore[arg-type]


@lru_cache(maxsize=64)  # a folder never changes
def _script(storage: Storage, folder: str) -> str | None:
    try:
        with storage.open(f"{LIBRARIES}{folder}/upgrades.js") as file:
            return file.read().decode("utf-8-sig")
    except (NotFound, UnicodeDecodeError):
        return None


def _write(service: Service, call: Call, task: Task, made: Made) -> None:
    files = {key.removeprefix(made.old.root): key for key in service.storage.list(made.old.root)}
    files.pop("content.json", None)
    draft = contents.Draft(made.params, made.manifest, files, made.old.id)
    with contents.written(service, call, draft) as new:
        try:
            with service.tx(call) as tx:
                _place(tx, task, new)
                _note(tx, task, DONE, None, {"moved": [list(pair) for pair in made.moved]}, new.id)
        except NotFound:
            contents.withdraw(service, call, new.announced)
            _settle(service, call, task, SAME, "changed-meanwhile")


def _place(tx: Tx, task: Task, new: contents.NewContent) -> None:
    """Point the draft at the new content. Learners keep their place: hooks carry a content on, they make no other."""
    item = store.edit_item(tx, task.item["activity_id"], None, ACTIVITY)
    old_id = task.item["content_id"]
    if not is_played(tx, item.id, old_id):
        raise NotFound
    lock_libraries(tx)
    contents.add_content(tx, item.id, new)
    inherit(tx, new.id, Fit(kept=True, people=0, lineage=lineage_of(tx, old_id)))
    block = load_block(store.runtime_for(tx, role="author", user=False), item.id)
    block.swap(str(old_id), str(new.id))
    contents.note_languages(item, block, new.manifest)
    take_back(tx, new.announced)
    log_event(tx, "content", "upgrade", activity_id=item.id, content_id=new.id,
              library=str(contents.main_library(new.manifest)))  # fmt: skip


def _settle(
    service: Service, call: Call, task: Task, status: str, code: str | None, detail: View | None = None
) -> None:
    with service.tx(call) as tx:
        _note(tx, task, status, code, detail)


def _note(
    tx: Tx, task: Task, status: str, code: str | None, detail: View | None = None, new_content: UUID | None = None
) -> None:  # fmt: skip
    columns = h5p_upgrade_items.c
    here = (columns.run_id == task.run["id"]) & (columns.position == task.item["position"])
    values = {"status": status, "code": code, "detail": detail, "new_content_id": new_content}
    tx.session.execute(update(h5p_upgrade_items).where(here).values(**values))


def undo_upgrade(tx: Tx, run_id: object) -> View:
    """Put the contents of before back, wherever the new one is still in the draft; and stop a run.

    Raises NotFound.
    """
    require_admin(tx)
    run = load_run(tx, run_id)
    lock_libraries(tx)
    columns = h5p_upgrade_items.c
    done = select(*columns).where(columns.run_id == run["id"], columns.new_content_id.is_not(None))
    for item in rows(tx, done.order_by(columns.position)):
        if item["status"] == DONE and _put_back(tx, item):
            _note(tx, Task(run, item), UNDONE, None, item["detail"], item["new_content_id"])
    waiting = update(h5p_upgrade_items).where(columns.run_id == run["id"], columns.status == WAITING)
    tx.session.execute(waiting.values(status=UNDONE))
    _end(tx, run["id"], UNDONE)
    return run_view(tx, run["id"])


def _put_back(tx: Tx, item: View) -> bool:
    if not is_played(tx, item["activity_id"], item["new_content_id"]):
        return False
    activity = store.edit_item(tx, item["activity_id"], None, ACTIVITY)
    block = load_block(store.runtime_for(tx, role="author", user=False), activity.id)
    block.swap(str(item["new_content_id"]), str(item["content_id"]))
    tx.session.flush()
    drop_h5p(tx, activity.id)
    log_event(tx, "content", "edit", activity_id=activity.id, content_id=item["content_id"])
    return True
