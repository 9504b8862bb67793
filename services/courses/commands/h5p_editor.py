"""Writing an H5P content: a draft that saves itself, its media, a preview, and its use in the course.

The draft keeps what was typed, right or wrong. What is shown or used went through `h5p.semantics.clean` first.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.courses import h5p, lineage, policy, store, trash
from services.courses.commands import h5p_contents as contents
from services.courses.commands import uploads
from services.courses.commands.writing import edited
from services.courses.domain import h5p_editor as rules
from services.courses.domain.course import BOTH
from services.courses.domain.h5p_play import StructureChanged
from services.courses.domain.outline import ACTIVITY, OutlineItem
from services.courses.h5p.display import hidden_by_default
from services.courses.h5p_log import log_event
from services.courses.library import (
    InstalledSemantics,
    installed_libraries,
    restricted_libraries,
    site_display,
)
from services.courses.players.xblock_runtime import load_block
from services.courses.queries import h5p_editor as reading
from services.courses.tables import h5p_draft_files, h5p_drafts, h5p_previews
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid, Stale
from shared.ids import hash_secret, new_id, new_secret
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.storage import Storage

View = dict[str, Any]
DRAFTS = "h5p/drafts/"
PREVIEW = timedelta(hours=2)
KEEP_DRAFT = timedelta(days=60)
MAX_FILES = 500
HARMLESS = frozenset({"library-other-version"})
"""Worth saying, but no reason to refuse."""


# --- starting


@dataclass(frozen=True, slots=True)
class StartDraft:
    activity_id: object
    library: str | None
    content_id: object | None
    replace: bool


@dataclass(frozen=True, slots=True)
class _Seed:
    """What a new draft begins with. `files`: path -> storage key."""

    library: str
    params: str
    metadata: View
    files: dict[str, str]


def start_h5p_draft(service: Service, call: Call, cmd: StartDraft) -> View:
    """Begin to write: a new content of a type, a copy of another content, or the activity's own again.

    Answers the draft that is there when nothing else is asked. Raises DraftExists unless `replace`.
    """
    return uploads.answering(service, call, "start_h5p_draft", lambda: _start(service, call, cmd))


def _start(service: Service, call: Call, cmd: StartDraft) -> View:
    with service.read(call) as tx:
        item, _ = reading.editable_activity(tx, cmd.activity_id)
        known = _draft_of(tx, item.id)
        if known is not None and cmd.library is None and cmd.content_id is None:
            return known
        if known is not None and not cmd.replace:
            raise rules.DraftExists
        seed = _seed(tx, service.storage, item, cmd)
    draft_id = new_id()
    prefix = f"{DRAFTS}{draft_id}/"
    with service.db.tx(call.actor) as tx:
        announced = [trash.throw(tx, prefix, tx.now + trash.WRITING)]
    for path, key in seed.files.items():
        service.storage.copy(key, f"{prefix}content/{path}")
    service.storage.sync()
    with service.tx(call) as tx:
        done: View = service.once(
            tx, call, "start_h5p_draft", lambda: _begin(tx, service.storage, cmd, draft_id, seed, announced)
        )
    uploads.sweep(service)
    return done


def _draft_of(tx: Tx, activity_id: UUID) -> View | None:
    columns = (h5p_drafts.c.id, h5p_drafts.c.version)
    row = tx.session.execute(select(*columns).where(h5p_drafts.c.activity_id == activity_id)).first()
    return None if row is None else _brief(row.id, activity_id, row.version)


def _brief(draft_id: UUID, activity_id: UUID, version: int) -> View:
    return {"id": str(draft_id), "activity_id": str(activity_id), "version": version}


def _seed(tx: Tx, storage: Storage, item: OutlineItem, cmd: StartDraft) -> _Seed:
    shown = {"display": _display(tx, item)}
    if cmd.library is not None:
        library = _usable(tx, cmd.library)
        metadata = {"title": item.title.get(tx.actor.language) or "", "language": tx.actor.language}
        return _Seed(reading.spoken(library.name.key), "{}", metadata | shown, {})
    content_id = cmd.content_id or reading.block_of(tx, item).content_for(tx.actor.language)
    if not content_id:
        raise Invalid(fields=[FieldProblem("library", "missing")])
    return _copied(contents.visible_content(tx, storage, content_id), storage, shown)


def _usable(tx: Tx, name: str) -> h5p.Library:
    key = h5p.parse_library(name)
    library = installed_libraries(tx).find(key) if key else None
    if library is None or not library.runnable:
        raise rules.LibraryUnavailable
    if library.name.key in restricted_libraries(tx) and not policy.can_use_restricted(tx.actor):
        raise rules.LibraryUnavailable
    return library


def _display(tx: Tx, item: OutlineItem) -> dict[str, bool]:
    """What stands under the content as it is now, so that the form shows it."""
    hidden = load_block(store.runtime_for(tx, role="author", user=False), item.id).hidden
    off = hidden_by_default(site_display(tx)) if hidden is None else hidden
    return {name: not off & bit for name, bit in h5p.BITS.items()}


def _copied(content: contents.Content, storage: Storage, shown: View) -> _Seed:
    """A content's parameters, files and description."""
    files = {key.removeprefix(content.root): key for key in storage.list(content.root)}
    files.pop("content.json", None)
    said = {name: content.manifest[name] for name in METADATA if content.manifest.get(name) not in (None, "")}
    language = contents.language_of(content.manifest)
    metadata = said | {"title": content.title, "language": language if language in BOTH else "und"} | shown
    return _Seed(reading.spoken(content.main), json.dumps(content.params), metadata, files)


METADATA = (
    "title", "language", "license", "licenseVersion", "licenseExtras", "authors", "source",
    "yearFrom", "yearTo", "authorComments", "a11yTitle",
)  # fmt: skip


def _begin(
    tx: Tx, storage: Storage, cmd: StartDraft, draft_id: UUID, seed: _Seed, announced: list[UUID]
) -> View:
    item, _ = reading.editable_activity(tx, cmd.activity_id)
    for prefix in tx.session.execute(
        delete(h5p_drafts).where(h5p_drafts.c.activity_id == item.id).returning(h5p_drafts.c.prefix)
    ).scalars():
        trash.throw(tx, prefix)
    block = reading.block_of(tx, item)
    current = (
        str(cmd.content_id) if str(cmd.content_id) in block.contents else block.content_for(tx.actor.language)
    )
    fresh = insert_new(tx.session, h5p_drafts, {
        "id": draft_id, "activity_id": item.id, "library": seed.library, "params": seed.params,
        "metadata": seed.metadata, "base_content_id": UUID(current) if current else None,
        "prefix": f"{DRAFTS}{draft_id}/", "version": 1, "updated_by": tx.actor.require_account(),
        "created_at": tx.now, "updated_at": tx.now,
    })  # fmt: skip
    if not fresh:
        raise rules.DraftExists
    for path in seed.files:
        size = storage.size(f"{DRAFTS}{draft_id}/content/{path}")
        _note_file(tx, draft_id, path, _type_of(path), size)
    trash.take_back(tx, announced)
    return _brief(draft_id, item.id, 1)


def _type_of(path: str) -> str:
    extension = path.rpartition(".")[2].lower()
    return rules.MEDIA["file"].get(extension, "application/octet-stream")


def _note_file(tx: Tx, draft_id: UUID, path: str, media_type: str, size: int) -> None:
    row = {"draft_id": draft_id, "path": path, "media_type": media_type, "size": size}
    tx.session.execute(insert(h5p_draft_files).values(row))


# --- saving


@dataclass(frozen=True, slots=True)
class SaveDraft:
    draft_id: object
    version: int
    params: View
    metadata: View


def save_h5p_draft(tx: Tx, cmd: SaveDraft) -> View:
    """Keep what is typed, complete or not. Raises NotFound, Forbidden, Stale."""
    draft, _ = reading.load_draft(tx, cmd.draft_id, lock=True)
    if draft["version"] != cmd.version:
        raise Stale(current=draft["version"])
    tx.session.execute(
        update(h5p_drafts).where(h5p_drafts.c.id == draft["id"]).values(
            params=json.dumps(cmd.params), metadata=cmd.metadata, version=cmd.version + 1,
            updated_by=tx.actor.require_account(), updated_at=tx.now,
        )
    )  # fmt: skip
    return _brief(draft["id"], draft["activity_id"], cmd.version + 1) | {"saved_at": tx.now.isoformat()}


def discard_h5p_draft(tx: Tx, draft_id: object) -> View:
    """Give a draft up; the activity keeps its content. Raises NotFound, Forbidden."""
    draft, item = reading.load_draft(tx, draft_id, lock=True)
    _drop(tx, [draft])
    return {"activity_id": str(item.id)}


def _drop(tx: Tx, drafts: Iterable[View]) -> None:
    for draft in drafts:
        tx.session.execute(delete(h5p_drafts).where(h5p_drafts.c.id == draft["id"]))
        trash.throw(tx, draft["prefix"])


def expire_h5p_drafts(tx: Tx) -> None:
    """Give up drafts that nobody touched in sixty days, and previews that ended."""
    old = select(h5p_drafts.c.id, h5p_drafts.c.prefix).where(h5p_drafts.c.updated_at < tx.now - KEEP_DRAFT)
    _drop(tx, [dict(row._mapping) for row in tx.session.execute(old)])  # noqa: SLF001 its documented name
    tx.session.execute(delete(h5p_previews).where(h5p_previews.c.expires_at < tx.now))


# --- media


@dataclass(frozen=True, slots=True)
class AddMedia:
    draft_id: object
    upload_id: object
    kind: str


def add_h5p_media(service: Service, call: Call, cmd: AddMedia) -> View:
    """An uploaded file becomes a medium of the draft; its place in the content is answered.

    Raises NotFound, Forbidden, MediaRefused. A refused upload is gone.
    """
    return uploads.answering(service, call, "add_h5p_media", lambda: _add_media(service, call, cmd))


def _add_media(service: Service, call: Call, cmd: AddMedia) -> View:
    with service.read(call) as tx:
        draft, _ = reading.load_draft(tx, cmd.draft_id)
        upload = uploads.find_upload(tx, cmd.upload_id)
        mine = select(h5p_draft_files.c.path).where(h5p_draft_files.c.draft_id == draft["id"])
        if len(tx.session.execute(mine).all()) >= MAX_FILES:
            raise rules.MediaRefused(
                fields=[FieldProblem("upload_id", "h5p-too-many-files", {"limit": MAX_FILES})]
            )
    with service.storage.open(upload.storage_key) as file:
        found = rules.media_type(cmd.kind, upload.filename, file)
        if isinstance(found, FieldProblem):
            uploads.discard_upload(service, call, upload)
            raise rules.MediaRefused(fields=[found])
        extension, media_type = found
        path = f"{rules.FOLDERS[cmd.kind]}/{cmd.kind}-{new_id().hex}.{extension}"
        key = f"{draft['prefix']}content/{path}"
        with service.db.tx(call.actor) as tx:
            announced = [trash.throw(tx, key, tx.now + trash.WRITING)]
        file.seek(0)
        service.storage.put(key, file)

    def place() -> View:
        reading.load_draft(tx, cmd.draft_id, lock=True)
        taken = uploads.take_upload(tx, cmd.upload_id)
        _note_file(tx, draft["id"], path, media_type, taken.size)
        trash.take_back(tx, announced)
        trash.throw(tx, taken.storage_key)
        return {"path": path, "mime": media_type, "size": taken.size, "filename": taken.filename}

    with service.tx(call) as tx:
        done: View = service.once(tx, call, "add_h5p_media", place)
    uploads.sweep(service)
    return done


# --- what a draft comes to


@dataclass(frozen=True, slots=True)
class Made:
    """A draft as a content: safe parameters, h5p.json, and its files (path in the content -> storage key)."""

    draft: View
    roots: list[h5p.LibraryKey]
    params: View
    manifest: View
    files: Mapping[str, str]
    problems: list[FieldProblem]


def make(tx: Tx, storage: Storage, draft: View) -> Made:
    """Clean a draft. Raises LibraryUnavailable when its library is gone."""
    index = installed_libraries(tx)
    source = InstalledSemantics(index, storage)
    key = h5p.parse_library(draft["library"])
    if key is None or index.find(key) is None:
        raise rules.LibraryUnavailable
    cleaned = h5p.clean(json.loads(draft["params"]), draft["library"], source)
    roots = list(dict.fromkeys([key, *h5p.libraries_in(cleaned.params)]))
    found = h5p.walk(cleaned.params, draft["library"], source)
    used = {str(one.file["path"]) for one in found if isinstance(one, h5p.Medium) and one.is_local}
    mine = select(h5p_draft_files.c.path).where(h5p_draft_files.c.draft_id == draft["id"])
    own = used & set(tx.session.execute(mine).scalars())
    problems = [one for one in cleaned.problems if not _is_nothing(one, draft, source)]
    return Made(
        draft, roots, cleaned.params, h5p.manifest_of(_described(draft["metadata"]), roots, index),
        {path: f"{draft['prefix']}content/{path}" for path in sorted(own)},
        [_problem(one) for one in problems],
    )  # fmt: skip


def _is_nothing(problem: h5p.Problem, draft: View, source: InstalledSemantics) -> bool:
    """An empty field of a group that may be empty is no problem."""

    def fields(library: str) -> Sequence[Any] | None:
        key = h5p.parse_library(library)
        return source.semantics(*key) if key else None

    params = json.loads(draft["params"])
    own = fields(draft["library"]) or ()
    return problem.code == "field-required" and rules.in_optional_group(
        problem.path or "", own, params, fields
    )


def _described(given: View) -> View:
    """The part of h5p.json that a person writes."""
    said = {name: given[name] for name in METADATA if given.get(name)}
    people = [one for one in said.pop("authors", ()) if one.get("name")]
    return said | ({"authors": people} if people else {})


def _about(given: View) -> list[FieldProblem]:
    """What is wrong with the description."""
    found = [] if given.get("title") else [FieldProblem("metadata.title", "missing")]
    source = str(given.get("source") or "")
    if source and not source.lower().startswith(("https://", "http://")):
        found.append(FieldProblem("metadata.source", "bad-address"))
    return found


def _problem(one: h5p.Problem) -> FieldProblem:
    """A problem that carries its own sentence, without the path: the page shows it at the field."""
    bare = h5p.Problem(one.code, one.params)
    message = {language: bare.message(language) for language in BOTH}
    return FieldProblem(one.path or "params", one.code, {**one.params, "message": message})


# --- preview


def preview_h5p_draft(service: Service, call: Call, draft_id: object) -> View:
    """A frame's address that shows the draft as it is saved now, for two hours, and what is wrong with it.

    Nothing that is done in it is recorded. Raises NotFound, Forbidden, LibraryUnavailable.
    """
    with service.read(call) as tx:
        draft, _ = reading.load_draft(tx, draft_id)
        made = make(tx, service.storage, draft)
    content = json.dumps(made.params, ensure_ascii=False).encode()
    service.storage.put(f"{draft['prefix']}content/content.json", io.BytesIO(content))
    token, nonce = new_secret(), new_secret()
    with service.tx(call) as tx:
        reading.load_draft(tx, draft_id, lock=True)
        tx.session.execute(insert(h5p_previews).values(
            token_hash=hash_secret(token), draft_id=draft["id"], nonce=nonce, language=tx.actor.language,
            manifest={"h5p": made.manifest, "roots": [list(one) for one in made.roots]},
            expires_at=tx.now + PREVIEW,
        ))  # fmt: skip
        expires = (tx.now + PREVIEW).isoformat()
    return {
        "path": f"/play/draft-{token}", "nonce": nonce, "expires_at": expires, "version": draft["version"],
        "problems": [problem.to_dict() for problem in made.problems],
    }  # fmt: skip


# --- use


@dataclass(frozen=True, slots=True)
class UseDraft:
    """`language`: for whose readers; None: for everybody."""

    draft_id: object
    version: int
    confirm: list[str]
    language: str | None = None


def use_h5p_draft(service: Service, call: Call, cmd: UseDraft) -> View:
    """Make the draft the activity's content. The draft ends with it.

    Raises DraftIncomplete with every reason; Stale; ContentReplaced and StructureChanged unless `confirm` has
    their codes.
    """
    return uploads.answering(service, call, "use_h5p_draft", lambda: _use(service, call, cmd))


def _use(service: Service, call: Call, cmd: UseDraft) -> View:
    with service.read(call) as tx:
        draft = _as_seen(tx, cmd)[0]
        made = make(tx, service.storage, draft)
    refused = [problem for problem in made.problems if problem.code not in HARMLESS]
    if refused := _about(draft["metadata"]) + refused:
        raise rules.DraftIncomplete(fields=refused)
    content = contents.Draft(made.params, made.manifest, made.files, draft["base_content_id"])
    with contents.written(service, call, content) as new, service.tx(call) as tx:
        done: View = service.once(
            tx, call, "use_h5p_draft", lambda: _place(tx, service.storage, cmd, made, new)
        )
    uploads.sweep(service)
    return done


def _as_seen(tx: Tx, cmd: UseDraft, *, lock: bool = False) -> tuple[View, OutlineItem]:
    draft, item = reading.load_draft(tx, cmd.draft_id, lock=lock)
    if draft["version"] != cmd.version:
        raise Stale(current=draft["version"])
    return draft, item


def _place(tx: Tx, storage: Storage, cmd: UseDraft, made: Made, new: contents.NewContent) -> View:
    draft, item = _as_seen(tx, cmd, lock=True)
    item = store.edit_item(tx, item.id, None, ACTIVITY)
    block = reading.block_of(tx, item)
    gone = block.displaced(cmd.language, item.content_language)
    if rules.ContentReplaced.code not in cmd.confirm and reading.is_replaced(tx, draft, block.contents, gone):
        raise rules.ContentReplaced
    fit = lineage.keep_or_reset_states(
        tx, storage, item.id, str(made.roots[0]), made.params, confirm=StructureChanged.code in cmd.confirm,
        language=cmd.language,
    )  # fmt: skip
    trash.lock_libraries(tx)
    contents.place(tx, item, new, cmd.language)
    lineage.inherit(tx, new.id, fit)
    _show(tx, item, draft["metadata"].get("display") or {})
    log_event(tx, "content", "edit" if gone else "create", activity_id=item.id, content_id=new.id)
    _drop(tx, [draft])
    return edited(store.load_course(tx, item.course_id), item.id) | {
        "content_id": str(new.id),
        "title": str(made.manifest["title"]),
        "main_library": str(made.roots[0]),
        "language": str(made.manifest["language"]),
        "started_over": 0 if fit.kept else fit.people,
    }


def _show(tx: Tx, item: OutlineItem, display: Mapping[str, bool]) -> None:
    """What the author wants under the content."""
    if display:
        block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
        block.hidden = sum(bit for name, bit in h5p.BITS.items() if not display.get(name))
        block.save()
