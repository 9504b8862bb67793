"""Enrolment, attempt, progress. Facts only grow (completed stays, the best score counts), so that statements
may arrive twice or out of order and the result is the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.courses.domain.outline import MODULE, UNIT, Outline, OutlineItem


@dataclass(eq=False)
class Enrolment:
    """One learner in one course, in either language. `last_activity_id`: where the learner was."""

    id: UUID
    course_id: UUID
    account_id: UUID
    started_at: datetime
    last_seen_at: datetime
    last_activity_id: UUID | None = None
    completed_at: datetime | None = None
    left_at: datetime | None = None
    progressed_at: datetime | None = None
    nudged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement or a block claims. `score` in [-1, 1], checked by `score_of`.

    Which of these completes an activity is its rule's to say (domain/rules.py).
    """

    completed: bool = False
    score: float | None = None
    success: bool | None = None
    viewed: bool = False
    submitted: bool = False


@dataclass(eq=False)
class Attempt:
    """One learner's work on one activity. `score`: the best so far, -1..1; `failures`: tries that did not pass;
    `dwell`: seconds of attention, the last of them counted at `beat_at`.
    """

    id: UUID
    enrolment_id: UUID
    activity_id: UUID
    started_at: datetime
    completed_at: datetime | None = None
    score: float | None = None
    success: bool | None = None
    failures: int = 0
    dwell: int = 0
    beat_at: datetime | None = None

    def take(self, outcome: Outcome) -> bool:
        """Take what an outcome says of score and success; True when the score became better."""
        before = self.score
        if outcome.score is not None:
            self.score = outcome.score if self.score is None else max(self.score, outcome.score)
        if outcome.success is not None:
            self.success = bool(self.success or outcome.success)
        return self.score != before

    def complete(self, now: datetime) -> bool:
        """Done; True the first time."""
        if self.completed_at is not None:
            return False
        self.completed_at = now
        return True


def score_of(value: object, highest: object = 1.0) -> float | None:
    """Value / highest as a score in [-1, 1]; None when they give no such number."""
    if not (_is_number(value) and _is_number(highest)) or highest <= 0:  # type: ignore[operator]
        return None
    score = float(value) / float(highest)  # type: ignore[arg-type]
    return score if -1 <= score <= 1 else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def progress(outline: Outline, completed: Collection[UUID], under: UUID | None = None) -> float:
    """Completed activities / activities below an item (None: the course), 0..1; 0 where there are none."""
    activities = [activity.id for activity in outline.activities(under)]
    done = sum(1 for activity in activities if activity in completed)
    return done / len(activities) if activities else 0.0


def completed_parts(outline: Outline, completed: Collection[UUID]) -> Iterator[OutlineItem]:
    """Units, then modules, all of whose activities are completed; parts without activities never are."""
    for kind in (UNIT, MODULE):
        for item in outline.items:
            if item.kind == kind and progress(outline, completed, item.id) == 1.0:
                yield item


def next_activity(
    outline: Outline, completed: Collection[UUID], last: UUID | None, closed: Collection[UUID] = ()
) -> OutlineItem | None:
    """Where the learner was, if that is not finished; else the first unfinished after it; else the first at all.

    None where everything is finished or `closed`.
    """
    order = list(outline.activities())
    ids = [activity.id for activity in order]
    start = ids.index(last) if last in ids else 0
    for activity in order[start:] + order[:start]:
        if activity.id not in completed and activity.id not in closed:
            return activity
    return None


def neighbours(outline: Outline, activity_id: UUID) -> tuple[UUID | None, UUID | None]:
    """Ids of the activity before and after, in reading order."""
    ids = [activity.id for activity in outline.activities()]
    index = ids.index(activity_id)
    return (ids[index - 1] if index else None), (ids[index + 1] if index + 1 < len(ids) else None)
