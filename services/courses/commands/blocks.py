"""Activities of other makers, and our own videos and links: what admins allow, what authors fill in, how one is shown.

A block of another maker runs in a frame of the content origin. It is shown and called under a grant, so that
nothing of the reader's session is near it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select
from webob import Response
from xblock.exceptions import NoSuchHandlerError, NoSuchUsage, NoSuchViewError
from xblock.plugin import PluginMissingError

from services.courses import block_types, history, policy, store, trash
from services.courses.commands import uploads
from services.courses.commands.learning import credit, outcome_of, sit_down
from services.courses.commands.writing import Edit, edited
from services.courses.domain.course import BOTH, Course, Pair
from services.courses.domain.errors import FileRefused, WrongKind
from services.courses.domain.errors_blocks import BlockFailed, VideoRefused
from services.courses.domain.files import FileType, judge
from services.courses.domain.outline import ACTIVITY, DISCUSSION, SURVEY, VIDEO, OutlineItem
from services.courses.domain.video import allowed_address, as_webvtt
from services.courses.players import external
from services.courses.players.shim import media
from services.courses.players.xblock_runtime import (
    Addresses,
    CercleRuntime,
    HandlerRequest,
    load_block,
    resources_of,
)
from services.courses.tables import block_grants, block_policy, xblock_usages
from services.courses.views import View
from shared.actor import Actor, system_actor
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Forbidden, NotFound
from shared.ids import hash_secret, new_secret, parse_id
from shared.messaging.bus import Call
from shared.messaging.service import Service

log = structlog.get_logger()
LEARNING = timedelta(hours=12)
WRITING = timedelta(hours=2)
STUDENT, STUDIO = "student_view", "studio_view"


# What admins allow


@dataclass(frozen=True, slots=True)
class SetBlockType:
    block_type: str
    allowed: bool
    settings: dict[str, Any] | None


def set_block_type(tx: Tx, cmd: SetBlockType) -> View:
    """Allow a block type of another maker, or no longer. Raises NotFound (others than admins too), BlockUnusable."""
    if not policy.can_allow_blocks(tx.actor):
        raise NotFound
    before = block_types.decision(tx, cmd.block_type)
    if cmd.block_type not in external.installed() and (cmd.allowed or before is None):
        raise NotFound
    if cmd.allowed:
        block_types.try_out(cmd.block_type)
    settings = cmd.settings if cmd.settings is not None else (before["settings"] if before else {})
    row = {
        "block_type": cmd.block_type, "allowed": cmd.allowed, "settings": settings,
        "decided_by": tx.actor.require_account(), "decided_at": tx.now,
    }  # fmt: skip
    upsert(tx.session, block_policy, row)
    return {"block_type": cmd.block_type, "allowed": cmd.allowed, "settings": settings}


# Videos and links


@dataclass(frozen=True, slots=True)
class SetActivityVideo:
    activity_id: object
    version: int | None
    upload_id: object | None
    address: str | None
    captions: Pair
    transcript: Pair
    no_speech: bool


def set_activity_video(service: Service, call: Call, cmd: SetActivityVideo) -> Edit:
    """Another file or address, or only other words around the same.

    Raises FileRefused (the upload is gone then), VideoRefused with every reason, WrongKind, NotFound.
    """
    cmd = replace(cmd, captions=_checked(service, cmd))
    return uploads.answering(service, call, "set_activity_video", lambda: _set_video(service, call, cmd))


def _checked(service: Service, cmd: SetActivityVideo) -> dict[str, str]:
    """The captions as WebVTT. Raises VideoRefused."""
    problems = []
    if cmd.address and not allowed_address(cmd.address, service.settings.allowed_video_hosts):
        problems.append(FieldProblem("address", "host-not-allowed"))
    if cmd.address and cmd.upload_id:
        problems.append(FieldProblem("address", "file-or-address"))
    made = {language: as_webvtt(text) if text else "" for language, text in cmd.captions.items()}
    problems += [
        FieldProblem(f"captions.{code}", "bad-captions") for code, text in made.items() if text is None
    ]
    if problems:
        raise VideoRefused(fields=problems)
    return {language: text or "" for language, text in made.items()}


def _set_video(service: Service, call: Call, cmd: SetActivityVideo) -> Edit:
    kind = _judged(service, call, cmd) if cmd.upload_id else None
    with service.tx(call) as tx:
        result: Edit = service.once(tx, call, "set_activity_video", lambda: _place_video(tx, cmd, kind))
    uploads.sweep(service)
    return result


def _judged(service: Service, call: Call, cmd: SetActivityVideo) -> FileType:
    with service.read(call) as tx:
        upload = uploads.ready_upload(tx, cmd.activity_id, cmd.upload_id, cmd.version, VIDEO)
    with service.storage.open(upload.storage_key) as file:
        verdict = judge(upload.filename, file)
    if isinstance(verdict, FileType) and not verdict.media_type.startswith("video/"):
        verdict = "type-not-allowed"
    if isinstance(verdict, str):
        uploads.discard_upload(service, call, upload)
        raise FileRefused(fields=[FieldProblem("upload_id", verdict)])
    return verdict


def _place_video(tx: Tx, cmd: SetActivityVideo, kind: FileType | None) -> Edit:
    item = _item_of(tx, cmd.activity_id, cmd.version, VIDEO)
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    old = block.storage_key
    if kind is not None:
        upload = uploads.take_upload(tx, cmd.upload_id)
        block.take_file({
            "storage_key": upload.storage_key, "filename": upload.filename, "size": upload.size,
            "media_type": kind.media_type,
        })  # fmt: skip
    elif cmd.address:
        block.take_address(cmd.address)
    block.describe(cmd.captions, cmd.transcript, no_speech=cmd.no_speech)
    if old and old != block.storage_key:
        trash.throw(tx, old)
    item.ready_in = block.ready_languages()
    return edited(store.load_course(tx, item.course_id), item.id)


@dataclass(frozen=True, slots=True)
class SetActivityLink:
    activity_id: object
    version: int
    target_id: UUID


def set_activity_link(tx: Tx, cmd: SetActivityLink) -> Edit:
    """Where a survey or discussion activity leads. Raises WrongKind."""
    item = _item_of(tx, cmd.activity_id, cmd.version, SURVEY, DISCUSSION)
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    block.lead_to(str(cmd.target_id))
    item.ready_in = block.ready_languages()
    return edited(store.load_course(tx, item.course_id), item.id)


def _item_of(tx: Tx, activity_id: object, version: int | None, *kinds: str) -> OutlineItem:
    item = store.edit_item(tx, activity_id, version, ACTIVITY)
    if item.block_type not in kinds:
        raise WrongKind
    return item


# Blocks of other makers: grants


def open_block_editor(tx: Tx, activity_id: object) -> View:
    """A grant for the block's own authoring view, for two hours. Raises NotFound, Forbidden, WrongKind."""
    item = store.load_activity(tx, activity_id)
    course = store.load_course(tx, item.course_id)
    if not policy.can_edit_course(tx.actor, course):
        raise Forbidden if policy.is_staff(tx.actor) else NotFound
    if not block_types.is_external(item):
        raise WrongKind
    return grant_block(tx, item.id, None, STUDIO)


def grant_block(tx: Tx, activity_id: UUID, attempt_id: UUID | None, view: str) -> View:
    """A secret under which the content origin shows one block to the actor."""
    token, nonce = new_secret(), new_secret()
    expires_at = tx.now + (LEARNING if attempt_id else WRITING)
    tx.session.execute(insert(block_grants).values(
        token_hash=hash_secret(token), account_id=tx.actor.require_account(), activity_id=activity_id,
        attempt_id=attempt_id, view=view, nonce=nonce, language=tx.actor.language, expires_at=expires_at,
    ))  # fmt: skip
    return {"path": f"/block/{token}", "nonce": nonce, "view": view, "preview": attempt_id is None,
            "expires_at": expires_at.isoformat(), "language": tx.actor.language}  # fmt: skip


def expire_grants(tx: Tx) -> None:
    """Forget grants that have ended."""
    tx.session.execute(delete(block_grants).where(block_grants.c.expires_at < tx.now))


@dataclass(frozen=True, slots=True)
class Grant:
    """For whom a block is shown. Without an attempt nothing of a learner is kept."""

    token: str
    activity_id: UUID
    attempt_id: UUID | None
    view: str
    nonce: str
    actor: Actor

    @property
    def writes(self) -> bool:
        """True in the block's own authoring view."""
        return self.view == STUDIO

    @property
    def keeps(self) -> bool:
        """False in a preview."""
        return self.writes or self.attempt_id is not None


class _Undo(Exception):
    """Leaves a transaction in which nothing may be kept."""


@contextmanager
def _acting(service: Service, token: str) -> Iterator[tuple[Tx, Grant]]:
    """A transaction as the person of a grant; undone at its end in a preview. Raises NotFound."""
    media.use(service.storage)
    with service.db.read(system_actor(service.name)) as tx:
        grant = _grant(tx, token)
    try:
        with service.db.tx(grant.actor) as tx:
            yield tx, grant
            if not grant.keeps:
                raise _Undo
    except _Undo:
        return


def get_block_grant(tx: Tx, token: str) -> View:
    """Which view a token shows. Raises NotFound."""
    return {"view": _grant(tx, token).view}


def _grant(tx: Tx, token: str) -> Grant:
    columns = block_grants.c
    mine = (columns.token_hash == hash_secret(token)) & (columns.expires_at > tx.now)
    found = rows(tx, select(*columns).where(mine))
    if not found:
        raise NotFound
    row = found[0]
    actor = Actor(row["account_id"], frozenset(), row["language"])
    return Grant(token, row["activity_id"], row["attempt_id"], row["view"], row["nonce"], actor)


def _item(tx: Tx, grant: Grant) -> OutlineItem:
    """The activity: as it was published for a learner, as it is written for staff."""
    found = store.load_activity if grant.attempt_id is None else store.learner_activity
    return found(tx, grant.activity_id)


def _runtime(tx: Tx, grant: Grant) -> CercleRuntime:
    addresses = Addresses(handlers=f"/block/{grant.token}", resources="/xblocks")
    role = "learner" if grant.attempt_id is not None else "author"
    return store.runtime_for(tx, role=role, user=not grant.writes, addresses=addresses)


def show_block(service: Service, token: str) -> View:
    """The view of a grant: html, resources in order, and what the frame needs. Raises NotFound, BlockFailed."""
    shown: View = {}
    with _acting(service, token) as (tx, grant):
        item = _item(tx, grant)
        runtime = _runtime(tx, grant)
        shown = _contained(item, lambda: _rendered(runtime, item, grant)) | {
            "title": dict(item.title), "nonce": grant.nonce, "view": grant.view, "language": grant.actor.language,
        }  # fmt: skip
        if grant.attempt_id is not None:
            credit(tx, sit_down(tx, item.id), outcome_of(runtime.get_block(str(item.id)), runtime.published))
    return shown


def _rendered(runtime: CercleRuntime, item: OutlineItem, grant: Grant) -> View:
    context = {"language": grant.actor.language, "is_preview": not grant.keeps}
    fragment = runtime.render(load_block(runtime, item.id), grant.view, context)
    return {"html": fragment.body_html(), "resources": resources_of(fragment)}


def _contained(item: OutlineItem, work: Callable[[], View]) -> View:
    """Other people's code: whatever it raises becomes one error of ours, logged with its trace."""
    try:
        return work()
    except (NotFound, NoSuchHandlerError, NoSuchUsage, PluginMissingError):
        raise NotFound from None
    except NoSuchViewError:
        raise BlockFailed(reason="no-view") from None
    except Exception as error:
        log.exception("block.failed", block_type=item.block_type, activity_id=str(item.id))
        raise BlockFailed from error


@dataclass(frozen=True, slots=True)
class HandleBlock:
    """`body_key`: where a large or binary body is in storage; the caller deletes it."""

    token: str
    usage_id: str
    handler: str
    body_key: str | None
    request: HandlerRequest = field(default_factory=HandlerRequest)


def handle_block(service: Service, cmd: HandleBlock) -> View:
    """Run a block's handler under a grant; what it publishes counts for the learner, what it writes for the author.

    Answers `{status, headers, body, binary, attempt}`. Raises NotFound, BlockFailed.
    """
    if cmd.body_key is None:
        return _handle(service, cmd, cmd.request)
    with service.storage.open(cmd.body_key) as file:
        size = service.storage.size(cmd.body_key)
        return _handle(service, cmd, replace(cmd.request, file=file, size=size))


def _handle(service: Service, cmd: HandleBlock, request: HandlerRequest) -> View:
    answer: View = {}
    with _acting(service, cmd.token) as (tx, grant):
        item = _item(tx, grant)
        course = _writing(tx, item, request) if grant.writes else None
        seat = sit_down(tx, item.id) if grant.attempt_id is not None else None
        usage_id = _below(tx, cmd.usage_id, item.id)
        runtime = _runtime(tx, grant)
        answer = _contained(item, lambda: _answer(runtime.call_handler(usage_id, cmd.handler, request)))
        if seat is not None:
            block = load_block(runtime, item.id)
            answer["attempt"] = credit(tx, seat, outcome_of(block, runtime.published))
        if course is not None and runtime.content_changed:
            course.edit(None)
            item.touched, item.ready_in = course.version, list(BOTH)
    return answer


def _writing(tx: Tx, item: OutlineItem, request: HandlerRequest) -> Course:
    """The course, locked, and kept as it is before a handler may change it."""
    course = tx.session.get_one(Course, item.course_id, with_for_update=True)
    if request.method == "POST":
        history.keep_before_edit(tx, course)
    return course


def _below(tx: Tx, usage: str, root: UUID) -> UUID:
    """A usage in the activity's block. Raises NotFound for any other."""
    found = here = parse_id(usage)
    while here != root:
        parent = select(xblock_usages.c.parent_id).where(xblock_usages.c.id == here)
        above = tx.session.execute(parent).scalar()
        if above is None:
            raise NotFound
        here = above
    return found


def _answer(response: Response) -> View:
    body: bytes = response.body
    headers = {name: response.headers[name] for name in ("Content-Type", "Content-Disposition")
               if name in response.headers}  # fmt: skip
    view: View = {"status": response.status_int, "headers": headers, "attempt": None}
    try:
        return view | {"body": body.decode(), "binary": False}
    except UnicodeDecodeError:
        return view | {"body": base64.b64encode(body).decode(), "binary": True}
