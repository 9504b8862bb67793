"""H5P contents: written once, never changed. A change is a new content that the activity points at.

Files first, announced in `trash`, so that an interruption leaves nothing; then the row, in the transaction that
points the activity at it:

    with written(service, call, draft) as new:
        with service.tx(call) as tx:
            place(tx, item, new)
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from xblock.core import XBlock

from services.courses import h5p, lineage, policy, store, trash
from services.courses.commands import uploads
from services.courses.commands.writing import Edit, drop_h5p, edited
from services.courses.domain.errors import WrongKind
from services.courses.domain.outline import ACTIVITY, H5P, OutlineItem
from services.courses.library import installed_libraries
from services.courses.players.xblock_runtime import load_block
from services.courses.tables import h5p_content_libraries, h5p_contents
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import new_id, parse_id
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.storage import Storage

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a content is to be. `params` went through `h5p.clean`; `manifest` is h5p.json.

    `files`: path in the content -> storage key of what to copy there. `origin_id`: the content it comes from.
    """

    params: View
    manifest: View
    files: Mapping[str, str] = field(default_factory=dict)
    origin_id: UUID | None = None
    text: bytes | None = None
    """content.json, where it exists already as such."""


@dataclass(frozen=True, slots=True)
class NewContent:
    """A content whose files are in storage and whose row is not yet there."""

    id: UUID
    params: View
    manifest: View
    size: int
    params_hash: str
    announced: list[UUID]
    origin_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A content as it is stored. `root` is where content.json and the media are, with a slash at its end."""

    id: UUID
    activity_id: UUID
    main: h5p.LibraryKey
    title: str
    language: str
    manifest: View
    params: View
    root: str
    size: int
    params_hash: str
    text: bytes

    @property
    def used(self) -> list[h5p.LibraryKey]:
        """The main library and those of the parts."""
        return list(dict.fromkeys([self.main, *h5p.libraries_in(self.params)]))


def prefix_of(content_id: UUID) -> str:
    """The folder of a content in storage, with a slash at its end."""
    return f"{trash.CONTENT}{content_id}/"


def as_json(params: View) -> bytes:
    """content.json."""
    return json.dumps(params, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def read_content(tx: Tx, storage: Storage, content_id: object) -> Content:
    """A content with its parameters. Raises NotFound. Guarding is the caller's."""
    columns = h5p_contents.c
    found = rows(tx, select(*columns).where(columns.id == parse_id(content_id)))
    if not found:
        raise NotFound
    row = found[0]
    root = f"{row['prefix'].rstrip('/')}/content/"
    with storage.open(f"{root}content.json") as file:
        text = file.read()
    name, _, version = row["main_library"].rpartition("-")
    major, _, minor = version.partition(".")
    return Content(
        row["id"], row["activity_id"], h5p.LibraryKey(name, int(major), int(minor)), row["title"], row["language"],
        row["manifest"], json.loads(text.decode("utf-8-sig")), root, row["size"], row["params_hash"], text,
    )  # fmt: skip


@contextmanager
def written(service: Service, call: Call, draft: Draft) -> Iterator[NewContent]:
    """Write the files of a new content. When the block fails, what was written is thrown away."""
    content_id = new_id()
    with service.db.tx(call.actor) as tx:
        announced = [trash.throw(tx, prefix_of(content_id), tx.now + trash.WRITING)]
    try:
        text = draft.text or as_json(draft.params)
        size = _write(service.storage, f"{prefix_of(content_id)}content/", text, draft.files)
        yield NewContent(
            content_id, draft.params, draft.manifest, size, digest(text), announced, draft.origin_id
        )
    except BaseException:
        withdraw(service, call, announced)
        raise


def digest(text: bytes) -> str:
    """The hash by which contents with the same parameters are known."""
    return hashlib.sha256(text).hexdigest()


def _write(storage: Storage, root: str, text: bytes, files: Mapping[str, str]) -> int:
    size = storage.put(f"{root}content.json", io.BytesIO(text), durable=False).size
    size += sum(storage.copy(key, root + path) for path, key in files.items())
    storage.sync()
    return size


def withdraw(service: Service, call: Call, announced: list[UUID]) -> None:
    """What was announced is not coming: let the sweep take it now."""
    with service.db.tx(call.actor) as tx:
        trash.hasten(tx, announced)
    uploads.sweep(service)


def place(tx: Tx, item: OutlineItem, new: NewContent, language: str | None = None) -> None:
    """Make a new content the activity's, for everybody or for the readers of one language.

    What it takes the place of goes, unless an edition or the history has it.
    """
    add_content(tx, item.id, new)
    block = load_block(store.runtime_for(tx, role="author", user=False), item.id)
    block.place(str(new.id), language, item.content_language)
    tx.session.flush()
    drop_h5p(tx, item.id)
    note_languages(item, block, new.manifest)
    trash.take_back(tx, new.announced)


def note_languages(item: OutlineItem, block: XBlock, manifest: Mapping[str, Any]) -> None:
    """What the outline tells of an activity's languages. manifest: of the content that serves everybody, if one does."""
    item.ready_in = block.ready_languages()
    own = list(block.content_ids)
    one = own[0] if len(own) == 1 else None
    item.content_language = one if own else language_of(manifest)


def language_of(manifest: Mapping[str, Any]) -> str | None:
    """A content's language in two letters, or None when h5p.json does not say."""
    said = str(manifest.get("defaultLanguage") or manifest.get("language") or "und")
    return None if said.startswith("und") else said[:2].lower()


def add_content(tx: Tx, activity_id: UUID, new: NewContent) -> None:
    """The row of a content, and of every library that playing it needs. Addons that it calls for are added."""
    index = installed_libraries(tx)
    main = main_library(new.manifest)
    used = list(dict.fromkeys([main, *h5p.libraries_in(new.params)]))
    used += [
        key for key in h5p.addons_for(main.machine_name, new.params, index.by_key.values()) if key not in used
    ]
    manifest = {**new.manifest, **_dependencies(h5p.manifest_of(new.manifest, used, index))}
    tx.session.execute(insert(h5p_contents).values(
        id=new.id, activity_id=activity_id, title=str(manifest.get("title", ""))[:255],
        language=str(manifest.get("defaultLanguage") or manifest.get("language") or "und")[:20],
        main_library=str(main), manifest=manifest, prefix=prefix_of(new.id), size=new.size,
        max_score=h5p.max_score_hint(main, new.params), params_hash=new.params_hash, origin_id=new.origin_id,
        created_by=tx.actor.require_account(), created_at=tx.now,
    ))  # fmt: skip
    asked = [*used, *h5p.dependency_keys(new.manifest.get("dynamicDependencies"))]
    found, _ = h5p.resolve_dependencies(asked, index)
    needed = dict.fromkeys([*asked, *(one.key for one in found if one.kind != "editor")])
    tx.session.execute(
        insert(h5p_content_libraries),
        [
            {"content_id": new.id, "machine_name": k.machine_name, "major": k.major, "minor": k.minor}
            for k in needed
        ],
    )


def _dependencies(manifest: View) -> View:
    return {"preloadedDependencies": manifest["preloadedDependencies"]}


def main_library(manifest: Mapping[str, Any]) -> h5p.LibraryKey:
    """The key of a checked h5p.json's main library."""
    keys = h5p.dependency_keys(manifest.get("preloadedDependencies"))
    return next(key for key in keys if key.machine_name == manifest["mainLibrary"])


# --- copies


@dataclass(frozen=True, slots=True)
class CopyContent:
    """`language`: for whose readers; None: for everybody."""

    activity_id: object
    content_id: object
    version: int | None
    language: str | None = None


def copy_content(service: Service, call: Call, cmd: CopyContent) -> Edit:
    """Give an activity a copy of a content; its files are copied, so that neither depends on the other.

    Staff may copy every content that a course of theirs to see has. Raises NotFound, Forbidden, WrongKind, Stale.
    """
    return uploads.answering(service, call, "copy_h5p_content", lambda: _copy(service, call, cmd))


def _copy(service: Service, call: Call, cmd: CopyContent) -> Edit:
    with service.read(call) as tx:
        uploads.ready_activity(tx, cmd.activity_id, cmd.version, H5P)
        content = visible_content(tx, service.storage, cmd.content_id)
    files = {key.removeprefix(content.root): key for key in service.storage.list(content.root)}
    files.pop("content.json", None)
    draft = Draft(content.params, content.manifest, files, content.id, content.text)
    with written(service, call, draft) as new, service.tx(call) as tx:
        done: Edit = service.once(
            tx, call, "copy_h5p_content", lambda: _placed(tx, service.storage, cmd, new)
        )
    uploads.sweep(service)
    return done


def _placed(tx: Tx, storage: Storage, cmd: CopyContent, new: NewContent) -> Edit:
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if item.block_type != H5P:
        raise WrongKind
    fit = lineage.fit_of(
        tx, storage, item.id, str(main_library(new.manifest)), new.params, language=cmd.language
    )
    place(tx, item, new, cmd.language)
    lineage.inherit(tx, new.id, fit)
    return edited(store.load_course(tx, item.course_id), item.id) | {
        "content_id": str(new.id),
        "title": str(new.manifest.get("title", "")),
        "main_library": str(main_library(new.manifest)),
        "language": str(new.manifest.get("language") or "und"),
    }


def visible_content(tx: Tx, storage: Storage, content_id: object) -> Content:
    """A content for staff. Raises NotFound for everyone else."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    return read_content(tx, storage, content_id)
