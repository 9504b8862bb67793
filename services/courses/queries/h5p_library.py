"""Reads of H5P libraries and contents: what uses what, rights, display options."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.courses import h5p, policy, store
from services.courses.commands.h5p_contents import Content, visible_content
from services.courses.domain.outline import H5P, OutlineItem
from services.courses.library import InstalledSemantics, installed_libraries, site_display
from services.courses.players.xblock_runtime import load_block
from services.courses.queries.summaries import iso
from services.courses.tables import courses, h5p_content_libraries, h5p_contents, h5p_libraries, items
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of
from shared.storage import Storage

View = dict[str, Any]
SHOWN = 50


def list_h5p_libraries(tx: Tx, wanted: View) -> View:
    """The installed libraries by name: how many contents and which libraries need each. Raises NotFound (not staff)."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    libs, uses = h5p_libraries.c, h5p_content_libraries.c
    same = (uses.machine_name == libs.machine_name) & (uses.major == libs.major) & (uses.minor == libs.minor)
    count = select(func.count()).where(same).scalar_subquery()
    statement = select(*libs, count.label("uses"))
    if request.after is not None:
        statement = statement.where(libs.folder > request.after[0])
    found = rows(tx, statement.order_by(libs.folder).limit(request.limit + 1))
    needed_by = dependents(installed_libraries(tx))
    return page_of(found, request, lambda row: [row["folder"]], lambda row: _library(row, needed_by))


def dependents(index: h5p.Libraries) -> dict[h5p.LibraryKey, list[str]]:
    """Which installed libraries name each key, whatever for."""
    found: dict[h5p.LibraryKey, list[str]] = defaultdict(list)
    for key, library in sorted(index.by_key.items()):
        for needed in {*library.preloaded, *library.dynamic, *library.editor}:
            found[needed].append(str(key))
    return found


def _library(row: View, needed_by: dict[h5p.LibraryKey, list[str]]) -> View:
    key = h5p.LibraryKey(row["machine_name"], row["major"], row["minor"])
    return {
        "library": str(key),
        "machine_name": key.machine_name,
        "version": f"{row['major']}.{row['minor']}.{row['patch']}",
        "title": row["title"],
        "runnable": row["runnable"],
        "restricted": row["restricted"],
        "uses": row["uses"],
        "needed_by": needed_by.get(key, []),
        "installed_at": iso(row["installed_at"]),
    }


def get_h5p_library(tx: Tx, library: str) -> View:
    """One library with its contents, its provenance and what it needs. Raises NotFound for others than staff."""
    row = library_row(tx, library)
    index = installed_libraries(tx)
    record = h5p.Library.from_record(row["record"])
    using, count = contents_using(tx, record.name.key)
    needed = [*record.preloaded, *record.dynamic, *record.editor]
    return _library(row | {"uses": count}, dependents(index)) | {
        "author": record.author,
        "licence": record.licence,
        "languages": list(record.languages),
        "needs": [
            {"library": str(key), "installed": index.find(key) is not None} for key in dict.fromkeys(needed)
        ],
        "sha256": row["sha256"],
        "origin": row["origin"],
        "installed_by": str(row["installed_by"]),
        "contents": using,
    }


def library_row(tx: Tx, library: str) -> View:
    """The row of `H5P.X-1.2`. Raises NotFound, for others than staff too."""
    key = h5p.parse_library(library)
    if key is None or not policy.is_staff(tx.actor):
        raise NotFound
    columns = h5p_libraries.c
    here = (
        (columns.machine_name == key.machine_name)
        & (columns.major == key.major)
        & (columns.minor == key.minor)
    )
    found = rows(tx, select(*columns).where(here))
    if not found:
        raise NotFound
    return found[0]


def contents_using(tx: Tx, key: h5p.LibraryKey) -> tuple[list[View], int]:
    """Contents that need a library, the newest first and at most SHOWN, and how many there are."""
    uses = h5p_content_libraries.c
    here = (uses.machine_name == key.machine_name) & (uses.major == key.major) & (uses.minor == key.minor)
    count = tx.session.execute(
        select(func.count()).select_from(h5p_content_libraries).where(here)
    ).scalar_one()
    statement = (
        select(
            h5p_contents.c.id, h5p_contents.c.title, h5p_contents.c.activity_id, items.c.course_id,
            courses.c.title.label("course_title"),
        )
        .join(h5p_content_libraries, uses.content_id == h5p_contents.c.id)
        .outerjoin(items, items.c.id == h5p_contents.c.activity_id)
        .outerjoin(courses, courses.c.id == items.c.course_id)
        .where(here)
        .order_by(h5p_contents.c.created_at.desc(), h5p_contents.c.id)
        .limit(SHOWN)
    )  # fmt: skip
    return [_using(row) for row in rows(tx, statement)], count


def _using(row: View) -> View:
    return {
        "content_id": str(row["id"]), "title": row["title"], "activity_id": str(row["activity_id"]),
        "course_id": str(row["course_id"]) if row["course_id"] else None, "course_title": row["course_title"],
    }  # fmt: skip


# --- contents


def get_h5p_content(tx: Tx, storage: Storage, content_id: object) -> View:
    """A content with its metadata, its libraries and the rights in its parts. Raises NotFound for others than staff."""
    content = visible_content(tx, storage, content_id)
    index = installed_libraries(tx)
    described = {
        name: content.manifest[name]
        for name in _DESCRIBED
        if content.manifest.get(name) not in (None, "", [])
    }
    return {
        "id": str(content.id),
        "activity_id": str(content.activity_id),
        "title": content.title,
        "language": content.language,
        "main_library": str(content.main),
        "size": content.size,
        "metadata": described,
        "params": content.params,
        "params_hash": content.params_hash,
        "libraries": [str(key) for key in content.used],
        "credits": credits_of(content, index, storage),
    }


_DESCRIBED = (
    "title", "language", "defaultLanguage", "license", "licenseVersion", "licenseExtras", "authors", "source",
    "yearFrom", "yearTo", "authorComments", "a11yTitle", "changes", "contentType",
)  # fmt: skip


def credits_of(content: Content, index: h5p.Libraries, storage: Storage) -> list[View]:
    """The rights in a content and its media, ready for JSON."""
    source = InstalledSemantics(index, storage)
    found = h5p.copyrights(content.params, str(content.main), content.manifest, source)
    return [credit.as_dict() for credit in found]


def activity_content(
    tx: Tx, item: OutlineItem, *, role: str, language: str | None = None
) -> tuple[UUID, int | None]:
    """The content that an activity shows in a role to readers of a language (else the actor's), and the display options
    that its author switched off.

    Raises NotFound while it has none.
    """
    if item.block_type != H5P:
        raise NotFound
    block = load_block(store.runtime_for(tx, role=role, user=False), item.id)
    if not block.contents:
        raise NotFound
    return UUID(block.content_for(language or tx.actor.language)), block.hidden


def shown_options(tx: Tx, hidden: int | None) -> dict[str, bool]:
    """The display options that the actor gets. Staff have every right that the site gives by permission."""
    rights = tuple(h5p.BITS) if policy.is_staff(tx.actor) else ()
    return h5p.display_options(hidden, site_display(tx), rights)
