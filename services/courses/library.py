"""The installed H5P libraries and who may add to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from services.courses import h5p, trash
from services.courses.h5p_log import log_event
from services.courses.tables import h5p_libraries, h5p_policy
from shared.config import Settings
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.storage import Storage

_LINGER = timedelta(hours=1)
"""A page that is being played may still fetch files of the patch before."""


def installed_libraries(tx: Tx) -> h5p.Libraries:
    """All of them, as the package rules want them."""
    records = tx.session.execute(select(h5p_libraries.c.record)).scalars()
    return h5p.Libraries.of(h5p.Library.from_record(record) for record in records)


class InstalledSemantics:
    """The semantics of installed libraries. A folder never changes, so what was read of it is kept in memory."""

    def __init__(self, index: h5p.LibraryIndex, storage: Storage) -> None:
        self._index, self._storage = index, storage

    def semantics(self, machine_name: str, major: int, minor: int) -> Sequence[Any] | None:
        """Fields of a library, none where it has no semantics; None when it is not installed."""
        library = self._index.find(h5p.LibraryKey(machine_name, major, minor))
        return None if library is None else _semantics(self._storage, library.folder)


def _semantics(storage: Storage, folder: str) -> Sequence[Any]:
    key = f"{trash.LIBRARIES}{folder}/semantics.json"
    if key not in _read:
        found = _parsed(storage, key)
        if not found:
            return found
        if len(_read) >= KEPT:
            _read.clear()
        _read[key] = found
    return _read[key]


def _parsed(storage: Storage, key: str) -> Sequence[Any]:
    try:
        with storage.open(key) as file:
            found = json.loads(file.read().decode("utf-8-sig"))
    except (NotFound, ValueError):
        return ()
    return found if isinstance(found, list) else ()


KEPT = 256
_read: dict[str, Sequence[Any]] = {}
"""What folders hold; their names end in a hash of it."""


def add_libraries(tx: Tx, libraries: Iterable[h5p.Library], origin: Mapping[str, str] | None = None) -> None:
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
        upsert(tx.session, h5p_libraries, _row(tx, library) | {"origin": dict(origin) if origin else None})
        log_event(tx, "library", "create" if current is None else "update", library=str(library.name))
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


def scanner_of(settings: Settings) -> h5p.Scanner | None:
    """The virus scanner that the settings name, if any."""
    return h5p.clamd(settings.clamd) if settings.clamd else None


def restricted_libraries(tx: Tx) -> set[h5p.LibraryKey]:
    """Libraries of which only admins make new contents."""
    columns = h5p_libraries.c
    found = select(columns.machine_name, columns.major, columns.minor).where(columns.restricted.is_(True))
    return {h5p.LibraryKey(*row) for row in tx.session.execute(found)}


def trainers_may_install(tx: Tx, *, demo: bool) -> bool:
    """What an admin decided; until then, yes in demo only."""
    decided = tx.session.execute(select(h5p_policy.c.trainers_may_install)).scalar_one_or_none()
    return demo if decided is None else bool(decided)


def site_display(tx: Tx) -> dict[str, str]:
    """The site's rule for every display option of contents."""
    decided = tx.session.execute(select(h5p_policy.c.display)).scalar_one_or_none()
    return dict(h5p.DEFAULT_DISPLAY) | dict(decided or {})


def set_site_display(tx: Tx, changes: Mapping[str, str]) -> dict[str, str]:
    """Other rules for some of them; all of them afterwards. The libraries' lock is held by the caller."""
    rules = site_display(tx) | dict(changes)
    tx.session.execute(update(h5p_policy).values(display=rules))
    return rules
