"""A small XBlock runtime over SQLAlchemy, without Django: what an XBlock needs from its host, and no more.

It follows the host contract of the `xblock` library (Runtime, KeyValueStore, IdReader, IdGenerator). Everything a
block reads and writes happens in the caller's transaction. Ids are UUIDs as text, so that `children` is JSON.
Asides and OLX files of other hosts are outside of it; `parse_xml_string` of the base class works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import webob
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from web_fragments.fragment import Fragment
from xblock.core import XBlock
from xblock.exceptions import NoSuchDefinition, NoSuchUsage
from xblock.fields import Scope
from xblock.plugin import PluginMissingError
from xblock.reference.user_service import UserService, XBlockUser
from xblock.runtime import (
    IdGenerator,
    IdReader,
    KeyValueStore,
    KvsFieldData,
    NullI18nService,
    Runtime,
)

from services.courses.tables import xblock_definitions, xblock_fields, xblock_usages
from shared.db.dialect import upsert
from shared.errors import NotFound
from shared.ids import new_id

_STRUCTURE = {Scope.children: "children", Scope.parent: "parent_id"}


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


class SqlKeyValueStore(KeyValueStore):  # type: ignore[misc]
    """Field values in `xblock_fields`, and the tree in `xblock_usages`.

    Rows of one block, scope and user are read together, since a view reads most of its fields.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[tuple[str, str, str], dict[str, Any]] = {}

    def get(self, key: Any) -> Any:
        """The stored value. Raises KeyError where only the default holds."""
        if key.scope in _STRUCTURE:
            return self._structure(key)
        return self._fields(key)[key.field_name]

    def has(self, key: Any) -> bool:
        """True when a value is stored."""
        if key.scope in _STRUCTURE:
            return self._structure(key) is not None
        return key.field_name in self._fields(key)

    def set(self, key: Any, value: Any) -> None:
        """Store a JSON value."""
        if key.scope in _STRUCTURE:
            self._set_structure(key, value)
            return
        scope, block_id, user_id = _place(key)
        row = {
            "scope": scope,
            "block_id": block_id,
            "user_id": user_id,
            "name": key.field_name,
            "value": value,
        }
        upsert(self._session, xblock_fields, row)
        self._fields(key)[key.field_name] = value

    def delete(self, key: Any) -> None:
        """Go back to the default."""
        if key.scope in _STRUCTURE:
            self._set_structure(key, [] if key.scope == Scope.children else None)
            return
        self._session.execute(delete(xblock_fields).where(_at(key), xblock_fields.c.name == key.field_name))
        self._fields(key).pop(key.field_name, None)

    def forget(self) -> None:
        """Read again: another transaction may have written before our lock."""
        self._read.clear()

    def _fields(self, key: Any) -> dict[str, Any]:
        place = _place(key)
        if place not in self._read:
            rows = self._session.execute(select(xblock_fields.c.name, xblock_fields.c.value).where(_at(key)))
            self._read[place] = {row.name: row.value for row in rows}
        return self._read[place]

    def _structure(self, key: Any) -> Any:
        column = xblock_usages.c[_STRUCTURE[key.scope]]
        statement = select(column).where(xblock_usages.c.id == _uuid(key.block_scope_id))
        value = self._session.execute(statement).scalar_one_or_none()
        return str(value) if isinstance(value, UUID) else value

    def _set_structure(self, key: Any, value: Any) -> None:
        column = _STRUCTURE[key.scope]
        stored = UUID(str(value)) if column == "parent_id" and value is not None else value
        statement = update(xblock_usages).where(xblock_usages.c.id == _uuid(key.block_scope_id))
        self._session.execute(statement.values({column: stored}))


def _place(key: Any) -> tuple[str, str, str]:
    """Where a key's value is: scope, block ("" for all blocks), user ("" for all users)."""
    return str(key.scope.name or key.scope), str(key.block_scope_id or ""), str(key.user_id or "")


def _at(key: Any) -> Any:
    scope, block_id, user_id = _place(key)
    columns = xblock_fields.c
    return (columns.scope == scope) & (columns.block_id == block_id) & (columns.user_id == user_id)


def _uuid(usage_id: Any) -> UUID:
    try:
        return UUID(str(usage_id))
    except ValueError:
        raise NoSuchUsage(repr(usage_id)) from None


class SqlIds(IdReader, IdGenerator):  # type: ignore[misc]
    """Usages and definitions in tables. Asides are not offered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_definition_id(self, usage_id: Any) -> str:
        """Raises NoSuchUsage."""
        statement = select(xblock_usages.c.definition_id).where(xblock_usages.c.id == _uuid(usage_id))
        found = self._session.execute(statement).scalar_one_or_none()
        if found is None:
            raise NoSuchUsage(repr(usage_id))
        return str(found)

    def get_block_type(self, def_id: Any) -> str:
        """Raises NoSuchDefinition."""
        statement = select(xblock_definitions.c.block_type).where(
            xblock_definitions.c.id == UUID(str(def_id))
        )
        found = self._session.execute(statement).scalar_one_or_none()
        if found is None:
            raise NoSuchDefinition(repr(def_id))
        return str(found)

    def create_definition(self, block_type: str, slug: str | None = None) -> str:  # noqa: ARG002 the base's signature
        """A new definition of a block type."""
        definition_id = new_id()
        self._session.execute(insert(xblock_definitions).values(id=definition_id, block_type=block_type))
        return str(definition_id)

    def create_usage(self, def_id: Any) -> str:
        """A new usage of a definition."""
        return self.create_usage_as(new_id(), def_id)

    def create_usage_as(self, usage_id: UUID, def_id: Any) -> str:
        """A usage whose id is given: an activity and its usage share one."""
        self._session.execute(
            insert(xblock_usages).values(id=usage_id, definition_id=UUID(str(def_id)), children=[])
        )
        return str(usage_id)

    def create_aside(self, definition_id: Any, usage_id: Any, aside_type: str) -> Any:
        """Raises NoSuchDefinition: no asides here."""
        raise NoSuchDefinition(f"{definition_id} {usage_id} {aside_type}")

    def get_usage_id_from_aside(self, aside_id: Any) -> Any:
        """Raises NoSuchUsage: no asides here."""
        raise NoSuchUsage(repr(aside_id))

    get_definition_id_from_aside = get_usage_id_from_aside
    get_aside_type_from_usage = get_usage_id_from_aside
    get_aside_type_from_definition = get_usage_id_from_aside


class I18nService(NullI18nService):  # type: ignore[misc]
    """The block's texts come from its own fields; this tells it the reader's language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language


class ViewerService(UserService):  # type: ignore[misc]
    """Tells a block the reader's account id and role; never a name or an address."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer

    def get_current_user(self) -> Any:
        """The reader, pseudonymous."""
        user = XBlockUser(is_current_user=True)
        user.opt_attrs = {
            "cercle.user_id": self._viewer.user_id,
            "cercle.role": self._viewer.role,
            "edx-platform.user_id": self._viewer.user_id,
            "edx-platform.user_is_staff": self._viewer.role == "author",
        }
        return user


class CercleRuntime(Runtime):  # type: ignore[misc]
    """Blocks of the allowed types, for one viewer, in one transaction. What they publish waits in `published`."""

    def __init__(
        self, session: Session, blocks: Mapping[str, type[XBlock]], viewer: Viewer | None = None
    ) -> None:
        self.viewer = viewer or Viewer()
        self.published: list[Published] = []
        self.ids = SqlIds(session)
        self._session = session
        self._blocks = blocks
        self._store = SqlKeyValueStore(session)
        services = {
            "field-data": KvsFieldData(self._store),
            "i18n": I18nService(self.viewer.language),
            "user": ViewerService(self.viewer),
        }
        super().__init__(self.ids, self.ids, services=services)

    @property
    def user_id(self) -> str | None:
        """The viewer's id, under which user scopes are stored."""
        return self.viewer.user_id

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
        usage_id = _uuid(usage)
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
        usage_id = _uuid(block.scope_ids.usage_id)
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
            wire.body, wire.content_type = request.body.encode(), request.content_type
        return self.handle(block, handler, wire, request.suffix)

    def handler_url(
        self,
        block: XBlock,
        handler_name: str,
        suffix: str = "",
        query: str = "",
        thirdparty: bool = False,  # noqa: ARG002
    ) -> str:
        """The page route of a handler; never usable without being signed in."""
        path = f"/activities/{block.scope_ids.usage_id}/handlers/{quote(handler_name)}"
        return path + (f"/{quote(suffix)}" if suffix else "") + (f"?{query}" if query else "")

    def resource_url(self, resource: str) -> str:
        """A static file of the platform."""
        return f"/static/xblock/{quote(resource)}"

    def local_resource_url(self, block: XBlock, uri: str) -> str:
        """A static file of a block's own package."""
        return f"/xblocks/{quote(block.scope_ids.block_type)}/{quote(uri)}"

    def wrap_xblock(self, block: XBlock, view: str, frag: Fragment, context: Any) -> Fragment:  # noqa: ARG002
        """Mark the block's element; what a block brings in scripts goes to the fragment's resources."""
        ids = block.scope_ids
        wrapped = Fragment()
        wrapped.add_content(
            f'<div class="xblock xblock-{quote(str(ids.block_type))}" data-usage="{quote(str(ids.usage_id))}">'
            f"{frag.body_html()}</div>"
        )
        wrapped.add_fragment_resources(frag)
        return wrapped


@dataclass(frozen=True, slots=True)
class HandlerRequest:
    """What a browser sends to a handler."""

    suffix: str = ""
    method: str = "POST"
    query: str = ""
    body: str = ""
    content_type: str = "application/json"


def resources_of(fragment: Fragment) -> list[dict[str, str]]:
    """A fragment's scripts and styles as `{kind, data, mimetype, placement}`."""
    return [dict(resource._asdict()) for resource in fragment.resources]


def load_block(runtime: CercleRuntime, usage_id: UUID | str) -> XBlock:
    """A block by its id. Raises NotFound."""
    try:
        return runtime.get_block(str(usage_id))
    except (NoSuchUsage, PluginMissingError):
        raise NotFound from None
