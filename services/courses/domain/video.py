"""Captions of a video (WebVTT), and how much of it was watched."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard
from urllib.parse import urlsplit

ENOUGH: Final = 0.9
"""Share of a video that counts as watched: credits and pauses are left out."""
MAX_SPANS: Final = 500
_TIME = re.compile(r"(?:(\d{1,3}):)?([0-5]\d):([0-5]\d)[.,](\d{3})")
_TAGS = re.compile(r"<[^>]*>")
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cue:
    """A line of captions; seconds."""

    start: float
    end: float
    text: str


def cues(captions: str) -> list[Cue]:
    """The lines of a WebVTT text, in its order; what is not a cue (notes, styles) is left out."""
    return [cue for block in re.split(r"\n\s*\n", _lines(captions)) if (cue := _cue(block))]


def as_webvtt(captions: str) -> str | None:
    """Captions as WebVTT, made from SubRip where that was given; None when there is no cue in them."""
    text = _lines(captions).strip()
    found = cues(text)
    if not found or any(cue.end <= cue.start for cue in found):
        return None
    if not text.startswith("WEBVTT"):
        text = "WEBVTT\n\n" + re.sub(r"(\d\d:\d\d),(\d{3})", r"\1.\2", text)
    return text + "\n"


def _lines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _cue(block: str) -> Cue | None:
    lines = block.strip().split("\n")
    for index, line in enumerate(lines):
        left, arrow, right = line.partition("-->")
        start, end = _TIME.fullmatch(left.strip()), _TIME.match(right.strip())
        if arrow and start and end:
            words = html.unescape(_TAGS.sub("", " ".join(lines[index + 1 :]))).strip()
            return Cue(_seconds(start), _seconds(end), words)
    return None


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def is_number(value: object) -> TypeGuard[float]:
    """True for a finite number that is no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def merged(spans: Iterable[Sequence[float]], duration: float) -> list[Span]:
    """Watched spans in order and without overlap, within the duration; gaps of under a second are closed."""
    found: list[Span] = []
    for first, last in sorted((float(a), float(b)) for a, b in spans):
        start, end = max(0.0, first), min(last, duration)
        if end <= start:
            continue
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found[:MAX_SPANS]


def watched_share(spans: Iterable[Sequence[float]], duration: float) -> float:
    """Watched seconds / duration, 0..1."""
    return sum(end - start for start, end in merged(spans, duration)) / duration if duration > 0 else 0.0


def allowed_address(url: str, hosts: Iterable[str]) -> bool:
    """True for an https address of an allowed host, without a password in it."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc in set(hosts)
    except ValueError:
        return False
