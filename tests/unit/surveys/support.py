"""Steps that the tests of the surveys service share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.actor import Actor
from shared.contracts.base import DomainEvent
from shared.contracts.identity import AccountDisabled, AccountRegistered
from shared.messaging.envelope import envelope_of
from shared.testing.harness import Harness

View = dict[str, Any]
PAIR: View = {"fr": "texte", "en": "text"}
TEXTS: View = {"title": PAIR, "rationale": PAIR, "audience": PAIR, "format": "live", "effort_hours": 2}
# Table 1.A: four competences, six people; (importance, ability) by respondent.
TABLE: dict[str, tuple[list[int], list[int]]] = {
    "c1": ([5, 5, 4, 5, 4, 5], [2, 3, 2, 3, 2, 3]),
    "c2": ([4, 4, 3, 5, 4, 4], [4, 3, 3, 4, 4, 3]),
    "c3": ([3, 3, 4, 2, 3, 3], [3, 4, 3, 3, 3, 2]),
    "c4": ([5, 4, 5, 4, 5, 4], [2, 2, 3, 4, 3, 3]),
}


class Desk:
    """A coordinator at work on one harness."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.coordinator = harness.actor("coordinator")

    def ask(self, method: str, actor: Actor | None = None, *, key: str | None = None, **payload: Any) -> Any:
        """A call as the coordinator unless `actor` says otherwise."""
        return self.harness.call("surveys", method, payload, actor=actor or self.coordinator, key=key)

    def days(self, count: float) -> str:
        """The instant that many days from now."""
        return (self.harness.clock.now() + timedelta(days=count)).isoformat()

    def tell(self, event: DomainEvent, version: int = 1) -> None:
        """An event of the identity service arrives."""
        account: UUID = event.account_id  # type: ignore[attr-defined]
        handler = f"on_account_{event.type.split('.')[2]}"
        envelope = envelope_of(
            event, source="identity", subject=account, version=version, time=self.harness.clock.now()
        )
        self.harness.deliver("surveys", handler, envelope)

    def disable(self, person: Actor) -> None:
        """The account of a person ends."""
        assert person.account_id is not None
        self.tell(AccountDisabled(person.account_id), version=9)

    def draft(self, **given: Any) -> View:
        """A draft that could be launched."""
        found: View = self.ask(
            "create_survey", **{"template_id": "borich", "closes_at": self.days(7)} | given
        )
        return found

    def launched(self, **given: Any) -> View:
        """An open survey."""
        draft = self.draft(**given)
        found: View = self.ask("launch_survey", survey_id=draft["id"], version=draft["version"])
        return found

    def table_survey(self, **given: Any) -> View:
        """An open survey with the items of Table 1.A."""
        return self.launched(items=[{"code": code, "statement": PAIR} for code in TABLE], **given)

    def answer_table(self, survey: View) -> list[Actor]:
        """Six people answer as in Table 1.A."""
        people = [self.harness.actor("learner") for _ in range(6)]
        for place, person in enumerate(people):
            answers = {
                item["code"]: {
                    "importance": TABLE[item["code"]][0][place],
                    "ability": TABLE[item["code"]][1][place],
                }
                for item in survey["items"]
            }
            self.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
        return people

    def ranked(self, **given: Any) -> View:
        """A closed survey with ranked needs."""
        survey = self.table_survey(**given)
        self.answer_table(survey)
        return self.close(survey)

    def close(self, survey: View) -> View:
        """Closed and ranked, which takes its time on a busy machine."""
        closing = {"survey_id": survey["id"]}
        found: View = self.harness.bus.call(
            "surveys", "close_survey", closing, actor=self.coordinator, timeout=60
        )
        return found

    def first_need(self) -> View:
        """The top need of a ranked survey."""
        survey = self.ranked()
        found: View = self.ask("list_needs", survey_id=survey["id"])["items"][0]
        return found


def answers_of(survey: View, importance: Any = 4, ability: Any = 2) -> View:
    """The same answer to every item."""
    return {item["code"]: {"importance": importance, "ability": ability} for item in survey["items"]}


def member(
    desk: Desk,
    *roles: str,
    province: str | None = "QC",
    sector: str | None = "health",
    language: str = "fr",
    agency_id: UUID | None = None,
) -> Actor:
    """A person of whom the identity service has told."""
    person = desk.harness.actor(*roles)
    assert person.account_id is not None
    told = AccountRegistered(
        person.account_id, sorted(person.roles), language, "America/Toronto", province, sector, agency_id
    )
    desk.tell(told, version=1)
    return person
