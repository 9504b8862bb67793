"""Access matrix of the surveys service, one part. Proof: votes, published decisions, follow-up waves, whether a need was met.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from shared.contracts.courses import CoursePublished, EnrolmentStarted
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.access.parts import Maker
from tests.unit.surveys.support import PAIR, TEXTS, answers_of

UNKNOWN_TO_ALL = "401 404 404 404 404 404 404"
MEMBERS = "401 200 200 200 200 200 200"
LEARNER_ALONE = "401 200 404 404 404 404 404"
COORDINATES = "401 403 403 403 403 200 200"

TABLE: dict[str, dict[str, str]] = {
    "list_votes": {"any": MEMBERS},
    "open_vote": {"free_proposal": "401 403 403 403 403 201 201"},
    "get_vote": {"vote": MEMBERS, "unknown": UNKNOWN_TO_ALL},
    "cancel_vote": {"vote": COORDINATES, "unknown": UNKNOWN_TO_ALL},
    "cast_ballot": {
        "vote": MEMBERS,
        "trainers_vote": "401 403 403 200 200 403 403",
        "unknown": UNKNOWN_TO_ALL,
    },
    "withdraw_ballot": {
        "vote": MEMBERS,
        "trainers_vote": "401 403 403 200 200 403 403",
        "unknown": UNKNOWN_TO_ALL,
    },
    "list_decisions": {"any": MEMBERS},
    "list_follow_ups": {"any": MEMBERS},
    "get_follow_up": {"asked_learner": LEARNER_ALONE, "unknown": UNKNOWN_TO_ALL},
    "answer_follow_up": {"asked_learner": LEARNER_ALONE, "unknown": UNKNOWN_TO_ALL},
    "decline_follow_up": {"asked_learner": LEARNER_ALONE, "unknown": UNKNOWN_TO_ALL},
    "verify_follow_up": {"asked_learner": "401 403 403 403 403 404 404", "unknown": UNKNOWN_TO_ALL},
    "hasten_follow_up": {"asked_learner": COORDINATES, "unknown": UNKNOWN_TO_ALL},
    "set_verdict_rule": {"asked_learner": COORDINATES, "unknown": UNKNOWN_TO_ALL},
    "supersede_need": {"fresh_need": COORDINATES, "unknown": UNKNOWN_TO_ALL},
    "carry_needs_over": {"fresh_need": "401 403 403 403 403 201 201"},
}
QUERIES: dict[str, dict[str, str | int]] = {}
PLAIN: dict[str, Any] = {
    "cast_ballot": {"position": "agree"},
    "answer_follow_up": {"importance": 5, "ability": 2},
    "hasten_follow_up": {"wave": "90-days"},
    "set_verdict_rule": {"gap_left": 0.4},
    "supersede_need": {"reason": {"fr": "Remplacé", "en": "Replaced"}},
}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "open_vote": lambda world, params: {
        "method": "consent", "proposal_ids": [params["proposal_id"]], "quorum": 0.5, "closes_at": world.desk.days(3),
    },
    "carry_needs_over": lambda _, params: {"need_ids": [params["need_id"]]},
}  # fmt: skip
UNKNOWN: dict[str, str] = {"vote_id": "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10", "wave": "before"}
PAGES: tuple[str, ...] = ("vote", "asked_learner")


class Things(Maker):
    """Targets of this part."""

    def fresh_need(self) -> dict[str, Any]:
        """A ranked need of its own."""
        survey = self.desk.launched(items=[{"code": "one", "statement": {"fr": "un", "en": "one"}}])
        for _ in range(5):
            person = self.harness.actor("learner")
            self.desk.ask(
                "submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr"
            )
        self.desk.ask("close_survey", survey_id=survey["id"])
        return {"need_id": self.desk.ask("list_needs", survey_id=survey["id"])["items"][0]["id"]}

    def asked_learner(self) -> dict[str, Any]:
        """A need about which the learner alone is asked."""
        need_id, course, learner = (
            UUID(self.fresh_need()["need_id"]),
            new_id(),
            self.actors["learner"].account_id,
        )
        assert learner
        for told, handler in ((CoursePublished(course, PAIR, 1, None, need_id), "on_course_published"),
                              (EnrolmentStarted(course, learner, need_id), "on_enrolment_started")):  # fmt: skip
            now = self.harness.clock.now()
            envelope = envelope_of(told, source="courses", subject=course, version=0, time=now)
            self.harness.deliver("surveys", handler, envelope)
        return {"need_id": str(need_id), "wave": "before"}

    def free_proposal(self) -> dict[str, Any]:
        """An open proposal of a need of its own."""
        need = {"id": self.fresh_need()["need_id"]}
        return {"proposal_id": self.desk.ask("open_proposal", need_id=need["id"], **TEXTS)["id"]}

    def vote(self, **terms: Any) -> dict[str, Any]:
        """Every member is entitled."""
        payload = {"method": "consent", "proposal_ids": [self.free_proposal()["proposal_id"]], "quorum": 0.5,
                   "closes_at": self.desk.days(3)} | terms  # fmt: skip
        made = self.harness.call("surveys", "open_vote", payload, actor=self.actors["coordinator"])
        return {"vote_id": made["id"]}

    def trainers_vote(self) -> dict[str, Any]:
        """Trainers alone are entitled."""
        return self.vote(roles=["trainer"])
