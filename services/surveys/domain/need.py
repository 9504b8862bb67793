"""A ranked need and its way through the loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.surveys.domain.verdict import MET, PARTLY, SUPERSEDED, UNMET
from shared.errors import Conflict

RANKED, PROPOSED, APPROVED, DRAFTED, PUBLISHED = STATUSES = (
    "ranked",
    "proposed",
    "approved",
    "drafted",
    "published",
)
VERDICTS = (MET, PARTLY, UNMET, SUPERSEDED)
STANDINGS = (*STATUSES, *VERDICTS)


SURVEY, DELPHI, NOMINAL_GROUP, BOARD = SOURCES = ("survey", "delphi", "nominal-group", "board")
_FIGURES = (
    "n", "rank", "tied", "value", "ci_low", "ci_high", "p_top3", "mean_importance", "mean_ability", "quadrant", "p_value",
    "p_holm", "mwds", "rds", "gap", "pni",
)  # fmt: skip


def panel_metric(method: str, *, indicative: bool, **figures: Any) -> dict[str, Any]:
    """Figures of a need that no survey ranked, in the shape of all needs: what a panel does not measure is None."""
    base = {"method": method, "indicative": indicative, "suppressed": False, **dict.fromkeys(_FIGURES)}
    return base | figures


class ResultsAfterClosing(Conflict):
    """Figures are shown when nobody can answer any more, never before."""

    code = "results-after-closing"


class RankingPending(Conflict):
    """Closed; the needs are being ranked."""

    code = "ranking-pending"


class FiguresPending(Conflict):
    """Closed; the tables and the other figures are being computed."""

    code = "figures-pending"


@dataclass(eq=False)
class Need:
    """One item of a closed survey or of a panel, or an entry of the board. `place`: order in the ranking from 1, ties
    by code; `rank`: shared when tied, None when suppressed or not ranked. `metric`: the item's figures (see README,
    ResultRow). `source_type`: survey (`survey_id`, `item_id`), delphi or nominal-group (`panel_id`, `panel_item_id`),
    or board (`entry_id`).
    """

    id: UUID
    survey_id: UUID | None
    item_id: UUID | None
    code: str
    statement: dict[str, str]
    place: int
    rank: int | None
    metric: dict[str, Any]
    ranked_at: datetime
    status: str = RANKED
    source_type: str = SURVEY
    panel_id: UUID | None = None
    panel_item_id: UUID | None = None
    entry_id: UUID | None = None
    verdict: str | None = None

    @property
    def standing(self) -> str:
        """What is shown: the verdict where there is one, else how far the need has come."""
        return self.verdict or self.status

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
