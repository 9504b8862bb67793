"""Where blocks' fields, usages and definitions live: three tables, read and written in the caller's transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from xblock.exceptions import NoSuchDefinition, NoSuchUsage
from xblock.fields import Scope
from xblock.runtime import IdGenerator, IdReader, KeyValueStore

from services.courses.tables import xblock_definitions, xblock_fields, xblock_usages
from shared.db.dialect import upsert
from shared.ids import new_id

_STRUCTURE = {Scope.children: "children", Scope.parent: "parent_id"}
_AUTHORED = {Scope.content, Scope.settings, Scope.children}


class SqlKeyValueStore(KeyValueStore):  # type: ignore[misc]
    """Field values in `xblock_fields`, and the tree in `xblock_usages`.

    Rows of one block, scope and user are read together, since a view reads most of its fields.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.content_changed = False
        """True once something was written that is the author's, not a learner's."""

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
        self._note(key)
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
        self._note(key)
        if key.scope in _STRUCTURE:
            self._set_structure(key, [] if key.scope == Scope.children else None)
            return
        self._session.execute(delete(xblock_fields).where(_at(key), xblock_fields.c.name == key.field_name))
        self._fields(key).pop(key.field_name, None)

    def forget(self) -> None:
        """Read again: another transaction may have written before our lock."""
        self._read.clear()

    def _note(self, key: Any) -> None:
        self.content_changed = self.content_changed or key.scope in _AUTHORED

    def _fields(self, key: Any) -> dict[str, Any]:
        place = _place(key)
        if place not in self._read:
            rows = self._session.execute(select(xblock_fields.c.name, xblock_fields.c.value).where(_at(key)))
            self._read[place] = {row.name: row.value for row in rows}
        return self._read[place]

    def _structure(self, key: Any) -> Any:
        column = xblock_usages.c[_STRUCTURE[key.scope]]
        statement = select(column).where(xblock_usages.c.id == usage_uuid(key.block_scope_id))
        value = self._session.execute(statement).scalar_one_or_none()
        return str(value) if isinstance(value, UUID) else value

    def _set_structure(self, key: Any, value: Any) -> None:
        column = _STRUCTURE[key.scope]
        stored = UUID(str(value)) if column == "parent_id" and value is not None else value
        statement = update(xblock_usages).where(xblock_usages.c.id == usage_uuid(key.block_scope_id))
        self._session.execute(statement.values({column: stored}))


def _place(key: Any) -> tuple[str, str, str]:
    """Where a key's value is: scope, block ("" for all blocks), user ("" for all users)."""
    return str(key.scope.name or key.scope), str(key.block_scope_id or ""), str(key.user_id or "")


def _at(key: Any) -> Any:
    scope, block_id, user_id = _place(key)
    columns = xblock_fields.c
    return (columns.scope == scope) & (columns.block_id == block_id) & (columns.user_id == user_id)


def usage_uuid(usage_id: Any) -> UUID:
    """The id of a usage. Raises NoSuchUsage for what is none."""
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
        statement = select(xblock_usages.c.definition_id).where(xblock_usages.c.id == usage_uuid(usage_id))
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
