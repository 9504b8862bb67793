"""An uploaded image, recording or document, with its alternative text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Boolean, Integer, Scope, String

from services.courses.players.blocks.text import language_of

_IMAGE = Markup('<figure class="activity-file"><img src="{url}" alt="{alt}"></figure>')
_AUDIO = Markup(
    '<audio class="activity-file" controls preload="metadata" src="{url}" aria-label="{alt}"></audio>'
)
_VIDEO = Markup(
    '<video class="activity-file" controls preload="metadata" src="{url}" aria-label="{alt}"></video>'
)
_LINK = Markup('<p class="activity-file"><a href="{url}">{alt}</a></p>')


def file_address(block: XBlock) -> str:
    """Where the page serves a block's file: the newest edition's, or the draft's where an author looks."""
    viewer = getattr(block.runtime, "viewer", None)
    drafting = getattr(viewer, "role", "learner") == "author"
    return f"/files/{block.scope_ids.usage_id}" + ("?draft=1" if drafting else "")


class FileBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed when it has been seen. The bytes are in storage, served by the page route of `url`."""

    storage_key = String(default="", scope=Scope.content)
    filename = String(default="", scope=Scope.content)
    media_type = String(default="", scope=Scope.content)
    size = Integer(default=0, scope=Scope.content)
    inline = Boolean(default=False, scope=Scope.content)
    alt_fr = String(default="", scope=Scope.content)
    alt_en = String(default="", scope=Scope.content)

    @property
    def url(self) -> str:
        """Page route of the file, signed-in readers only; of the draft's for its author."""
        return file_address(self)

    @property
    def alt(self) -> dict[str, str]:
        """Alternative text in both languages."""
        return {"fr": self.alt_fr, "en": self.alt_en}

    def place(self, values: Mapping[str, Any], alt: Mapping[str, str]) -> None:
        """Take another file. Effect: saves."""
        for name in ("storage_key", "filename", "media_type", "size", "inline"):
            setattr(self, name, values[name])
        self.describe(alt)

    def describe(self, alt: Mapping[str, str]) -> None:
        """Another alternative text. Effect: saves."""
        self.alt_fr, self.alt_en = alt["fr"], alt["en"]
        self.save()

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The file in place where a browser can show it, else a link to it."""
        if not self.storage_key:
            return Fragment("")
        kind = self.media_type.partition("/")[0]
        template = {"image": _IMAGE, "audio": _AUDIO, "video": _VIDEO}.get(kind, _LINK)
        alt = self.alt[language_of(context)] or self.filename
        return Fragment(template.format(url=self.url, alt=alt))
