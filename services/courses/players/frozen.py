"""What learners' blocks hold: the newest edition of the course, whatever happens to the draft meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from xblock.fields import Scope

from services.courses.players.kvs import SqlKeyValueStore
from services.courses.tables import frozen_blocks, published_blocks

_FROZEN = ("content", "settings")


class PublishedStore(SqlKeyValueStore):
    """Authored values come from the newest edition; a block that is in none is read from the draft.

    What a learner's handler writes into an authored field lasts for that call: it is the author's to change.
    """

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._held: dict[str, dict[str, Any] | None] = {}

    def set(self, key: Any, value: Any) -> None:
        """Store a value of the reader's; keep an authored one for this call only."""
        if self._of_edition(key) is None:
            super().set(key, value)
        elif key.scope.name in _FROZEN:
            self._fields(key)[key.field_name] = value

    def delete(self, key: Any) -> None:
        """The same for going back to the default."""
        if self._of_edition(key) is None:
            super().delete(key)
        elif key.scope.name in _FROZEN:
            self._fields(key).pop(key.field_name, None)

    def _fields(self, key: Any) -> dict[str, Any]:
        held = self._of_edition(key)
        if held is None:
            return super()._fields(key)
        fields: dict[str, Any] = held.setdefault(key.scope.name, {})
        return fields

    def _structure(self, key: Any) -> Any:
        held = self._of_edition(key)
        return held["children"] if held is not None else super()._structure(key)

    def _of_edition(self, key: Any) -> dict[str, Any] | None:
        """What the block of an authored scope holds in the newest edition; None for other scopes and blocks."""
        if key.scope.name not in _FROZEN and key.scope != Scope.children:
            return None
        block_id = str(key.block_scope_id)
        if block_id not in self._held:
            self._held[block_id] = self._load(UUID(block_id))
        return self._held[block_id]

    def _load(self, block_id: UUID) -> dict[str, Any] | None:
        """By usage id for settings and children, by definition id for content."""
        mine = or_(published_blocks.c.usage_id == block_id, published_blocks.c.definition_id == block_id)
        statement = select(frozen_blocks.c.fields).join(
            published_blocks, published_blocks.c.digest == frozen_blocks.c.digest
        )
        held = self._session.execute(statement.where(mine)).scalars().first()
        return None if held is None else {name: _copy(value) for name, value in held.items()}


def _copy(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value)
