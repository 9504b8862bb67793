"""A ranked need and its way through the loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.errors import Conflict

RANKED, PROPOSED, APPROVED, DRAFTED, PUBLISHED = STATUSES = (
    "ranked",
    "proposed",
    "approved",
    "drafted",
    "published",
)


class ResultsAfterClosing(Conflict):
    """Figures are shown when nobody can answer any more, never before."""

    code = "results-after-closing"


class RankingPending(Conflict):
    """Closed; the needs are being ranked."""

    code = "ranking-pending"


@dataclass(eq=False)
class Need:
    """One item of a closed survey. `place`: order in the ranking from 1, ties by code; `rank`: shared when tied,
    None when suppressed. `metric`: the item's figures (see README, ResultRow).
    """

    id: UUID
    survey_id: UUID
    item_id: UUID
    code: str
    statement: dict[str, str]
    place: int
    rank: int | None
    metric: dict[str, Any]
    ranked_at: datetime
    status: str = RANKED

    def proposed(self) -> None:
        """A proposal is open."""
        self._advance_from((RANKED,), PROPOSED)

    def declined(self) -> None:
        """The proposal was declined: another may be opened."""
        self._advance_from((PROPOSED,), RANKED)

    def approved(self) -> None:
        """Decided: a course will come. A course that was quicker than this stays."""
        self._advance_from((RANKED, PROPOSED), APPROVED)

    def drafted(self) -> None:
        """A course is being prepared."""
        self._advance_from((RANKED, PROPOSED, APPROVED), DRAFTED)

    def published(self) -> None:
        """A course is open; whatever was known before."""
        self.status = PUBLISHED

    def _advance_from(self, sources: tuple[str, ...], target: str) -> None:
        if self.status in sources:
            self.status = target
