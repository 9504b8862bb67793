"""Who hears of what, by which channel, and why: pure functions from an event to a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.notifications.domain.kinds import EMAIL, IN_APP, KINDS, REMINDER
from shared.actor import ADMIN, COORDINATOR, TRAINER
from shared.contracts.base import DomainEvent
from shared.contracts.community import PostAdded
from shared.contracts.courses import (
    CohortDue,
    CohortOpened,
    CourseCompleted,
    CourseDrafted,
    CoursePublished,
    FollowUpDue,
    LearnerNudged,
    SeatGiven,
)
from shared.contracts.surveys import (
    AudienceNamed,
    CoderAssigned,
    DecisionTaken,
    EntryAnswered,
    FollowUpAsked,
    NeedAssessed,
    NeedsRanked,
    PanelEnded,
    PanelInvited,
    ProposalApproved,
    ProposalDeclined,
    ProposalOpened,
    RoundClosing,
    RoundOpened,
    SurveyLaunched,
    VoteClosed,
    VoteOpened,
)

Params = dict[str, Any]
FIRST_EDITION = 1


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is known of a person here: enough to choose, nothing to write to."""

    account_id: UUID
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Announcement:
    """What an event says to people.

    `params`: ids and public titles only. `reason`: the code of "why you got this". `subject_id`: what it is about.
    `roles`: one of them; empty: every member. `only`: these accounts; None: no such limit. `but`: not this one.
    `without`: not these, who hear of it by another announcement. `once`: not those who were told this of it before.
    """

    kind: str
    params: Params
    reason: str
    subject_id: UUID
    roles: frozenset[str] = frozenset()
    only: frozenset[UUID] | None = None
    but: UUID | None = None
    without: frozenset[UUID] = frozenset()
    once: bool = False

    def reaches(self, person: Recipient) -> bool:
        """True when the person is meant."""
        meant = self.only is None or person.account_id in self.only
        meant = meant and person.account_id not in self.without
        return meant and person.account_id != self.but and (not self.roles or bool(self.roles & person.roles))


@dataclass(frozen=True, slots=True)
class Choices:
    """What people chose: (account, channel) -> wanted. `hushed`: no e-mail about this subject just now."""

    wanted: dict[tuple[UUID, str], bool] = field(default_factory=dict)
    hushed: frozenset[UUID] = frozenset()

    def allows(self, account_id: UUID, kind: str, channel: str) -> bool:
        """The choice, or the kind's default."""
        if channel == EMAIL and account_id in self.hushed:
            return False
        return self.wanted.get((account_id, channel), KINDS[kind].default(channel))


@dataclass(frozen=True, slots=True)
class Planned:
    """One notification to one person; `in_app`: it shows in their list; `email`: a mail is due too."""

    account_id: UUID
    in_app: bool
    email: bool


def plan(what: Announcement, people: Iterable[Recipient], choices: Choices) -> list[Planned]:
    """A notification for everybody who is meant and left at least one channel on."""
    found = (
        Planned(
            person.account_id,
            choices.allows(person.account_id, what.kind, IN_APP),
            choices.allows(person.account_id, what.kind, EMAIL),
        )
        for person in people
        if what.reaches(person)
    )
    return [planned for planned in found if planned.in_app or planned.email]


def announcement_of(event: DomainEvent) -> Announcement | None:
    """What an event says to people, if anything."""
    return _ROUTES[type(event)](event)


def _survey_launched(event: SurveyLaunched) -> Announcement | None:
    """To those of the roles asked; where more than roles says who is, AudienceNamed does."""
    if event.addressed:
        return None
    params = {
        "survey_id": str(event.survey_id),
        "title": event.title,
        "opens_at": event.opens_at.isoformat(),
        "closes_at": event.closes_at.isoformat(),
    }
    roles = frozenset(event.audience_roles)
    return Announcement("survey-launched", params, "audience", event.survey_id, roles)


def _needs_ranked(event: NeedsRanked) -> Announcement:
    """To those who may see the results: who was asked, and who coordinates."""
    params = {"survey_id": str(event.survey_id), "title": event.title}
    asked = frozenset(event.audience_roles)
    roles = asked | {COORDINATOR, ADMIN} if asked else asked
    if event.addressed:  # those asked are named by AudienceNamed
        roles = frozenset({COORDINATOR, ADMIN})
    return Announcement("needs-ranked", params, "member", event.survey_id, roles)


def _audience_named(event: AudienceNamed) -> Announcement | None:
    """To those whom the event names. What it is about may be newer than this service: then it says nothing."""
    kind = _ABOUT.get(event.about)
    if kind is None:
        return None
    params = {
        "survey_id": str(event.survey_id),
        "title": event.title,
        "opens_at": event.opens_at.isoformat(),
        "closes_at": event.closes_at.isoformat(),
    }
    return Announcement(kind, params, "audience", event.survey_id, only=frozenset(event.account_ids))


_ABOUT = {"launched": "survey-launched", "ranked": "needs-ranked", "reminded": REMINDER}


def _proposal(
    kind: str, event: ProposalOpened | ProposalApproved | ProposalDeclined, but: UUID | None
) -> Announcement:
    params = {"proposal_id": str(event.proposal_id), "need_id": str(event.need_id), "title": event.title}
    told = frozenset() if isinstance(event, ProposalOpened) else frozenset(event.endorser_ids)
    return Announcement(kind, params, "member", event.proposal_id, but=but, without=told)


def _decision_taken(event: DecisionTaken) -> Announcement:
    """To those who endorsed the proposal."""
    params = {"proposal_id": str(event.proposal_id), "need_id": str(event.need_id), "title": event.title}
    only = frozenset(event.endorser_ids)
    return Announcement("decision-taken", params, "endorsed", event.proposal_id, only=only)


def _follow_up_asked(event: FollowUpAsked) -> Announcement:
    """To the learner alone; by e-mail too once they have left the course."""
    kind = "follow-up-asked" if event.wave in ("before", "after") else "follow-up-later"
    params = {"need_id": str(event.need_id), "wave": event.wave}
    only = frozenset({event.account_id})
    return Announcement(kind, params, "enrolled", event.need_id, only=only)


def _need_assessed(event: NeedAssessed) -> Announcement:
    """To every member: it is the answer to what they said."""
    return Announcement("need-assessed", {"need_id": str(event.need_id)}, "member", event.need_id)


def _vote_opened(event: VoteOpened) -> Announcement:
    """To those who are entitled."""
    params = {"vote_id": str(event.vote_id), "closes_at": event.closes_at.isoformat()}
    return Announcement("vote-opened", params, "entitled", event.vote_id, frozenset(event.audience_roles))


def _vote_closed(event: VoteClosed) -> Announcement:
    """To those who put the decision on record."""
    params = {"vote_id": str(event.vote_id)}
    return Announcement("vote-closed", params, "coordinates", event.vote_id, frozenset({COORDINATOR, ADMIN}))


def _entry_answered(event: EntryAnswered) -> Announcement | None:
    """To those who stand behind the entry, once for each of its standings. One of a later version says nothing."""
    kind = _STANDINGS.get(event.standing)
    if kind is None:
        return None
    params, only = {"entry_id": str(event.entry_id)}, frozenset(event.account_ids)
    return Announcement(kind, params, "supported", event.entry_id, only=only, once=True)


_STANDINGS = {"taken-up": "entry-taken-up", "closed": "entry-closed"}


def _coder_assigned(event: CoderAssigned) -> Announcement:
    params = {"coding_id": str(event.coding_id), "survey_id": str(event.survey_id), "title": event.title}
    return Announcement(
        "coder-assigned", params, "coder", event.coding_id, only=frozenset({event.account_id})
    )


def _course_drafted(event: CourseDrafted) -> Announcement:
    params = {"course_id": str(event.course_id), "title": event.title}
    return Announcement("course-drafted", params, "trainer", event.course_id, frozenset({TRAINER}))


def _course_published(event: CoursePublished) -> Announcement | None:
    """A later edition interests those who already follow the course, and they see it there."""
    if event.edition > FIRST_EDITION:
        return None
    params = {"course_id": str(event.course_id), "title": event.title}
    return Announcement("course-published", params, "member", event.course_id)


def _course_completed(event: CourseCompleted) -> Announcement:
    params = {"course_id": str(event.course_id), "title": event.title}
    only = frozenset({event.account_id})
    return Announcement("course-completed", params, "learner", event.course_id, only=only)


def _followup_due(event: FollowUpDue) -> Announcement:
    params = {"course_id": str(event.course_id), "title": event.title, "days": event.days}
    only = frozenset({event.account_id})
    return Announcement("course-followup", params, "completed", event.course_id, only=only)


def _of_course(
    kind: str, reason: str, event: CohortOpened | SeatGiven | CohortDue | LearnerNudged, **more: str
) -> Announcement:
    """To those whom the event names, and nobody else."""
    named = [event.account_id] if isinstance(event, SeatGiven) else event.account_ids
    params = {"course_id": str(event.course_id), "title": event.title, **more}
    return Announcement(kind, params, reason, event.course_id, only=frozenset(named))


def _of_panel(kind: str, event: PanelInvited | RoundOpened | RoundClosing | PanelEnded) -> Announcement:
    """To those who sit on the panel, or have still to answer."""
    params: Params = {"panel_id": str(event.panel_id), "title": event.title}
    closes_at = getattr(event, "closes_at", None)
    if closes_at is not None:
        params["closes_at"] = closes_at.isoformat()
    return Announcement(kind, params, "panellist", event.panel_id, only=frozenset(event.account_ids))


def _post_added(event: PostAdded) -> Announcement:
    params = {"topic_id": str(event.topic_id), "post_id": str(event.post_id)}
    only = frozenset(event.follower_ids)
    return Announcement("topic-reply", params, "follower", event.topic_id, only=only, but=event.author_id)


def trial_of(account_id: UUID) -> Announcement:
    """A notification that a person sends to themselves."""
    return Announcement("test", {}, "self", account_id, only=frozenset({account_id}))


_ROUTES: dict[type[DomainEvent], Callable[[Any], Announcement | None]] = {
    SurveyLaunched: _survey_launched,
    AudienceNamed: _audience_named,
    NeedsRanked: _needs_ranked,
    ProposalOpened: lambda event: _proposal("proposal-opened", event, None),
    ProposalApproved: lambda event: _proposal("proposal-approved", event, event.decided_by),
    ProposalDeclined: lambda event: _proposal("proposal-declined", event, None),
    DecisionTaken: _decision_taken,
    FollowUpAsked: _follow_up_asked,
    NeedAssessed: _need_assessed,
    VoteOpened: _vote_opened,
    VoteClosed: _vote_closed,
    EntryAnswered: _entry_answered,
    CoderAssigned: _coder_assigned,
    CourseDrafted: _course_drafted,
    CoursePublished: _course_published,
    CourseCompleted: _course_completed,
    FollowUpDue: _followup_due,
    CohortOpened: lambda event: _of_course("cohort-opened", "asked", event),
    SeatGiven: lambda event: _of_course("seat-given", "waited", event, starts_at=event.starts_at.isoformat()),
    CohortDue: lambda event: _of_course("course-due", "learner", event, ends_at=event.ends_at.isoformat()),
    LearnerNudged: lambda event: _of_course("course-nudge", "nudged", event),
    PanelInvited: lambda event: _of_panel("panel-invited", event),
    RoundOpened: lambda event: _of_panel("round-opened", event),
    RoundClosing: lambda event: _of_panel("round-closing", event),
    PanelEnded: lambda event: _of_panel("panel-ended", event),
    PostAdded: _post_added,
}
ROUTED: dict[str, type[DomainEvent]] = {event.type: event for event in _ROUTES}
"""Event type -> class, of everything that may notify somebody."""
