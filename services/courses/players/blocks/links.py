"""Activities that lead elsewhere on the platform: a needs survey, or a discussion of the community."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from markupsafe import Markup
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Scope, String

from services.courses.players.blocks.text import language_of
from shared.wire import LANGUAGES

_LINK = Markup('<p class="activity-link"><a href="{url}">{text}</a></p>')


class LinkBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed when it has been seen. The page says the target's title, in its place and language."""

    place: ClassVar[str] = ""
    words: ClassVar[Mapping[str, str]] = {}

    target_id = String(default="", scope=Scope.content)

    @property
    def url(self) -> str:
        """Page of the target; empty while none is chosen."""
        return f"{self.place}/{self.target_id}" if self.target_id else ""

    def lead_to(self, target_id: str) -> None:
        """Another target. Effect: saves."""
        self.target_id = target_id
        self.save()

    def ready_languages(self) -> list[str]:
        """Both: what it leads to is in both."""
        return list(LANGUAGES) if self.target_id else []

    def missing(self) -> list[tuple[str, dict[str, Any]]]:
        """What stands before publication."""
        return [] if self.target_id else [("content-missing", {})]

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """A link."""
        return Fragment(_LINK.format(url=self.url, text=self.words[language_of(context)]) if self.url else "")


class SurveyBlock(LinkBlock):
    """Leads to a needs survey."""

    place = "/surveys"
    words: ClassVar[Mapping[str, str]] = {"fr": "Ouvrir le sondage", "en": "Open the survey"}


class DiscussionBlock(LinkBlock):
    """Leads to a topic of the community."""

    place = "/community/topics"
    words: ClassVar[Mapping[str, str]] = {"fr": "Ouvrir la discussion", "en": "Open the discussion"}
