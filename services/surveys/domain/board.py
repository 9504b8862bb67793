"""The board: a need that a member expresses at any time, others support, and somebody answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from shared.errors import Conflict
from shared.text import fold

OPEN, MERGED, CLOSED = STATUSES = ("open", "merged", "closed")
TAKEN_UP = "taken-up"
"""Open, and linked to what takes it up."""
TOPICS = ("risk", "engagement", "family", "partners", "online", "youth", "team", "law", "evaluation", "other")
OUTCOMES = ("course", "proposal", "survey", "out-of-scope", "withdrawn")
CHOSEN_OUTCOMES, WITHDRAWN = OUTCOMES[:-1], OUTCOMES[-1]
LINKS = ("need", "proposal", "survey", "course", "panel")
LIKE_FROM = 0.4
_STEM = 6
_SMALL_WORDS = frozenset(
    fold(
        "avec dans pour sans sous leur leurs nous vous elle elles mais plus tout tous toute toutes cette sont être avoir "
        "comment quand quoi dont entre aussi bien faire chez that this with from have what when where which about into "
        "their them they your need needs besoin besoins more some help aide aider would could should people personne "
        "personnes"
    ).split()
)


class EntryNotOpen(Conflict):
    """It was closed, or merged with another one."""

    code = "entry-not-open"


class EntryNotMerged(Conflict):
    """There is nothing to part again."""

    code = "entry-not-merged"


class EntryAnswered(Conflict):
    """It is a need of the loop already."""

    code = "entry-answered"


class SameEntry(Conflict):
    """One entry cannot be merged with itself."""

    code = "same-entry"


def stems(texts: Iterable[str | None]) -> frozenset[str]:
    """The telling words of some texts, folded and cut to six letters, so that plurals and verb forms meet."""
    plain = fold(" ".join(text for text in texts if text))
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return frozenset(word[:_STEM] for word in words if len(word) > 3 and word not in _SMALL_WORDS)


def likeness(first: frozenset[str], second: frozenset[str]) -> float:
    """How alike two sets of stems are, 0..1: shared words over those of the shorter text (its overlap
    coefficient), 0 where fewer than two are shared unless one text has a single telling word.
    """
    smaller = min(len(first), len(second))
    shared = len(first & second)
    if not smaller or (shared < 2 and smaller > 1):
        return 0.0
    return shared / smaller


def roots(parents: Mapping[UUID, UUID | None]) -> dict[UUID, UUID]:
    """The entry that stands for each entry, from what each was merged into."""

    def root(entry: UUID) -> UUID:
        above = parents.get(entry)
        return entry if above is None else root(above)

    return {entry: root(entry) for entry in parents}
