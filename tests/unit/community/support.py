"""Steps that the tests of the community service share."""

from __future__ import annotations

from typing import Any

from shared.actor import Actor
from shared.contracts.base import DomainEvent
from shared.contracts.surveys import ProposalApproved
from shared.ids import new_id
from shared.messaging.envelope import Envelope, envelope_of
from shared.testing.harness import Harness

View = dict[str, Any]
TITLE = {"fr": "Réseaux d’appui", "en": "Support networks"}


class Agora:
    """A community and the people in it."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.maude = harness.actor("learner")
        self.daniel = harness.actor("learner", language="en")

    def ask(self, method: str, actor: Actor | None = None, *, key: str | None = None, **payload: Any) -> Any:
        """A call as Maude unless `actor` says otherwise."""
        return self.harness.call("community", method, payload, actor=actor or self.maude, key=key)

    def space(self, key: str = "general") -> str:
        """The id of a space."""
        return str(next(space["id"] for space in self.ask("list_spaces")["items"] if space["key"] == key))

    def opened(self, title: str = "Travailler avec les écoles", **given: Any) -> str:
        """The id of a new topic of Maude's."""
        payload = {"space_id": self.space(), "title": title, "language": "fr", "body": "Bonjour."} | given
        return str(self.ask("open_topic", **payload)["id"])

    def posts(self, topic_id: str, actor: Actor | None = None) -> list[View]:
        """The first page of posts."""
        found: list[View] = self.ask("list_posts", actor, topic_id=topic_id)["items"]
        return found

    def approved(self, decided_by: Actor | None = None) -> Envelope:
        """The news that a proposal was approved."""
        who = decided_by or self.maude
        assert who.account_id is not None
        event = ProposalApproved(new_id(), new_id(), TITLE, TITLE, "live", who.account_id)
        return self.envelope(event)

    def envelope(self, event: DomainEvent) -> Envelope:
        """An event as it comes off the bus."""
        now = self.harness.clock.now()
        return envelope_of(event, source=event.type.partition(".")[0], subject=new_id(), version=1, time=now)
