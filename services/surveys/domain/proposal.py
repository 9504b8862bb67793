"""A training proposal: endorsed by members, decided once, with the reason on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.errors import Conflict, Stale

OPEN, APPROVED, DECLINED = STATUSES = ("open", "approved", "declined")
FORMATS = ("self-paced", "live", "blended")
OUTCOMES = (APPROVED, DECLINED)


class ProposalAlreadyOpen(Conflict):
    """The need has an open proposal."""

    code = "proposal-already-open"


class NeedAlreadyApproved(Conflict):
    """The need has an approved proposal."""

    code = "need-already-approved"


class AlreadyDecided(Conflict):
    """A decision is taken once and stays as it is."""

    code = "already-decided"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom, when, why, and how many endorsements there were at that moment."""

    proposal_id: UUID
    outcome: str
    reason: dict[str, str]
    decided_by: UUID
    decided_at: datetime
    endorsements: int


@dataclass(eq=False)
class Proposal:
    """`effort_hours`: a learner's hours. `endorsements` is counted in the database and no part of `version`."""

    id: UUID
    need_id: UUID
    title: dict[str, str]
    rationale: dict[str, str]
    audience: dict[str, str]
    format: str
    effort_hours: float
    opened_by: UUID
    opened_at: datetime
    status: str = OPEN
    endorsements: int = 0
    version: int = 1

    def require_version(self, version: int) -> None:
        """Raises Stale when the reader saw an older one."""
        if version != self.version:
            raise Stale

    def require_open(self) -> None:
        """Raises AlreadyDecided."""
        if self.status != OPEN:
            raise AlreadyDecided(outcome=self.status)

    def edit(self, changes: dict[str, Any]) -> None:
        """Set fields of an open proposal. Raises AlreadyDecided."""
        self.require_open()
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1

    def decide(self, outcome: str, reason: dict[str, str], decided_by: UUID, now: datetime) -> Decision:
        """Close it with its decision. Raises AlreadyDecided."""
        self.require_open()
        self.status = outcome
        self.version += 1
        return Decision(self.id, outcome, reason, decided_by, now, self.endorsements)
