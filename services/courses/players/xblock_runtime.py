"""A real XBlock runtime over SQLAlchemy, without Django: what an XBlock needs from its host.

It follows the host contract of the `xblock` library (Runtime, KeyValueStore, IdReader, IdGenerator). Everything a
block reads and writes happens in the caller's transaction. Ids are UUIDs as text, so that `children` is JSON.
Storage is in `kvs.py`, the services that blocks ask for in `block_services.py`, blocks of other makers in `external.py`.
Asides are outside of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import UUID

import webob
from markupsafe import Markup
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from web_fragments.fragment import Fragment
from xblock.core import XBlock
from xblock.exceptions import NoSuchUsage
from xblock.plugin import PluginMissingError
from xblock.runtime import KvsFieldData, Runtime

from services.courses.players.block_services import (
    BlockSettings,
    I18nServices,
    SettingsService,
    UrlService,
    ViewerService,
)
from services.courses.players.frozen import PublishedStore
from services.courses.players.kvs import SqlIds, SqlKeyValueStore, usage_uuid
from services.courses.players.question_bank import QuizService
from services.courses.players.shim.edx import EdxNeeds
from services.courses.players.shim.uploads import name_files
from services.courses.tables import xblock_definitions, xblock_fields, xblock_usages
from shared.errors import NotFound
from shared.ids import new_id

_ARGUMENTS = Markup('<script type="json/xblock-args" class="xblock-json-init-args">{json}</script>')


@dataclass(frozen=True, slots=True)
class Published:
    """What a block announced: `kind` is grade, completion, progress or the block's own word."""

    usage_id: UUID
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom blocks are loaded. `user_id` None: nobody (authoring), so user scopes hold nothing."""

    user_id: str | None = None
    language: str = "fr"
    role: str = "learner"

    @property
    def is_author(self) -> bool:
        """True while somebody writes or previews."""
        return self.role == "author"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a browser reaches handlers (followed by usage and name) and the files of blocks' own packages."""

    handlers: str = "/activities"
    resources: str = "/xblocks"


@dataclass(frozen=True, slots=True)
class Host:
    """What surrounds the blocks: addresses, and what admins set for a block type."""

    addresses: Addresses = field(default_factory=Addresses)
    settings: BlockSettings = field(default=lambda _block_type: {})


class CercleRuntime(Runtime):  # type: ignore[misc]
    """Blocks of the allowed types, for one viewer, in one transaction. What they publish waits in `published`."""

    def __init__(
        self,
        session: Session,
        blocks: Mapping[str, type[XBlock]],
        viewer: Viewer | None = None,
        host: Host | None = None,
    ) -> None:
        self.viewer = viewer or Viewer()
        self.published: list[Published] = []
        self._host = host or Host()
        self.ids = SqlIds(session)
        self._session = session
        self._blocks = blocks
        self._store = PublishedStore(session) if self.viewer.role == "learner" else SqlKeyValueStore(session)
        services = {
            "field-data": KvsFieldData(self._store),
            "i18n": I18nServices(self.viewer.language, self._host.addresses.resources),
            "quizzes": QuizService(session),
            "replace_urls": UrlService(),
            "settings": SettingsService(self._host.settings),
            "user": ViewerService(self.viewer),
        }
        super().__init__(self.ids, self.ids, services=services, mixins=(EdxNeeds,))

    @property
    def user_id(self) -> str | None:
        """The viewer's id, under which user scopes are stored."""
        return self.viewer.user_id

    @property
    def content_changed(self) -> bool:
        """True once a block wrote something that is the author's, not a learner's."""
        return self._store.content_changed

    @property
    def user_is_staff(self) -> bool:
        """Older blocks ask the runtime itself."""
        return self.viewer.is_author

    @property
    def anonymous_student_id(self) -> str | None:
        """The same id for one person in every block; no name."""
        return self.viewer.user_id

    def service(self, block: XBlock, service_name: str) -> Any:
        """A service; the one for texts is made for the block's own package."""
        found = super().service(block, service_name)
        return found.of(block) if isinstance(found, I18nServices) else found

    def load_block_type(self, block_type: str) -> type[XBlock]:
        """Only what is allowed here, whatever else is installed. Raises PluginMissingError."""
        if block_type not in self._blocks:
            raise PluginMissingError(block_type)
        return self._blocks[block_type]

    def applicable_aside_types(self, block: XBlock) -> list[str]:  # noqa: ARG002 the base's signature
        """None."""
        return []

    def create(self, block_type: str, usage_id: UUID | None = None) -> XBlock:
        """A new block with a definition of its own; its usage id as given, or new."""
        definition_id = self.ids.create_definition(block_type)
        return self.get_block(self.ids.create_usage_as(usage_id or new_id(), definition_id))

    def add_child(self, parent: XBlock, child: XBlock) -> None:
        """Put `child` at the end of `parent`. Effect: saves both."""
        parent.children = [*parent.children, child.scope_ids.usage_id]
        child.parent = parent.scope_ids.usage_id
        parent.save()
        child.save()

    def remove(self, usage: UUID | str) -> None:
        """Delete a usage with its children, its definition and every field value, of every user."""
        usage_id = usage_uuid(usage)
        definition_id = self.ids.get_definition_id(usage_id)
        below = select(xblock_usages.c.id).where(xblock_usages.c.parent_id == usage_id)
        for child_id in self._session.execute(below).scalars().all():
            self.remove(child_id)
        places = (str(usage_id), definition_id)
        self._session.execute(delete(xblock_fields).where(xblock_fields.c.block_id.in_(places)))
        self._session.execute(delete(xblock_usages).where(xblock_usages.c.id == usage_id))
        self._session.execute(
            delete(xblock_definitions).where(xblock_definitions.c.id == UUID(definition_id))
        )
        self._store.forget()

    def publish(self, block: XBlock, event_type: str, event_data: Mapping[str, Any]) -> None:
        """Keep the event for the caller, who turns grades and completions into the attempt."""
        self.published.append(Published(UUID(str(block.scope_ids.usage_id)), event_type, dict(event_data)))

    def handle(self, block: XBlock, handler_name: str, request: Any, suffix: str = "") -> Any:
        """Run a handler. The usage's row is locked, so that two handlers of one block never lose a summary."""
        usage_id = usage_uuid(block.scope_ids.usage_id)
        self._session.execute(
            select(xblock_usages.c.id).where(xblock_usages.c.id == usage_id).with_for_update()
        )
        self._store.forget()
        return super().handle(block, handler_name, request, suffix)

    def call_handler(self, usage_id: UUID | str, handler: str, request: HandlerRequest) -> webob.Response:
        """Load the block, run the handler, give its response. Raises the library's NoSuchHandlerError."""
        block = self.get_block(str(usage_id))
        path = self.handler_url(block, handler, request.suffix, request.query)
        wire = webob.Request.blank(path, method=request.method)
        if request.method == "POST":
            wire.content_type = request.content_type
            if request.file is None:
                wire.body = request.body.encode()
            else:
                wire.body_file, wire.content_length = request.file, request.size
                wire.is_body_seekable = request.file.seekable()  # else the library copies it first
            if request.content_type.startswith("multipart/"):
                name_files(wire)
        return self.handle(block, handler, wire, request.suffix)

    def handler_url(
        self,
        block: XBlock,
        handler_name: str,
        suffix: str = "",
        query: str = "",
        thirdparty: bool = False,  # noqa: ARG002
    ) -> str:
        """The route of a handler on the origin where the block is shown."""
        place = f"{self._host.addresses.handlers}/{block.scope_ids.usage_id}/handlers/{quote(handler_name)}"
        return place + (f"/{quote(suffix)}" if suffix else "") + (f"?{query}" if query else "")

    def resource_url(self, resource: str) -> str:
        """A static file of the platform."""
        return f"/static/xblock/{quote(resource)}"

    def local_resource_url(self, block: XBlock, uri: str) -> str:
        """A static file of a block's own package."""
        return f"{self._host.addresses.resources}/{quote(block.scope_ids.block_type)}/{quote(uri)}"

    def wrap_xblock(self, block: XBlock, view: str, frag: Fragment, context: Any) -> Fragment:  # noqa: ARG002
        """Mark the block's element as hosts do, with what starts its script; the fragment's resources go along."""
        ids, kind = block.scope_ids, quote(str(block.scope_ids.block_type))
        starts = Markup(' data-init="{}" data-runtime-version="1"').format(frag.js_init_fn)
        arguments = "" if frag.json_init_args is None else _ARGUMENTS.format(json=_inert(frag.json_init_args))
        wrapped = Fragment()
        wrapped.add_content(
            f'<div class="xblock xblock-{kind} xblock-{quote(view)} xblock-{quote(view)}-{kind}" '
            f'data-usage="{quote(str(ids.usage_id))}" data-usage-id="{quote(str(ids.usage_id))}" '
            f'data-block-type="{kind}"{starts if frag.js_init_fn else ""}>'
            f"{arguments}{frag.body_html()}</div>"
        )
        wrapped.add_fragment_resources(frag)
        return wrapped


def _inert(value: Any) -> Markup:
    """JSON that cannot end the script element which holds it."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))  # noqa: S704 made inert just here


@dataclass(frozen=True, slots=True)
class HandlerRequest:
    """What a browser sends to a handler; a large body is a `file` of `size` bytes."""

    suffix: str = ""
    method: str = "POST"
    query: str = ""
    body: str = ""
    content_type: str = "application/json"
    file: BinaryIO | None = None
    size: int = 0


def resources_of(fragment: Fragment) -> list[dict[str, str]]:
    """A fragment's scripts and styles as `{kind, data, mimetype, placement}`."""
    return [dict(resource._asdict()) for resource in fragment.resources]


def load_block(runtime: CercleRuntime, usage_id: UUID | str) -> XBlock:
    """A block by its id. Raises NotFound."""
    try:
        return runtime.get_block(str(usage_id))
    except (NoSuchUsage, PluginMissingError):
        raise NotFound from None
