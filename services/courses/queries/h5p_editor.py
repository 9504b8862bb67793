"""What the H5P editor reads: content types, fields of a library, a draft, contents to start from."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from xblock.core import XBlock

from services.courses import h5p, policy, store, trash
from services.courses.domain import h5p_editor as rules
from services.courses.domain.course import Course
from services.courses.domain.errors import WrongKind
from services.courses.domain.outline import H5P, OutlineItem
from services.courses.library import InstalledSemantics, installed_libraries, restricted_libraries
from services.courses.players.xblock_runtime import load_block
from services.courses.queries.summaries import iso
from services.courses.tables import courses, h5p_contents, h5p_draft_files, h5p_drafts, h5p_previews, items
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import hash_secret, parse_id
from shared.paging import PageRequest, page_of
from shared.storage import Storage

View = dict[str, Any]


@lru_cache(maxsize=1024)
def _file(storage: Any, folder: str, path: str) -> Any:
    try:
        with storage.open(f"{trash.LIBRARIES}{folder}/{path}") as file:
            return json.loads(file.read().decode("utf-8-sig"))
    except (NotFound, ValueError):
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(storage: Any, library: h5p.Library, language: str) -> list[Any] | None:
    """The words of a library's translation; None where it has none."""
    found = _file(storage, library.folder, f"language/{language}.json")
    return _list(found.get("semantics")) if isinstance(found, dict) else None


# --- libraries


def h5p_content_types(tx: Tx) -> View:
    """What a trainer can make: the newest version of every runnable library. Raises NotFound for others than staff."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    newest: dict[str, h5p.Library] = {}
    kept = set() if policy.can_use_restricted(tx.actor) else restricted_libraries(tx)
    for library in installed_libraries(tx).by_key.values():
        known = newest.get(library.name.machine_name)
        may = library.runnable and library.name.key not in kept
        if may and (known is None or library.name > known.name):
            newest[library.name.machine_name] = library
    found = sorted(newest.values(), key=lambda one: one.title.casefold())
    return {"items": [library_view(one) for one in found]}


def library_view(library: h5p.Library) -> View:
    """A library as the editor names it."""
    return {
        "library": spoken(library.name.key),
        "machine_name": library.name.machine_name,
        "title": library.title,
        "languages": list(library.languages),
    }


def spoken(key: h5p.LibraryKey) -> str:
    """The key as content writes it: `H5P.X 1.2`."""
    return f"{key.machine_name} {key.major}.{key.minor}"


def h5p_library_semantics(tx: Tx, storage: Storage, wanted: View) -> View:
    """The form of a library: fields with labels in one language and default texts in another.

    `libraries` tells of each library that a field offers which installed version stands for it.
    Raises NotFound for others than staff and for a library that is not installed.
    """
    key = h5p.parse_library(wanted["library"])
    index = installed_libraries(tx)
    library = index.find(key) if key else None
    if library is None or not policy.is_staff(tx.actor):
        raise NotFound
    language = wanted["language"] or tx.actor.language
    labels = _words(storage, library, language)
    texts = _words(storage, library, wanted["texts"] or language)
    own = InstalledSemantics(index, storage).semantics(*library.name.key) or ()
    fields = rules.localise(own, labels, texts)
    return library_view(library) | {
        "label_language": language if labels is not None else "en",
        "semantics": fields,
        "libraries": {name: _offer(name, index) for name in _offered(fields)},
    }


def _offered(fields: object) -> list[str]:
    """Names in the options of library fields, at any depth."""
    found: dict[str, None] = {}
    waiting = [fields]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            options = value.get("options")
            if value.get("type") == "library" and isinstance(options, list):
                names = (one.get("name") if isinstance(one, dict) else one for one in options)
                found.update(dict.fromkeys(name for name in names if isinstance(name, str)))
            waiting += [inner for inner in value.values() if isinstance(inner, (dict, list))]
        elif isinstance(value, list):
            waiting += value
    return list(found)


def _offer(name: str, index: h5p.Libraries) -> View | None:
    """The installed library that answers an option: this version, else the newest of the same major version."""
    key = h5p.parse_library(name)
    exact = index.find(key) if key else None
    if exact is not None or key is None:
        return library_view(exact) if exact else None
    same = [one for other, one in index.by_key.items() if other[:2] == key[:2] and other.minor > key.minor]
    return library_view(max(same, key=lambda one: one.name)) if same else None


# --- drafts


def editable_activity(tx: Tx, activity_id: object) -> tuple[OutlineItem, Course]:
    """An H5P activity that the actor may change. Raises NotFound, Forbidden, WrongKind."""
    item = store.load_activity(tx, activity_id)
    course = store.load_course(tx, item.course_id)
    if not policy.can_edit_course(tx.actor, course):
        raise Forbidden
    if item.block_type != H5P:
        raise WrongKind
    return item, course


def load_draft(tx: Tx, draft_id: object, *, lock: bool = False) -> tuple[View, OutlineItem]:
    """A draft and its activity, for who may change them. Raises NotFound, Forbidden."""
    mine = select(*h5p_drafts.c).where(h5p_drafts.c.id == parse_id(draft_id))
    found = rows(tx, mine.with_for_update() if lock else mine)
    if not found:
        raise NotFound
    item, _ = editable_activity(tx, found[0]["activity_id"])
    return found[0], item


def get_h5p_draft(tx: Tx, draft_id: object) -> View:
    """One draft, whole. Raises NotFound, Forbidden."""
    draft, item = load_draft(tx, draft_id)
    return draft_view(tx, draft, item)


def find_h5p_draft(tx: Tx, activity_id: object) -> View:
    """The draft of an activity, or None where nobody is writing. Raises NotFound, Forbidden, WrongKind."""
    item, _ = editable_activity(tx, activity_id)
    found = rows(tx, select(*h5p_drafts.c).where(h5p_drafts.c.activity_id == item.id))
    return {"draft": draft_view(tx, found[0], item) if found else None}


def draft_view(tx: Tx, draft: View, item: OutlineItem) -> View:
    """A draft for the wire. `replaced`: the activity has got another content since the draft was begun."""
    base = draft["base_content_id"]
    media = select(h5p_draft_files.c.path).where(h5p_draft_files.c.draft_id == draft["id"])
    present = block_of(tx, item).contents
    return {
        "id": str(draft["id"]),
        "activity_id": str(item.id),
        "course_id": str(item.course_id),
        "library": draft["library"],
        "params": json.loads(draft["params"]),
        "metadata": draft["metadata"],
        "media": sorted(tx.session.execute(media).scalars()),
        "version": draft["version"],
        "base_content_id": str(base) if base else None,
        "replaced": is_replaced(tx, draft, present, present),
        "updated_by": str(draft["updated_by"]),
        "updated_at": iso(draft["updated_at"]),
    }


def block_of(tx: Tx, item: OutlineItem) -> XBlock:
    """The block of an activity's draft."""
    return load_block(store.runtime_for(tx, role="author", user=False), item.id)


def is_replaced(tx: Tx, draft: View, present: list[str], gone: list[str]) -> bool:
    """True when what a draft started from is not there any more, or when one of `gone` came after the draft was begun."""
    base = str(draft["base_content_id"] or "")
    if base not in (present or [""]):
        return True
    columns = h5p_contents.c
    later = columns.id.in_(map(UUID, gone)) & (columns.created_at > draft["created_at"])
    return tx.session.execute(select(columns.id).where(later)).first() is not None


def get_h5p_draft_file(tx: Tx, draft_id: object, path: str) -> View:
    """Where one medium of a draft is stored. Raises NotFound, Forbidden."""
    draft, _ = load_draft(tx, draft_id)
    columns = (h5p_draft_files.c.media_type, h5p_draft_files.c.size)
    here = (h5p_draft_files.c.draft_id == draft["id"]) & (h5p_draft_files.c.path == path)
    found = rows(tx, select(*columns).where(here))
    if not found:
        raise NotFound
    return found[0] | {"storage_key": f"{draft['prefix']}content/{path}"}


def list_h5p_reusable(tx: Tx, wanted: View) -> View:
    """Contents to start from, newest first: those in use in courses that the actor may see. Staff only."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    made, newer = h5p_contents.c, h5p_contents.alias()
    statement = (
        select(made.id, made.title, made.language, made.main_library, made.created_at,
               items.c.title.label("activity"), courses.c.title.label("course"))
        .join(items, items.c.id == made.activity_id)
        .join(courses, courses.c.id == items.c.course_id)
        .where(~exists().where(newer.c.activity_id == made.activity_id, newer.c.language == made.language, newer.c.id > made.id))
    )  # fmt: skip
    if wanted["machine_name"]:
        name = wanted["machine_name"]
        statement = statement.where(
            or_(made.main_library.like(f"{name}-%"), made.main_library.like(f"{name} %"))
        )
    if request.after is not None:
        statement = statement.where(made.id < parse_id(request.after[0]))
    found = rows(tx, statement.order_by(made.id.desc()).limit(request.limit + 1))
    return page_of(found, request, lambda row: [row["id"]], _reusable)


def _reusable(row: View) -> View:
    key = h5p.parse_library(row["main_library"])
    return {
        "content_id": str(row["id"]),
        "title": row["title"],
        "language": row["language"],
        "library": spoken(key) if key else row["main_library"],
        "activity": row["activity"],
        "course": row["course"],
        "created_at": iso(row["created_at"]),
    }


# --- previews


def resolve_h5p_preview(tx: Tx, token: object) -> View:
    """The PlayGrant of a preview. Raises NotFound for an unknown or ended token."""
    columns = (*h5p_previews.c, h5p_drafts.c.prefix, h5p_drafts.c.activity_id)
    statement = (
        select(*columns)
        .join(h5p_drafts, h5p_drafts.c.id == h5p_previews.c.draft_id)
        .where(and_(h5p_previews.c.token_hash == hash_secret(str(token)), h5p_previews.c.expires_at > tx.now))
    )
    found = rows(tx, statement)
    if not found:
        raise NotFound
    grant, index = found[0], installed_libraries(tx)
    roots = [h5p.LibraryKey(*key) for key in grant["manifest"]["roots"]]
    assets = h5p.assets_for(roots, index)
    return {
        "content_id": str(grant["draft_id"]),
        "activity_id": str(grant["activity_id"]),
        "prefix": grant["prefix"],
        "h5p": grant["manifest"]["h5p"],
        "main_library": spoken(roots[0]),
        "libraries": {
            name: f"{trash.LIBRARIES}{folder}/" for name, folder in sorted(assets.libraries.items())
        },
        "scripts": list(assets.scripts),
        "styles": list(assets.styles),
        "language": grant["language"],
        "nonce": grant["nonce"],
        "read_only": True,
        "expires_at": iso(grant["expires_at"]),
        "state": [],
    }
