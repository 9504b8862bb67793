"""A text in two languages, written in markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Scope, String

from services.courses.players.markdown import to_html
from shared.wire import LANGUAGES


def language_of(context: Mapping[str, Any] | None) -> str:
    """The reader's language in a view's context; French when it is none of ours."""
    language = (context or {}).get("language")
    return language if language in LANGUAGES else LANGUAGES[0]


class TextBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed when it has been read."""

    body_fr = String(default="", scope=Scope.content)
    body_en = String(default="", scope=Scope.content)

    def write(self, body: Mapping[str, str]) -> None:
        """Replace both halves. Effect: saves."""
        self.body_fr, self.body_en = body["fr"], body["en"]
        self.save()

    @property
    def body(self) -> dict[str, str]:
        """Markdown in both languages."""
        return {"fr": self.body_fr, "en": self.body_en}

    def language_shown(self, language: str) -> str:
        """`language`, or the other one while that half is empty."""
        other = "en" if language == "fr" else "fr"
        return other if not self.body[language] and self.body[other] else language

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The text in the reader's language; marked with `lang` when only the other half exists."""
        wanted = language_of(context)
        shown = self.language_shown(wanted)
        html = to_html(self.body[shown])
        return Fragment(html if shown == wanted else f'<div lang="{shown}">{html}</div>')
