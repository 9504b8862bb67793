"""Steps that the tests of the notifications service share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from services.notifications.postman import Postman
from services.notifications.service import NotificationsService
from services.notifications.tables import deliveries, notifications
from shared.actor import Actor
from shared.contracts.base import DomainEvent
from shared.contracts.community import PostAdded
from shared.contracts.courses import CourseCompleted, CourseDrafted, CoursePublished
from shared.contracts.identity import AccountDisabled, AccountRegistered, AccountUpdated
from shared.contracts.surveys import (
    AudienceNamed,
    EntryAnswered,
    NeedsRanked,
    ProposalApproved,
    SurveyLaunched,
)
from shared.ids import new_id
from shared.messaging.envelope import Envelope, envelope_of
from shared.testing.harness import Harness

View = dict[str, Any]
TITLE = {"fr": "Facteurs de protection", "en": "Protective factors"}
HANDLERS: dict[type[DomainEvent], str] = {
    AccountRegistered: "on_account_registered",
    AccountUpdated: "on_account_updated",
    AccountDisabled: "on_account_disabled",
    SurveyLaunched: "on_survey_launched",
    AudienceNamed: "on_audience_named",
    EntryAnswered: "on_entry_answered",
    NeedsRanked: "on_needs_ranked",
    ProposalApproved: "on_proposal_approved",
    CourseDrafted: "on_course_drafted",
    CoursePublished: "on_course_published",
    CourseCompleted: "on_course_completed",
    PostAdded: "on_post_added",
}


class Desk:
    """The service, and people who have registered."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.service = cast("NotificationsService", harness.services["notifications"])

    @property
    def postman(self) -> Postman:
        """Who carries the mails."""
        return self.service.postman

    def ask(self, method: str, actor: Actor, *, key: str | None = None, **payload: Any) -> Any:
        """A call as somebody."""
        return self.harness.call("notifications", method, payload, actor=actor, key=key)

    def person(self, *roles: str, language: str = "fr") -> Actor:
        """Somebody who has just registered."""
        actor = self.harness.actor(*roles, language=language)
        self.hear(registered(actor), subject_version=1)
        return actor

    def hear(self, event: DomainEvent, *, subject_version: int = 1) -> Envelope:
        """An event arrives."""
        envelope = self.envelope(event, subject_version)
        self.again(envelope)
        return envelope

    def again(self, envelope: Envelope) -> bool:
        """The same envelope arrives; False when it was handled before."""
        kind = next(kind for kind in HANDLERS if kind.type == envelope.type)
        return self.harness.deliver("notifications", HANDLERS[kind], envelope)

    def envelope(self, event: DomainEvent, version: int = 1) -> Envelope:
        """An event as it comes off the bus."""
        now = self.harness.clock.now()
        return envelope_of(
            event, source=event.type.partition(".")[0], subject=new_id(), version=version, time=now
        )

    def launched(self, title: dict[str, str] = TITLE, opens_at: datetime | None = None) -> SurveyLaunched:
        """A survey that closes in a week."""
        now = self.harness.clock.now()
        return SurveyLaunched(new_id(), title, opens_at or now, now + timedelta(days=7))

    def inbox(self, actor: Actor, **given: Any) -> list[View]:
        """What somebody sees."""
        found: list[View] = self.ask("list_notifications", actor, **given)["items"]
        return found

    def mails(self, actor: Actor) -> list[View]:
        """What is in somebody's mailbox of the demo."""
        found: list[View] = self.ask("list_mailbox", actor)["items"]
        return found

    def deliveries(self) -> list[View]:
        """Every delivery, oldest first."""
        statement = select(deliveries, notifications.c.account_id).join(
            notifications, notifications.c.id == deliveries.c.notification_id
        )
        with self.service.db.engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement.order_by(deliveries.c.id)).mappings()]

    def states(self) -> list[str]:
        """The states of all deliveries."""
        return [row["status"] for row in self.deliveries()]


def registered(actor: Actor) -> AccountRegistered:
    """The news of a registration."""
    assert actor.account_id is not None
    return AccountRegistered(actor.account_id, sorted(actor.roles), actor.language, actor.time_zone)
