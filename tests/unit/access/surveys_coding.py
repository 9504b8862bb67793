"""Access matrix of the surveys service, one part. Open answers coded by two coders, exports, verified reports.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from tests.unit.access.parts import Maker
from tests.unit.surveys.office import ASKED, FULL
from tests.unit.surveys.support import PAIR

COORDINATES = "401 403 403 403 403 200 200"
COORDINATES_TRAINERS = "401 404 404 403 403 200 200"
CODED = "401 404 404 200 404 200 200"
"""The trainer codes it; the coordinator leads and is the other coder; admins lead."""
LED = "401 404 404 403 404 200 200"
NOBODY = "401 404 404 404 404 404 404"
MEMBERS = "401 200 200 200 200 200 200"
TABLE: dict[str, dict[str, str]] = {
    "list_open_questions": {
        "ranked_survey": COORDINATES, "ranked_trainers_survey": COORDINATES_TRAINERS,
        "open_survey": "401 403 403 403 403 409 409", "unknown": NOBODY,
    },
    "list_open_answers": {"written_survey": COORDINATES, "unknown": NOBODY},
    "get_survey_themes": {
        "written_survey": MEMBERS, "ranked_trainers_survey": "401 404 404 200 200 200 200", "unknown": NOBODY,
    },
    "list_codings": {"any": MEMBERS},
    "list_coders": {"any": COORDINATES},
    "start_coding": {"fresh_written_survey": "401 403 403 403 403 201 201", "unknown": NOBODY},
    "get_coding": {"coding": CODED, "unknown": NOBODY},
    "assign_coders": {"coding": LED, "unknown": NOBODY},
    "add_code": {"coding": "401 404 404 201 404 201 201", "unknown": NOBODY},
    "edit_code": {"coding": LED, "unknown": NOBODY},
    "merge_code": {"coding": LED, "unknown": NOBODY},
    "retire_code": {"coding": LED, "unknown": NOBODY},
    "list_code_changes": {"coding": CODED, "unknown": NOBODY},
    "list_answers_to_code": {"coding": "401 404 404 200 404 200 403", "unknown": NOBODY},
    "mark_answer": {"coding": "401 404 404 200 404 200 403", "unknown": NOBODY},
    "finish_coding": {"coding": "401 404 404 409 404 409 403", "unknown": NOBODY},
    "list_disagreements": {"coded": CODED, "coding": "401 404 404 409 404 409 409", "unknown": NOBODY},
    "decide_answer": {"coded": CODED, "unknown": NOBODY},
    "complete_coding": {"coded": "401 404 404 403 404 409 409", "unknown": NOBODY},
    "export_survey": {
        "ranked_survey": COORDINATES, "ranked_trainers_survey": COORDINATES_TRAINERS,
        "open_survey": "401 403 403 403 403 409 409", "unknown": NOBODY,
    },
    "export_named": {
        "closed_named_survey": COORDINATES, "ranked_survey": "401 403 403 403 403 409 409", "unknown": NOBODY,
    },
    "list_named_exports": {"closed_named_survey": COORDINATES, "unknown": NOBODY},
}  # fmt: skip
QUERIES: dict[str, dict[str, str | int]] = {"export_survey": {"format": "csv"}}
WORDS = {"label": PAIR, "definition": PAIR}
PLAIN: dict[str, Any] = {
    "add_code": WORDS,
    "edit_code": WORDS,
    "mark_answer": {"codes": [], "nothing": True},
    "decide_answer": {"codes": [], "nothing": True, "reason": "Off topic"},
    "finish_coding": {"finished": True},
    "export_named": {"format": "csv", "reason": "Promised"},
}


def _coders(_world: Any, params: dict[str, Any]) -> Any:
    """The two coders of a coding; for an unknown one, ids of nobody."""
    return {name: params.get(name, params["code_id"]) for name in ("first_coder", "second_coder")}


MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "start_coding": lambda world, params: {
        "question": "why", **_coders(world, {"code_id": "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"} | params)
    },
    "assign_coders": _coders,
    "merge_code": lambda _world, params: {"into": params.get("into", params["code_id"])},
}  # fmt: skip
UNKNOWN: dict[str, str] = {
    name: f"018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a1{place}"
    for place, name in enumerate(("coding_id", "code_id", "answer_id"))
} | {"question": "why"}
PAGES: tuple[str, ...] = ("written_survey", "coding")


class Things(Maker):
    """Targets of this part."""

    def _coders(self) -> dict[str, str]:
        people = ("trainer", "coordinator")
        return {
            name: str(self.actors[who].account_id)
            for name, who in zip(("first_coder", "second_coder"), people, strict=True)
        }

    def fresh_written_survey(self) -> dict[str, Any]:
        """Closed; six people wrote why, one of them otherwise than the coders will have it."""
        survey = self.desk.launched(elements=ASKED)
        for number in range(6):
            answers = {"p.one": FULL, "why": {"value": f"because {number}"}}
            self.desk.ask("submit_response", self.harness.actor("learner"), survey_id=survey["id"], answers=answers,
                          language="en")  # fmt: skip
        closing = {"survey_id": survey["id"]}
        self.harness.bus.call("surveys", "close_survey", closing, actor=self.desk.coordinator, timeout=60)
        return {"survey_id": survey["id"], "question": "why", **self._coders()}

    @cached_property
    def _written(self) -> dict[str, Any]:
        return self.fresh_written_survey()

    def written_survey(self) -> dict[str, Any]:
        return self._written

    @cached_property
    def _named(self) -> dict[str, Any]:
        survey = self.desk.launched(elements=ASKED, anonymity="named")
        self.call("learner", "surveys", "submit_response", survey_id=survey["id"], answers={"p.one": FULL},
                  language="en")  # fmt: skip
        closing = {"survey_id": survey["id"]}
        self.harness.bus.call("surveys", "close_survey", closing, actor=self.desk.coordinator, timeout=60)
        return closing

    def closed_named_survey(self) -> dict[str, Any]:
        return self._named

    def coding(self) -> dict[str, Any]:
        """The trainer and the coordinator are to code with two codes."""
        found = self.fresh_written_survey()
        made = self.desk.ask("start_coding", **found)
        for _ in range(2):
            made = self.desk.ask("add_code", coding_id=made["id"], label=PAIR, definition=PAIR)
        codes = [code["id"] for code in made["codes"]]
        rows = self.desk.ask("list_answers_to_code", coding_id=made["id"])["items"]
        return self._coders() | {
            "coding_id": made["id"], "code_id": codes[0], "into": codes[1], "answer_id": rows[0]["id"],
            "version": made["version"], "rows": [row["id"] for row in rows],
        }  # fmt: skip

    def coded(self) -> dict[str, Any]:
        """Both have finished and differ on one answer."""
        found = self.coding()
        for who in ("trainer", "coordinator"):
            for place, answer in enumerate(found["rows"]):
                codes = [found["code_id" if place or who == "trainer" else "into"]]
                self.call(
                    who, "surveys", "mark_answer", coding_id=found["coding_id"], answer_id=answer, codes=codes
                )
            finishing = {"coding_id": found["coding_id"]}
            self.harness.bus.call("surveys", "finish_coding", finishing, actor=self.actors[who], timeout=60)
        return found
