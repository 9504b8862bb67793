"""Access matrix of the surveys service, one part. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from tests.unit.access.parts import Maker
from tests.unit.surveys.support import answers_of

EARLY = "401 409 409 409 409 409 409"
MEMBERS = "401 200 200 200 200 200 200"
STAFF = "401 404 404 200 200 200 200"
NOBODY = "401 404 404 404 404 404 404"
COORDINATES = "401 403 403 403 403 200 200"
READ = {
    "draft_survey": NOBODY,
    "open_survey": EARLY,
    "ranked_survey": MEMBERS,
    "ranked_trainers_survey": STAFF,
    "unknown": NOBODY,
}

TABLE: dict[str, dict[str, str]] = {
    "get_survey_tables": READ,
    "get_survey_figures": READ,
    "get_survey_figure_csv": READ,
    "get_survey_summary": {
        "ranked_survey": "404 404 404 404 404 404 404",
        "public_survey": "200 200 200 200 200 200 200",
        "unknown": "404 404 404 404 404 404 404",
    },
    "publish_survey_summary": {
        "draft_survey": NOBODY,
        "open_survey": "401 403 403 403 403 409 409",
        "ranked_survey": "401 403 403 403 403 409 409",
        "public_survey": COORDINATES,
        "trainers_survey": "401 404 404 403 403 409 409",
        "unknown": NOBODY,
    },
    "withdraw_survey_summary": {
        "ranked_survey": COORDINATES,
        "trainers_survey": "401 404 404 403 403 200 200",
        "unknown": NOBODY,
    },
}
QUERIES: dict[str, dict[str, str | int]] = {"get_survey_figure_csv": {"name": "ranking"}}
PLAIN: dict[str, Any] = {}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {}
UNKNOWN: dict[str, str] = {}
PAGES: tuple[str, ...] = ()


class Things(Maker):
    """Targets of this part."""

    @cached_property
    def _public(self) -> dict[str, Any]:
        survey = self.desk.launched()
        for _ in range(11):
            self.desk.ask("submit_response", self.harness.actor("learner"), survey_id=survey["id"],
                          answers=answers_of(survey), language="en")  # fmt: skip
        self.harness.bus.call(
            "surveys", "close_survey", {"survey_id": survey["id"]}, actor=self.desk.coordinator, timeout=60
        )
        self.desk.ask("publish_summary", survey_id=survey["id"])
        return {"survey_id": survey["id"]}

    def public_survey(self) -> dict[str, Any]:
        """Closed, and its summary is public."""
        return self._public
