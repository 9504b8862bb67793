"""Which contents could be upgraded, and how far a run is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.courses import policy, store
from services.courses.domain.h5p_play import ITEM_STATUSES
from services.courses.players.xblock_runtime import load_block
from services.courses.queries.summaries import iso
from services.courses.tables import h5p_contents, h5p_libraries, h5p_upgrade_items, h5p_upgrades, items
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import parse_id

View = dict[str, Any]
SHOWN = 20
Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outdated:
    """A draft's content whose content type has a newer version installed."""

    content_id: UUID
    activity_id: UUID
    machine_name: str
    version: Version
    newest: Version


def outdated(tx: Tx, machine_name: str | None = None) -> list[Outdated]:
    """Every such content, oldest first."""
    newest = _newest(tx)
    columns = h5p_contents.c
    all_of_them = (
        select(columns.id, columns.activity_id, columns.main_library)
        .join(items, items.c.id == columns.activity_id)
        .order_by(columns.id)
    )
    found = []
    for row in tx.session.execute(all_of_them):
        name, version = _split(row.main_library)
        late = newest.get(name, version) > version and machine_name in (None, name)
        if late and is_played(tx, row.activity_id, row.id):
            found.append(Outdated(row.id, row.activity_id, name, version, newest[name]))
    return found


def _newest(tx: Tx) -> dict[str, Version]:
    columns = h5p_libraries.c
    found: dict[str, Version] = {}
    for name, major, minor in tx.session.execute(select(columns.machine_name, columns.major, columns.minor)):
        found[name] = max(found.get(name, (major, minor)), (major, minor))
    return found


def _split(library: str) -> tuple[str, Version]:
    name, _, version = library.rpartition("-")
    major, _, minor = version.partition(".")
    return name, (int(major), int(minor))


def is_played(tx: Tx, activity_id: UUID, content_id: UUID) -> bool:
    """False for contents that only an edition or the history has, and when the activity is gone."""
    try:
        block = load_block(store.runtime_for(tx, role="author", user=False), activity_id)
    except NotFound:
        return False
    return str(content_id) in getattr(block, "contents", ())


def list_h5p_upgrades(tx: Tx) -> View:
    """What could be upgraded by content type, and the newest runs. Raises NotFound for others than admins."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound
    runs = select(h5p_upgrades.c.id).order_by(h5p_upgrades.c.id.desc()).limit(SHOWN)
    return {
        "available": _available(tx),
        "runs": [run_head(tx, run_id) for run_id in tx.session.execute(runs).scalars().all()],
    }


def _available(tx: Tx) -> list[View]:
    by_name: dict[str, list[Outdated]] = defaultdict(list)
    for one in outdated(tx):
        by_name[one.machine_name].append(one)
    columns = h5p_libraries.c
    titles = {row.machine_name: row.title for row in tx.session.execute(
        select(columns.machine_name, columns.title).where(columns.machine_name.in_(by_name))
        .order_by(columns.major, columns.minor)
    )}  # fmt: skip
    return [
        {
            "machine_name": name, "title": titles.get(name, name), "contents": len(found),
            "versions": sorted({_spoken(one.version) for one in found}), "newest": _spoken(found[0].newest),
        }
        for name, found in sorted(by_name.items())
    ]  # fmt: skip


def _spoken(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def load_run(tx: Tx, run_id: object) -> View:
    """The row of a run. Raises NotFound."""
    found = rows(tx, select(*h5p_upgrades.c).where(h5p_upgrades.c.id == parse_id(run_id)))
    if not found:
        raise NotFound
    return found[0]


def run_head(tx: Tx, run_id: object) -> View:
    """A run with its figures."""
    run = load_run(tx, run_id)
    columns = h5p_upgrade_items.c
    counted = select(columns.status, func.count()).where(columns.run_id == run["id"]).group_by(columns.status)
    counts = dict.fromkeys(ITEM_STATUSES, 0) | dict(map(tuple, tx.session.execute(counted)))
    return {
        "id": str(run["id"]), "machine_name": run["machine_name"], "dry_run": run["dry_run"],
        "status": run["status"], "started_at": iso(run["started_at"]), "finished_at": iso(run["finished_at"]),
        "total": sum(counts.values()), "counts": counts,
    }  # fmt: skip


def get_h5p_upgrade(tx: Tx, run_id: object) -> View:
    """A run with its contents. Raises NotFound."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound
    return run_view(tx, run_id)


def run_view(tx: Tx, run_id: object) -> View:
    """The same, not guarded."""
    head = run_head(tx, run_id)
    columns = h5p_upgrade_items.c
    found = rows(
        tx,
        select(*columns, items.c.title, items.c.course_id)
        .outerjoin(items, items.c.id == columns.activity_id)
        .where(columns.run_id == parse_id(head["id"]))
        .order_by(columns.position),
    )
    return head | {"items": [_item(row) for row in found]}


def _item(row: View) -> View:
    ids = ("activity_id", "content_id", "new_content_id", "course_id")
    return {name: str(row[name]) if row[name] else None for name in ids} | {
        "title": row["title"], "status": row["status"], "code": row["code"], "detail": row["detail"] or {},
    }  # fmt: skip
