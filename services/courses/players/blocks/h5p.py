"""An H5P content. Its code runs on the content origin only; this block keeps the reference and takes results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Scope, String

_PLACE = Markup('<div class="activity-h5p" data-activity="{id}"></div>')


class H5PBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed by a statement about the whole content."""

    has_score = True

    content_id = String(default="", scope=Scope.content)

    def place(self, content_id: str) -> None:
        """Take another content. Effect: saves."""
        self.content_id = content_id
        self.save()

    def take_result(self, *, score: float | None, completed: bool) -> None:
        """Announce what a checked statement says: a scaled score (-1..1), completion, or neither."""
        if score is not None:
            self.runtime.publish(self, "grade", {"value": score, "max_value": 1.0})
        if completed:
            self.emit_completion(1.0)

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:  # noqa: ARG002 the contract's signature
        """Where the page puts the sandboxed frame."""
        return Fragment(_PLACE.format(id=self.scope_ids.usage_id))
