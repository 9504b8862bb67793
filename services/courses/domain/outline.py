"""The outline of a course: modules > units > activities, in the order of their positions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from services.courses.domain.course import Pair

MODULE: Final = "module"
UNIT: Final = "unit"
ACTIVITY: Final = "activity"
PARENT_KIND = {MODULE: None, UNIT: MODULE, ACTIVITY: UNIT}
TEXT: Final = "text"
FILE: Final = "file"
H5P: Final = "h5p"
QUIZ: Final = "quiz"
VIDEO: Final = "video"
SURVEY: Final = "survey"
DISCUSSION: Final = "discussion"
SCORM: Final = "scorm"
BLOCK_TYPES = (TEXT, FILE, H5P, QUIZ, VIDEO, SURVEY, DISCUSSION, SCORM)
VIEWED: Final = "viewed"
COMPLETED: Final = "completed"
COMPLETION = {
    TEXT: VIEWED,
    FILE: VIEWED,
    H5P: COMPLETED,
    QUIZ: COMPLETED,
    VIDEO: COMPLETED,
    SURVEY: VIEWED,
    DISCUSSION: VIEWED,
    SCORM: COMPLETED,
}
"""When an activity counts as completed, unless its author chooses otherwise."""


@dataclass(eq=False)
class OutlineItem:
    """A module, unit or activity. An activity's XBlock usage has the same id.

    `ready_in`: languages in which an activity has content; `content_language`: of an H5P content.
    `rule`: when an activity counts as completed (domain/rules.py). `after`: ids of the items to complete first;
    `release_days`: opens that many days after the learner's start. `touched`: the course's version at its last change.
    """

    id: UUID
    course_id: UUID
    kind: str
    title: Pair
    position: int
    parent_id: UUID | None = None
    block_type: str | None = None
    rule: Mapping[str, Any] | None = None
    ready_in: list[str] = field(default_factory=list)
    content_language: str | None = None
    after: list[str] = field(default_factory=list)
    release_days: int | None = None
    touched: int = 1

    @property
    def completion(self) -> str | None:
        """The word of the rule; setting it makes a rule without a figure."""
        return self.rule["rule"] if self.rule else None

    @completion.setter
    def completion(self, word: str) -> None:
        self.rule = {"rule": word}


class Outline:
    """Items of one course as a tree."""

    def __init__(self, items: Iterable[OutlineItem]) -> None:
        self.items = sorted(items, key=lambda item: (item.position, item.id))
        self.by_id = {item.id: item for item in self.items}
        self._below: dict[UUID | None, list[OutlineItem]] = defaultdict(list)
        for item in self.items:
            self._below[item.parent_id].append(item)

    def below(self, parent_id: UUID | None) -> list[OutlineItem]:
        """Direct children in order; None gives the modules."""
        return self._below.get(parent_id, [])

    @property
    def modules(self) -> list[OutlineItem]:
        """All modules in order."""
        return self.below(None)

    def activities(self, under: UUID | None = None) -> Iterator[OutlineItem]:
        """Activities below an item (None: the whole course) in reading order; an activity gives itself."""
        if under is not None and self.by_id[under].kind == ACTIVITY:
            yield self.by_id[under]
        for item in self.below(under):
            yield from self.activities(item.id)

    def subtree(self, root: UUID) -> list[OutlineItem]:
        """The item and everything in it, children first, so that they can be deleted in this order."""
        return [*(x for child in self.below(root) for x in self.subtree(child.id)), self.by_id[root]]

    def move(self, item: OutlineItem, direction: str) -> bool:
        """Swap with the neighbour above ("up") or below ("down"); False at the end of the list."""
        siblings = self.below(item.parent_id)
        index = siblings.index(item)
        other = index - 1 if direction == "up" else index + 1
        if not 0 <= other < len(siblings):
            return False
        siblings[index], siblings[other] = siblings[other], siblings[index]
        for position, sibling in enumerate(siblings):
            sibling.position = position
        return True

    def next_position(self, parent_id: UUID | None) -> int:
        """Where a new child goes: the end."""
        return max((item.position for item in self.below(parent_id)), default=-1) + 1


def is_ready(item: OutlineItem) -> bool:
    """True when an activity has content in at least one language."""
    return bool(item.ready_in)
