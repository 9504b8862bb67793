"""The installed H5P libraries and who may add to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, update

from services.courses import h5p, policy, trash
from services.courses.tables import h5p_libraries, h5p_policy
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.errors import Forbidden

_LINGER = timedelta(hours=1)
"""A page that is being played may still fetch files of the patch before."""


def installed_libraries(tx: Tx) -> h5p.Libraries:
    """All of them, as the package rules want them."""
    records = tx.session.execute(select(h5p_libraries.c.record)).scalars()
    return h5p.Libraries.of(h5p.Library.from_record(record) for record in records)


def add_libraries(tx: Tx, libraries: Iterable[h5p.Library]) -> None:
    """Insert new libraries and move rows to newer patches; what another installation overtook is thrown away.

    The libraries' lock is held by the caller.
    """
    for library in libraries:
        current = _current(tx, library.name.key)
        if current is not None and current.folder == library.folder:
            continue
        if not library.name.replaces(current.name if current else None):
            trash.throw(tx, f"{trash.LIBRARIES}{library.folder}/")
            continue
        upsert(tx.session, h5p_libraries, _row(tx, library))
        if current is not None:
            trash.throw(tx, f"{trash.LIBRARIES}{current.folder}/", tx.now + _LINGER)


def _current(tx: Tx, key: h5p.LibraryKey) -> h5p.Library | None:
    columns = h5p_libraries.c
    here = (
        (columns.machine_name == key.machine_name)
        & (columns.major == key.major)
        & (columns.minor == key.minor)
    )
    record = tx.session.execute(select(columns.record).where(here)).scalar_one_or_none()
    return None if record is None else h5p.Library.from_record(record)


def _row(tx: Tx, library: h5p.Library) -> dict[str, object]:
    name = library.name
    return {
        "machine_name": name.machine_name, "major": name.major, "minor": name.minor, "patch": name.patch,
        "title": library.title[:255], "runnable": library.runnable, "folder": library.folder,
        "sha256": library.sha256, "record": library.as_record(), "installed_by": tx.actor.require_account(),
        "installed_at": tx.now,
    }  # fmt: skip


def trainers_may_install(tx: Tx, *, demo: bool) -> bool:
    """What an admin decided; until then, yes in demo only."""
    decided = tx.session.execute(select(h5p_policy.c.trainers_may_install)).scalar_one_or_none()
    return demo if decided is None else bool(decided)


def set_h5p_policy(tx: Tx, *, trainers_may_install: bool) -> dict[str, bool]:
    """Decide it. Raises Forbidden."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise Forbidden
    trash.lock_libraries(tx)
    tx.session.execute(update(h5p_policy).values(trainers_may_install=trainers_may_install))
    return {"trainers_may_install": trainers_may_install}
