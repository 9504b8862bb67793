"""A video with captions and a transcript in both languages. It is completed once enough of it was watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from markupsafe import Markup
from web_fragments.fragment import Fragment
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.exceptions import JsonHandlerError
from xblock.fields import Boolean, Float, Integer, List, Scope, String

from services.courses.domain.video import ENOUGH, MAX_SPANS, cues, is_number, merged, watched_share
from services.courses.players.blocks.file import file_address
from services.courses.players.blocks.text import language_of
from services.courses.players.markdown import to_html
from shared.wire import LANGUAGES

_VIDEO = Markup(
    '<div class="activity-video"><video controls preload="metadata" playsinline src="{url}">{tracks}</video>{transcript}</div>'
)
_TRACK = Markup('<track kind="captions" srclang="{language}" label="{label}" src="{url}"{default}>')
_LABELS = {"fr": "Français", "en": "English"}
_DAY = 24 * 3600


class VideoBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """The bytes are in storage, served by the page route of `url`, or at an address that the platform allows."""

    storage_key = String(default="", scope=Scope.content)
    filename = String(default="", scope=Scope.content)
    media_type = String(default="", scope=Scope.content)
    size = Integer(default=0, scope=Scope.content)
    inline = Boolean(default=True, scope=Scope.content)
    address = String(default="", scope=Scope.content)
    captions_fr = String(default="", scope=Scope.content)
    captions_en = String(default="", scope=Scope.content)
    transcript_fr = String(default="", scope=Scope.content)
    transcript_en = String(default="", scope=Scope.content)
    no_speech = Boolean(default=False, scope=Scope.content)

    position = Float(default=0.0, scope=Scope.user_state)
    spans = List(default=[], scope=Scope.user_state)

    @property
    def url(self) -> str:
        """Where the picture comes from; empty while there is none."""
        return self.address or (file_address(self) if self.storage_key else "")

    @property
    def captions(self) -> dict[str, str]:
        """WebVTT in both languages."""
        return {"fr": self.captions_fr, "en": self.captions_en}

    @property
    def transcript(self) -> dict[str, str]:
        """Markdown in both languages; empty where the captions say it all."""
        return {"fr": self.transcript_fr, "en": self.transcript_en}

    def take_file(self, values: Mapping[str, Any]) -> None:
        """Another uploaded file."""
        for name in ("storage_key", "filename", "media_type", "size"):
            setattr(self, name, values[name])
        self.address = ""

    def take_address(self, address: str) -> None:
        """A file elsewhere, instead of an uploaded one."""
        self.take_file({"storage_key": "", "filename": "", "media_type": "", "size": 0})
        self.address = address

    def describe(
        self, captions: Mapping[str, str], transcript: Mapping[str, str], *, no_speech: bool
    ) -> None:
        """Other words. Effect: saves."""
        self.captions_fr, self.captions_en = captions["fr"], captions["en"]
        self.transcript_fr, self.transcript_en = transcript["fr"], transcript["en"]
        self.no_speech = no_speech
        self.save()

    def ready_languages(self) -> list[str]:
        """Languages whose readers can follow it: with captions, or where nothing is said."""
        return [
            language for language in LANGUAGES if self.url and (self.no_speech or self.captions[language])
        ]

    def missing(self) -> list[tuple[str, dict[str, Any]]]:
        """What stands before publication."""
        if not self.url:
            return [("content-missing", {})]
        lacking = [language for language in LANGUAGES if language not in self.ready_languages()]
        return [(f"captions-missing-{language}", {}) for language in lacking]

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The video with its captions, and the transcript below."""
        if not self.url:
            return Fragment("")
        language = language_of(context)
        written = [code for code in LANGUAGES if self.captions[code]]
        tracks = Markup("").join(
            _TRACK.format(language=code, label=_LABELS[code], url=self.track(code),
                          default=Markup(" default") if code == language else "")
            for code in written
        )  # fmt: skip
        transcript = Markup(self.transcript_html(language))  # noqa: S704 sanitised
        return Fragment(_VIDEO.format(url=self.url, tracks=tracks, transcript=transcript))

    def track(self, language: str) -> str:
        """Page route of the captions."""
        return f"/courses/activities/{self.scope_ids.usage_id}/captions/{language}.vtt"

    def transcript_html(self, language: str) -> str:
        """The transcript in a language; made of the captions where none was written."""
        if self.transcript[language]:
            return to_html(self.transcript[language])
        return to_html(" ".join(cue.text for cue in cues(self.captions[language])))

    @XBlock.json_handler  # type: ignore[untyped-decorator]
    def watch(self, data: Any, suffix: str = "") -> dict[str, float]:  # noqa: ARG002 the contract's signature
        """`{position, duration, spans: [[from, to], ...]}` in seconds: where the reader is and what was played.

        Answers `{share}`; publishes completion once the share is enough. What was watched only grows.
        """
        position, duration, spans = _report(data)
        self.position = position
        self.spans = [list(span) for span in merged([*self.spans, *spans], duration)]
        share = watched_share(self.spans, duration)
        self.runtime.publish(self, "progress", {"share": share})
        if share >= ENOUGH:
            self.emit_completion(1.0)
        return {"share": share}


def _report(data: Any) -> tuple[float, float, Sequence[Sequence[float]]]:
    known = data if isinstance(data, dict) else {}
    position, duration, spans = known.get("position"), known.get("duration"), known.get("spans")
    if is_number(position) and is_number(duration) and 0 < duration <= _DAY and _are_spans(spans):
        return min(max(float(position), 0.0), float(duration)), float(duration), spans
    raise JsonHandlerError(400, "position, duration and spans in seconds")


def _are_spans(value: Any) -> TypeGuard[list[list[float]]]:
    return isinstance(value, list) and len(value) <= MAX_SPANS and all(map(_is_span, value))


def _is_span(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(is_number(part) for part in value)
