"""What blocks written for another host read from themselves and from its modules."""

from __future__ import annotations

from typing import Any

from xblock.core import XBlockMixin
from xblock.fields import DateTime, Scope, Timedelta


class UsageKey(str):
    """Where a block is, in the parts that such blocks ask for. Organisation and course have no counterpart here."""

    __slots__ = ()
    org = "cercle"
    course = "course"

    @property
    def block_id(self) -> str:
        """The usage's id."""
        return str(self)

    name = block_id

    def html_id(self) -> str:
        """An id for an HTML element."""
        return str(self)

    @classmethod
    def from_string(cls, text: str) -> UsageKey:
        """The key of a written id."""
        return cls(text)


class EdxNeeds(XBlockMixin):  # type: ignore[misc]
    """Attributes that another host's mixins give to every block. Dates are never set here: courses have their own rules."""

    due = DateTime(default=None, scope=Scope.settings)
    start = DateTime(default=None, scope=Scope.settings)
    graceperiod = Timedelta(default=None, scope=Scope.settings)

    @property
    def location(self) -> UsageKey:
        """Where the block is."""
        return UsageKey(self.scope_ids.usage_id)

    @property
    def category(self) -> Any:
        """The block's type."""
        return self.scope_ids.block_type
