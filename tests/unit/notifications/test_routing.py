from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from services.notifications.domain.kinds import EMAIL, IN_APP, KINDS, kinds_for
from services.notifications.domain.routing import (
    ROUTED,
    Announcement,
    Choices,
    Planned,
    Recipient,
    announcement_of,
    plan,
)
from shared import i18n
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

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
TITLE = {"fr": "Titre", "en": "Title"}
A, B, C, THING, OTHER = (UUID(int=number) for number in range(1, 6))
LEARNER, TRAINER = frozenset({"learner"}), frozenset({"learner", "trainer"})
PEOPLE = [Recipient(A, LEARNER), Recipient(B, TRAINER), Recipient(C, frozenset({"learner", "coordinator"}))]
EVENTS: list[tuple[DomainEvent, str, set[UUID]]] = [
    (SurveyLaunched(THING, TITLE, NOW, NOW), "survey-launched", {A, B, C}),
    (SurveyLaunched(THING, TITLE, NOW, NOW, ["trainer"]), "survey-launched", {B}),
    (NeedsRanked(THING, TITLE, [OTHER]), "needs-ranked", {A, B, C}),
    (NeedsRanked(THING, TITLE, [OTHER], addressed=True), "needs-ranked", {C}),
    (AudienceNamed(THING, "launched", TITLE, NOW, NOW, [A]), "survey-launched", {A}),
    (AudienceNamed(THING, "ranked", TITLE, NOW, NOW, [A, B]), "needs-ranked", {A, B}),
    (AudienceNamed(THING, "reminded", TITLE, NOW, NOW, [B]), "survey-reminder", {B}),
    (ProposalOpened(THING, OTHER, TITLE), "proposal-opened", {A, B, C}),
    (ProposalApproved(THING, OTHER, TITLE, TITLE, "live", C), "proposal-approved", {A, B}),
    (ProposalDeclined(THING, OTHER, TITLE), "proposal-declined", {A, B, C}),
    (CoderAssigned(THING, OTHER, TITLE, B), "coder-assigned", {B}),
    (CourseDrafted(THING, TITLE), "course-drafted", {B}),
    (CoursePublished(THING, TITLE, 1), "course-published", {A, B, C}),
    (CourseCompleted(THING, A, TITLE), "course-completed", {A}),
    (FollowUpDue(THING, A, 30, TITLE), "course-followup", {A}),
    (CohortOpened(THING, OTHER, TITLE, [A, C]), "cohort-opened", {A, C}),
    (SeatGiven(THING, OTHER, A, TITLE, NOW), "seat-given", {A}),
    (CohortDue(THING, OTHER, TITLE, NOW, [A, B]), "course-due", {A, B}),
    (LearnerNudged(THING, TITLE, [B]), "course-nudge", {B}),
    (PostAdded(THING, OTHER, B, [A, B]), "topic-reply", {A}),
    (PanelInvited(THING, "delphi", TITLE, [A, C], NOW), "panel-invited", {A, C}),
    (RoundOpened(THING, TITLE, 2, NOW, [A]), "round-opened", {A}),
    (RoundClosing(THING, TITLE, 2, NOW, [B]), "round-closing", {B}),
    (PanelEnded(THING, "nominal-group", TITLE, [OTHER], [A, B]), "panel-ended", {A, B}),
    (DecisionTaken(THING, OTHER, TITLE, "approved", [A]), "decision-taken", {A}),
    (VoteOpened(THING, [OTHER], "consent", NOW, ["trainer"]), "vote-opened", {B}),
    (VoteClosed(THING, [OTHER], ["passed"]), "vote-closed", {C}),
    (FollowUpAsked(THING, A, "before"), "follow-up-asked", {A}),
    (FollowUpAsked(THING, A, "90-days"), "follow-up-later", {A}),
    (EntryAnswered(THING, "taken-up", [A, B]), "entry-taken-up", {A, B}),
    (EntryAnswered(THING, "closed", [B]), "entry-closed", {B}),
    (NeedAssessed(THING, "met"), "need-assessed", {A, B, C}),
]


@pytest.mark.parametrize(("event", "kind", "reached"), EVENTS)
def test_event_reaches_whom_it_concerns(event: DomainEvent, kind: str, reached: set[UUID]) -> None:
    what = announcement_of(event)
    assert what is not None
    assert what.kind == kind
    assert {planned.account_id for planned in plan(what, PEOPLE, Choices())} == reached
    assert KINDS[kind].href(what.params).startswith("/")


def test_every_routed_event_is_in_the_table() -> None:
    assert {type(event).type for event, _, _ in EVENTS} == set(ROUTED)


def test_addressed_survey_is_announced_by_name_only() -> None:
    assert announcement_of(SurveyLaunched(THING, TITLE, NOW, NOW, [], addressed=True)) is None
    assert announcement_of(AudienceNamed(THING, "of-a-later-version", TITLE, NOW, NOW, [A])) is None
    assert announcement_of(EntryAnswered(THING, "of-a-later-version", [A])) is None


def test_later_edition_is_no_news() -> None:
    assert announcement_of(CoursePublished(THING, TITLE, 2)) is None


@pytest.mark.parametrize(
    ("in_app", "email", "expected"),
    [
        (None, None, [Planned(A, True, True)]),
        (False, None, [Planned(A, False, True)]),
        (None, False, [Planned(A, True, False)]),
        (False, False, []),
    ],
)
def test_choice_decides_by_channel(in_app: bool | None, email: bool | None, expected: list[Planned]) -> None:
    given = {(A, IN_APP): in_app, (A, EMAIL): email}
    choices = Choices({key: value for key, value in given.items() if value is not None})
    what = Announcement("survey-launched", {}, "audience", THING)
    assert plan(what, PEOPLE[:1], choices) == expected


def test_kind_without_mail_by_default_can_be_switched_on() -> None:
    what = Announcement("proposal-opened", {}, "member", THING)
    assert plan(what, PEOPLE[:1], Choices()) == [Planned(A, True, False)]
    assert plan(what, PEOPLE[:1], Choices({(A, EMAIL): True})) == [Planned(A, True, True)]


def test_hush_stops_the_mail_and_not_the_list() -> None:
    what = Announcement("topic-reply", {}, "follower", THING)
    assert plan(what, PEOPLE[:1], Choices(hushed=frozenset({A}))) == [Planned(A, True, False)]


def test_params_hold_ids_titles_and_instants_only() -> None:
    allowed = {"title", "opens_at", "closes_at", "starts_at", "ends_at", "days", "wave"}
    for event, _, _ in EVENTS:
        what = announcement_of(event)
        assert what is not None
        assert {name for name in what.params if not name.endswith("_id")} <= allowed


@pytest.mark.parametrize(("roles", "offered"), [(LEARNER, False), (TRAINER, True)])
def test_drafts_are_offered_to_trainers_only(roles: frozenset[str], offered: bool) -> None:
    assert ("course-drafted" in {kind.name for kind in kinds_for(roles)}) is offered


def test_document_knows_every_kind_and_every_reason() -> None:
    file = Path(__file__).parents[3] / "gateway" / "openapi" / "notifications.yaml"
    schemas = yaml.safe_load(file.read_text())["components"]["schemas"]
    assert set(schemas["Kind"]["enum"]) == set(KINDS)
    begin = "notifications.reason."
    words = {key.removeprefix(begin) for key in i18n.catalogue("en").texts if key.startswith(begin)}
    assert set(schemas["Notification"]["properties"]["reason"]["enum"]) == words
