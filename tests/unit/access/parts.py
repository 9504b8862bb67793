"""What the parts of World share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.actor import Actor
from shared.testing.harness import Harness

if TYPE_CHECKING:
    from tests.unit.surveys.support import Desk


class Maker:
    """What a part of World may use of it: see `world.World`."""

    harness: Harness
    desk: Desk
    actors: dict[str, Actor]
    sitters: list[str]
    """Four members whom every service knows, besides the people of the matrix."""

    def call(self, who: str, service: str, method: str, **payload: Any) -> Any:
        """A call of one of the people."""
        return self.harness.call(service, method, payload, actor=self.actors[who])
