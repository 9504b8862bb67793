"""An H5P content, or one per language. Their code runs on the content origin only; this block keeps the references and
takes results: whichever content a learner plays, it is one activity with one result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Dict, Integer, Scope, String

from services.courses.domain.course import BOTH
from services.courses.domain.h5p_play import served

_PLACE = Markup('<div class="activity-h5p" data-activity="{id}"></div>')


class H5PBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed by a statement about the whole content."""

    has_score = True

    content_id = String(default="", scope=Scope.content)
    """The content for every reader; empty where each language has its own."""
    content_ids = Dict(default={}, scope=Scope.content)
    """Language -> the content for its readers; empty while one serves everybody."""
    hidden = Integer(default=None, scope=Scope.settings)
    """Display options that the author switched off, as H5P's bits; None while nothing was chosen."""

    @property
    def contents(self) -> list[str]:
        """Every content in use."""
        return [self.content_id] if self.content_id else list(self.content_ids.values())

    def content_for(self, language: str) -> str:
        """What a reader of a language plays, or ""."""
        return served(self.content_id, self.content_ids, language)

    def ready_languages(self) -> list[str]:
        """Both where one content serves everybody."""
        return [language for language in BOTH if self.content_id or language in self.content_ids]

    def displaced(self, language: str | None, spoken: str | None) -> list[str]:
        """The contents that a new one for a language (None: for everybody) takes the place of.

        `spoken`: the language of the content that serves everybody, if it says; one in another language stays, for
        the readers of that other language.
        """
        if language is None or (self.content_id and spoken == language):
            return self.contents
        return [one for code, one in self.content_ids.items() if code == language]

    def place(self, content_id: str, language: str | None = None, spoken: str | None = None) -> None:
        """Take another content, for everybody or for a language. Effect: saves."""
        gone = self.displaced(language, spoken)
        if language is None:
            self.content_id, self.content_ids = content_id, {}
        else:
            [other] = [code for code in BOTH if code != language]
            before = {other: self.content_id} if self.content_id else dict(self.content_ids)
            kept = {code: one for code, one in before.items() if one not in gone}
            self.content_id, self.content_ids = "", kept | {language: content_id}
        self.save()

    def swap(self, old: str, new: str) -> None:
        """Take a content in the very place of another. Effect: saves."""
        if self.content_id == old:
            self.content_id = new
        self.content_ids = {code: new if one == old else one for code, one in self.content_ids.items()}
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
