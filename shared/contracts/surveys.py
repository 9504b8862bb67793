"""Events of the surveys service. Titles and statements are the coordinator's public words in both languages;
answers, and who gave them, are never in an event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import DomainEvent


@dataclass(frozen=True, slots=True)
class SurveyLaunched(DomainEvent):
    """A survey was launched; it takes answers between `opens_at` and `closes_at`. Empty audience: every member.

    `addressed`: those asked are named by AudienceNamed instead, because more than roles limits the audience.
    """

    type: ClassVar[str] = "surveys.survey.launched.v1"
    survey_id: UUID
    title: dict[str, str]
    opens_at: datetime
    closes_at: datetime
    audience_roles: list[str] = field(default_factory=list)
    addressed: bool = False


@dataclass(frozen=True, slots=True)
class AudienceNamed(DomainEvent):
    """Some of those whom a survey addresses, by id; a large audience comes in several of these.

    `about`: launched (of a survey that is `addressed`), ranked (likewise), reminded (asked, and no answer yet).
    """

    type: ClassVar[str] = "surveys.audience.named.v1"
    survey_id: UUID
    about: str
    title: dict[str, str]
    opens_at: datetime
    closes_at: datetime
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class SurveyClosed(DomainEvent):
    """A survey stopped taking answers."""

    type: ClassVar[str] = "surveys.survey.closed.v1"
    survey_id: UUID
    title: dict[str, str]
    responses: int


@dataclass(frozen=True, slots=True)
class ResponseSubmitted(DomainEvent):
    """One more answer came in: not whose, not which."""

    type: ClassVar[str] = "surveys.response.submitted.v1"
    survey_id: UUID


@dataclass(frozen=True, slots=True)
class NeedsRanked(DomainEvent):
    """The needs of a closed survey have their ranks; ids in order of rank. Empty audience: every member may see them.

    `addressed`: who was asked is named by AudienceNamed instead.
    """

    type: ClassVar[str] = "surveys.needs.ranked.v1"
    survey_id: UUID
    title: dict[str, str]
    need_ids: list[UUID]
    audience_roles: list[str] = field(default_factory=list)
    addressed: bool = False


@dataclass(frozen=True, slots=True)
class ProposalOpened(DomainEvent):
    """A training proposal answers a need and gathers endorsements."""

    type: ClassVar[str] = "surveys.proposal.opened.v1"
    proposal_id: UUID
    need_id: UUID
    title: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProposalEndorsed(DomainEvent):
    """One more (or one fewer) endorsement; `endorsements` is the count after it."""

    type: ClassVar[str] = "surveys.proposal.endorsed.v1"
    proposal_id: UUID
    endorsements: int


@dataclass(frozen=True, slots=True)
class ProposalApproved(DomainEvent):
    """Decided: a course is to be drafted and a discussion opened. `format`: self-paced, live, blended.

    `endorser_ids`: who had endorsed it; they hear of it through DecisionTaken.
    """

    type: ClassVar[str] = "surveys.proposal.approved.v1"
    proposal_id: UUID
    need_id: UUID
    title: dict[str, str]
    need_statement: dict[str, str]
    format: str
    decided_by: UUID
    endorser_ids: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProposalDeclined(DomainEvent):
    """Decided: not now. The reason is on the proposal's page. `endorser_ids`: as in ProposalApproved."""

    type: ClassVar[str] = "surveys.proposal.declined.v1"
    proposal_id: UUID
    need_id: UUID
    title: dict[str, str]
    endorser_ids: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DecisionTaken(DomainEvent):
    """A proposal was decided; its page and the list of decisions say why. `endorser_ids`: who had endorsed it."""

    type: ClassVar[str] = "surveys.decision.taken.v1"
    proposal_id: UUID
    need_id: UUID
    title: dict[str, str]
    outcome: str
    endorser_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class VoteOpened(DomainEvent):
    """Open proposals are put to a vote: by consent, score or dots. Empty audience: every member is entitled."""

    type: ClassVar[str] = "surveys.vote.opened.v1"
    vote_id: UUID
    proposal_ids: list[UUID]
    method: str
    closes_at: datetime
    audience_roles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VoteClosed(DomainEvent):
    """A vote was counted; one outcome for each proposal. Who voted, and how, is known to nobody any more."""

    type: ClassVar[str] = "surveys.vote.closed.v1"
    vote_id: UUID
    proposal_ids: list[UUID]
    outcomes: list[str]


@dataclass(frozen=True, slots=True)
class CoderAssigned(DomainEvent):
    """Somebody is asked to code the written answers to a question of a closed survey."""

    type: ClassVar[str] = "surveys.coder.assigned.v1"
    coding_id: UUID
    survey_id: UUID
    title: dict[str, str]
    account_id: UUID


@dataclass(frozen=True, slots=True)
class EntryAnswered(DomainEvent):
    """An entry of the board is answered. `standing`: taken-up (a need of the loop, or linked to what takes it up), closed.

    `account_ids`: who stands behind it and what was merged into it, by id, but for who answers. Whose words it was is not
    told: an author is the first of the supporters.
    """

    type: ClassVar[str] = "surveys.entry.answered.v1"
    entry_id: UUID
    standing: str
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class PanelInvited(DomainEvent):
    """A panel has started; `account_ids` sit on it. `kind`: delphi, nominal-group. `closes_at`: of its first round."""

    type: ClassVar[str] = "surveys.panel.invited.v1"
    panel_id: UUID
    kind: str
    title: dict[str, str]
    account_ids: list[UUID]
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoundOpened(DomainEvent):
    """A later round of a Delphi takes ratings."""

    type: ClassVar[str] = "surveys.round.opened.v1"
    panel_id: UUID
    title: dict[str, str]
    number: int
    closes_at: datetime
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class RoundClosing(DomainEvent):
    """A round closes within two days, once per deadline; `account_ids` have not rated everything."""

    type: ClassVar[str] = "surveys.round.closing.v1"
    panel_id: UUID
    title: dict[str, str]
    number: int
    closes_at: datetime
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class PanelEnded(DomainEvent):
    """A panel has ended and its results are out; `need_ids` in order of rank. `account_ids` sat on it."""

    type: ClassVar[str] = "surveys.panel.ended.v1"
    panel_id: UUID
    kind: str
    title: dict[str, str]
    need_ids: list[UUID]
    account_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class FollowUpAsked(DomainEvent):
    """A learner of a course is asked where they stand on its need. `wave`: before, after, 30-days or 90-days."""

    type: ClassVar[str] = "surveys.followup.asked.v1"
    need_id: UUID
    account_id: UUID
    wave: str


@dataclass(frozen=True, slots=True)
class NeedAssessed(DomainEvent):
    """Whether a need was met: met, partly-met, unmet or superseded. Its page shows the rule and the figures."""

    type: ClassVar[str] = "surveys.need.assessed.v1"
    need_id: UUID
    verdict: str
