"""When an activity is done, and when it is open: completion rules, prerequisites and release dates.

What was begun stays open: a lock only keeps a learner from beginning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from services.courses.domain.learning import Attempt, Outcome, progress
from services.courses.domain.outline import COMPLETED, COMPLETION, FILE, TEXT, VIEWED, Outline, OutlineItem

SCORE: Final = "score"
DWELL: Final = "dwell"
SUBMITTED: Final = "submitted"
Node = TypeVar("Node")
RULES = (VIEWED, COMPLETED, SCORE, DWELL, SUBMITTED)
MUTE = (TEXT, FILE)
"""Kinds whose players never say more than that they were seen."""
SHORTEST_DWELL, LONGEST_DWELL = 5, 4 * 3600
BEAT = timedelta(seconds=30)
"""The most attention that one heartbeat can give; pages beat twice as often."""

NOT_STARTED: Final = "not-started"
LATER: Final = "opens-later"
AFTER: Final = "after"


def rule_of(word: str, *, min_score: float | None = None, seconds: int | None = None) -> dict[str, Any]:
    """A rule as it is stored: only the figure that it needs."""
    figures: dict[str, dict[str, Any]] = {SCORE: {"min_score": min_score}, DWELL: {"seconds": seconds}}
    return {"rule": word, **figures.get(word, {})}


def rules_for(kind: str | None) -> list[str]:
    """The rules that a kind of activity can have, its own first: a text has no answer and no score."""
    own = COMPLETION.get(kind or "", COMPLETED)
    rest = (VIEWED, DWELL) if kind in MUTE else (COMPLETED, SUBMITTED, SCORE, VIEWED, DWELL)
    return [own, *(word for word in rest if word != own)]


def is_met(rule: Mapping[str, Any] | None, attempt: Attempt, outcome: Outcome) -> bool:
    """Whether an outcome completes an attempt that has already taken its score and its seconds.

    Who completes or submits an activity has seen it too.
    """
    match (rule or {}).get("rule", COMPLETED):
        case "score":
            return attempt.score is not None and attempt.score >= float((rule or {})["min_score"])
        case "dwell":
            return attempt.dwell >= int((rule or {})["seconds"])
        case "submitted":
            return outcome.submitted or outcome.completed
        case "viewed":
            return outcome.viewed or outcome.submitted or outcome.completed
        case _:
            return outcome.completed


def has_failed(rule: Mapping[str, Any] | None, outcome: Outcome) -> bool:
    """Whether an outcome is a try that did not pass."""
    if outcome.success is not None:
        return not outcome.success
    wanted = (rule or {}).get("min_score")
    return wanted is not None and outcome.score is not None and outcome.score < wanted


def attention(claimed: float, since: datetime | None, now: datetime) -> int:
    """Whole seconds of attention that a heartbeat gives: never more than passed since the one before."""
    if since is None:
        return 0
    return int(max(0.0, min(claimed, (now - since).total_seconds(), BEAT.total_seconds())))


@dataclass(frozen=True, slots=True)
class Lock:
    """Why an item cannot be begun yet. `at`: when it opens; `after`: what to complete first."""

    code: str
    at: datetime | None = None
    after: tuple[OutlineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """A learner's dates: `start` of their course, and items with a date of their own (of a cohort)."""

    start: datetime
    releases: Mapping[UUID, datetime]

    def opens(self, item: OutlineItem) -> datetime | None:
        """When an item is released; a date of the cohort replaces the days after the start."""
        if item.id in self.releases:
            return self.releases[item.id]
        return None if item.release_days is None else self.start + timedelta(days=item.release_days)


def lock_of(
    outline: Outline, item: OutlineItem, completed: Collection[UUID], calendar: Calendar, now: datetime
) -> Lock | None:
    """Why an item is closed: its own reasons, or those of the unit and module that it is in."""
    if calendar.start > now:
        return Lock(NOT_STARTED, calendar.start)
    chain = list(_upwards(outline, item))
    dates = [at for part in chain if (at := calendar.opens(part)) is not None and at > now]
    if dates:
        return Lock(LATER, max(dates))
    wanted = [first for part in chain for first in _first(outline, part)]
    missing = tuple(first for first in wanted if not _is_complete(outline, first, completed))
    return Lock(AFTER, after=missing) if missing else None


def locks(
    outline: Outline, completed: Collection[UUID], begun: Collection[UUID], calendar: Calendar, now: datetime
) -> dict[UUID, Lock]:
    """The closed activities of a course; `begun` ones stay open."""
    found = {
        item.id: lock_of(outline, item, completed, calendar, now)
        for item in outline.activities()
        if item.id not in begun
    }
    return {item_id: lock for item_id, lock in found.items() if lock}


def _upwards(outline: Outline, item: OutlineItem) -> Iterator[OutlineItem]:
    yield item
    if item.parent_id is not None:
        yield from _upwards(outline, outline.by_id[item.parent_id])


def _first(outline: Outline, item: OutlineItem) -> Iterator[OutlineItem]:
    """What comes before an item; what is no longer in the course is not waited for."""
    for first in item.after:
        if UUID(first) in outline.by_id:
            yield outline.by_id[UUID(first)]


def _is_complete(outline: Outline, item: OutlineItem, completed: Collection[UUID]) -> bool:
    is_empty = not list(outline.activities(item.id))
    return is_empty or progress(outline, completed, item.id) == 1.0


def has_cycle(outline: Outline) -> bool:
    """Whether some item waits, in the end, for itself.

    A part is complete after everything in it, opens after the part that it is in, and after what is put first.
    """
    edges: dict[tuple[str, UUID], list[tuple[str, UUID]]] = {}
    for item in outline.items:
        parent = [] if item.parent_id is None else [("open", item.parent_id)]
        edges["open", item.id] = [*parent, *(("done", first.id) for first in _first(outline, item))]
        inside = [("done", child.id) for child in outline.below(item.id)]
        edges["done", item.id] = [("open", item.id), *inside]
    return circular(edges)


def circular(edges: Mapping[Node, Sequence[Node]]) -> bool:
    """Whether a directed graph has a cycle (depth first, without recursion)."""
    state: dict[Node, bool] = {}  # True: all behind it is seen; False: on the present path
    for root in edges:
        if root in state:
            continue
        state[root] = False
        path: list[tuple[Node, Iterator[Node]]] = [(root, iter(edges[root]))]
        while path:
            node, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[node] = True
                path.pop()
            elif state.get(following) is False:
                return True
            elif following not in state:
                state[following] = False
                path.append((following, iter(edges.get(following, ()))))
    return False
