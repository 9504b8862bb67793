"""A desk where written answers are coded and exported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.surveys.verification import StoredFigures, Subject, stored_figures, subject_of, verify
from shared.actor import Actor, system_actor
from shared.contracts.identity import AccountRegistered
from shared.messaging.envelope import envelope_of
from shared.messaging.service import Service
from shared.testing.harness import Harness
from tests.unit.surveys.support import PAIR, Desk, View

ASKED: list[View] = [
    {"code": "p.one", "kind": "pair", "text": PAIR, "required": True},
    {"code": "why", "kind": "long-text", "text": {"fr": "Pourquoi?", "en": "Why?"}},
    {"code": "role", "kind": "single", "text": PAIR, "other": True, "options": [
        {"code": "a", "text": PAIR}, {"code": "b", "text": PAIR}]},
]  # fmt: skip
FULL = {"importance": 5, "ability": 2}


class Office(Desk):
    """A desk with a researcher and a trainer beside the coordinator."""

    def __init__(self, harness: Harness) -> None:
        super().__init__(harness)
        self.researcher, self.trainer = harness.actor("researcher"), harness.actor("trainer")
        self.know(self.coordinator, self.researcher, self.trainer)

    def know(self, *people: Actor) -> None:
        """What identity would tell of them."""
        for person in people:
            assert person.account_id is not None
            event = AccountRegistered(
                person.account_id, sorted(person.roles), person.language, person.time_zone
            )
            self.service.handle(
                "on_account_registered",
                envelope_of(
                    event,
                    source="identity",
                    subject=person.account_id,
                    version=1,
                    time=self.harness.clock.now(),
                ),
            )

    @property
    def service(self) -> Service:
        """The service itself."""
        return self.harness.services["surveys"]

    def closed(self, texts: int = 12, people: int = 12, **given: Any) -> View:
        """A closed survey that `people` answered, `texts` of them in their own words."""
        survey = self.launched(elements=ASKED, **given)
        for number in range(people):
            answers: View = {"p.one": FULL, "role": {"choice": "a"}}
            if number < texts:
                answers["why"] = {"value": f"réponse {number}"}
                answers["role"] = {"choice": "other", "text": f"métier {number}"}
            language = "fr" if number % 3 else "en"
            person = self.harness.actor("learner")
            self.ask("submit_response", person, survey_id=survey["id"], answers=answers, language=language)
        return self.slow("close_survey", self.coordinator, survey_id=survey["id"])

    def slow(self, method: str, actor: Actor, **payload: Any) -> View:
        """A call that may take its time on a busy machine."""
        found: View = self.harness.bus.call("surveys", method, payload, actor=actor, timeout=60)
        return found

    def started(self, survey: View) -> View:
        """Researcher and trainer are to code "why" with three codes."""
        coding: View = self.ask(
            "start_coding", survey_id=survey["id"], question="why",
            first_coder=str(self.researcher.account_id), second_coder=str(self.trainer.account_id),
        )  # fmt: skip
        for label in ("time", "fear", "law"):
            words = {"fr": label, "en": label}
            coding = self.ask("add_code", coding_id=coding["id"], label=words, definition=words)
        return coding

    def code(self, coding: View, coder: Actor, rule: Callable[[int], list[int]]) -> View:
        """Code every answer by `rule`: number -> (places of codes), none for "nothing applies"; then finish."""
        codes = [code["id"] for code in coding["codes"] if code["status"] == "live"]
        rows = self.ask("list_answers_to_code", coder, coding_id=coding["id"], limit=200)["items"]
        for row in rows:
            given = [codes[place] for place in rule(row["number"])]
            self.ask(
                "mark_answer",
                coder,
                coding_id=coding["id"],
                answer_id=row["id"],
                codes=given,
                nothing=not given,
            )
        return self.slow("finish_coding", coder, coding_id=coding["id"])

    def stored(self, subject_id: str, kind: str = "survey") -> list[StoredFigures]:
        """The stored figures of a survey, a panel or a need."""
        with self.service.db.read(system_actor("surveys")) as tx:
            subject = subject_of(tx, UUID(subject_id))
            assert subject == Subject(kind, UUID(subject_id))
            return stored_figures(tx, subject)

    def verdicts(self, survey: View, kind: str = "survey") -> dict[str, str]:
        """What `cercle report verify` says of each of the stored figures."""
        return {one.name: one.verdict.outcome for one in verify(self.stored(survey["id"], kind))}
