"""A SCORM package. Its code runs on the content origin only; this block keeps the reference and takes results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Integer, List, Scope, String

_PLACE = Markup('<div class="activity-scorm" data-activity="{id}"></div>')


class ScormBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed when all its items report so. `storage_key`: the folder of its files; a new package is a new folder."""

    has_score = True

    storage_key = String(default="", scope=Scope.content)
    title = String(default="", scope=Scope.content)
    version = String(default="", scope=Scope.content)
    entries = List(default=[], scope=Scope.content)
    size = Integer(default=0, scope=Scope.content)

    def place(self, values: Mapping[str, Any]) -> None:
        """Take another package. Effect: saves."""
        for name, value in values.items():
            setattr(self, name, value)
        self.save()

    @property
    def package(self) -> dict[str, Any] | None:
        """What is played: {prefix, version, title, items}; None while there is nothing."""
        if not self.storage_key:
            return None
        return {
            "prefix": self.storage_key,
            "version": self.version,
            "title": self.title,
            "items": self.entries,
        }

    def ready_languages(self) -> list[str]:
        """A package does not say; it is taken as meant for everybody."""
        return ["fr", "en"] if self.storage_key else []

    def take_result(self, *, score: float | None, completed: bool) -> None:
        """Announce what its data model says."""
        if score is not None:
            self.runtime.publish(self, "grade", {"value": score, "max_value": 1.0})
        if completed:
            self.emit_completion(1.0)

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:  # noqa: ARG002 the contract's signature
        """Where the page puts the sandboxed frame."""
        return Fragment(_PLACE.format(id=self.scope_ids.usage_id))
