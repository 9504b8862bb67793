"""The statement as the platform keeps it, and the verbs that H5P players use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.courses.h5p.problems import Problem

VERBS = frozenset(
    [
        "answered",
        "asked",
        "attempted",
        "attended",
        "commented",
        "completed",
        "exited",
        "experienced",
        "failed",
        "imported",
        "initialized",
        "interacted",
        "launched",
        "mastered",
        "passed",
        "preferred",
        "progressed",
        "registered",
        "responded",
        "resumed",
        "scored",
        "shared",
        "suspended",
        "terminated",
        "voided",
    ]
)
# Sent by the player's tool bar: worth a log line, never a result.
TOOLBAR_VERBS = frozenset(["downloaded", "copied", "accessed-reuse", "accessed-embed", "accessed-copyright"])


@dataclass(frozen=True, slots=True)
class Score:
    """`scaled` in [-1, 1]; `raw`, `min` and `max` in the content's own unit, or None when not given."""

    scaled: float | None
    raw: float | None
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement after normalising. With problems it is kept for the record and must have no effect.

    `verb` is the short name ("completed"). `timestamp` and `stored` are aware. `duration_s` in seconds.
    `sub_content_id` is None for the content as a whole. `document` is the xAPI JSON to store or forward.
    """

    id: str
    verb: str
    activity_iri: str
    sub_content_id: str | None
    parent_iri: str | None
    timestamp: datetime
    stored: datetime
    score: Score | None
    success: bool | None
    completion: bool | None
    duration_s: float | None
    response: str | None
    document: dict[str, Any]
    problems: tuple[Problem, ...] = ()

    @property
    def valid(self) -> bool:
        """True when no rule is broken."""
        return not self.problems

    @property
    def is_toolbar(self) -> bool:
        """True for the tool bar's own verbs."""
        return self.verb in TOOLBAR_VERBS

    @property
    def is_final(self) -> bool:
        """True when the statement is about the whole content and can carry its result."""
        whole = self.sub_content_id is None and self.parent_iri is None
        return whole and self.verb in ("completed", "answered", "passed", "failed", "mastered", "scored")
