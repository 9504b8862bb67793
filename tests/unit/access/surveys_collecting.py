"""Access matrix of the surveys service, one part. Collecting: audience, confidential mode, reminders, single-use links, coverage.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.access.parts import Maker
from tests.unit.surveys.support import answers_of

MEMBERS = "401 200 200 200 200 200 200"
NOBODY = "401 404 404 404 404 404 404"
COORDINATES = "401 403 403 403 403 200 200"

TABLE: dict[str, dict[str, str]] = {
    "count_survey_audience": {
        "any": "401 403 403 403 403 200 200",
    },
    "get_survey_reminders": {
        "open_survey": COORDINATES,
        "draft_survey": "401 404 404 404 404 200 200",
        "trainers_survey": "401 404 404 403 403 200 200",
        "unknown": NOBODY,
    },
    "remind_survey": {
        "open_survey": COORDINATES,
        "draft_survey": NOBODY,
        "unknown": NOBODY,
    },
    "get_survey_coverage": {
        "open_survey": COORDINATES,
        "trainers_survey": "401 404 404 403 403 200 200",
        "unknown": NOBODY,
    },
    "list_survey_links": {
        "links": COORDINATES,
        "trainers_survey": "401 404 404 403 403 200 200",
        "unknown": NOBODY,
    },
    "make_survey_links": {
        "open_survey": "401 403 403 403 403 201 201",
        "draft_survey": NOBODY,
        "unknown": NOBODY,
    },
    "revoke_survey_links": {
        "links": COORDINATES,
        "unknown": NOBODY,
    },
    "open_survey_link": {
        "any": "404 404 404 404 404 404 404",
        "links": "200 200 200 200 200 200 200",
    },
    "save_survey_link_draft": {
        "any": "404 404 404 404 404 404 404",
        "links": "200 200 200 200 200 200 200",
    },
    "submit_survey_link": {
        "any": "404 404 404 404 404 404 404",
        "links": "201 201 201 201 201 201 201",
    },
    "list_agencies": {
        "any": MEMBERS,
    },
    "add_agency": {
        "any": "401 403 403 403 403 201 201",
    },
    "edit_agency": {
        "agency": COORDINATES,
        "unknown": "401 403 403 403 403 404 404",
    },
}
QUERIES: dict[str, dict[str, str | int]] = {}
PLAIN: dict[str, Any] = {"make_survey_links": {"count": 2}}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "add_agency": lambda world, _: _agency(world),
    "edit_agency": lambda world, _: _agency(world),
    "open_survey_link": lambda _, params: {"secret": params.get("link_secret", "nothing")},
    "save_survey_link_draft": lambda _, params: _by_link(params),
    "submit_survey_link": lambda _, params: _by_link(params),
}
UNKNOWN: dict[str, str] = {
    "batch_id": "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a12",
    "agency_id": "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a11",
}
PAGES: tuple[str, ...] = ()


def _agency(world: Any) -> Any:
    name = f"Agency {next(world.numbers)}"
    return {"name": {"fr": name, "en": name}}


def _by_link(params: dict[str, Any]) -> Any:
    answers = answers_of(params["survey"]) if "survey" in params else {}
    return {"secret": params.get("link_secret", "nothing"), "language": "en", "answers": answers}


class Things(Maker):
    """Targets of this part."""

    def links(self) -> dict[str, Any]:
        """A survey with one unused link."""
        survey = self.desk.launched()
        made = self.desk.ask("make_links", survey_id=survey["id"], count=1)
        return {
            "survey_id": survey["id"],
            "survey": survey,
            "batch_id": made["batch_id"],
            "link_secret": made["secrets"][0],
        }

    def agency(self) -> dict[str, Any]:
        made = self.call("coordinator", "identity", "add_agency", **_agency(self))
        return {"agency_id": made["id"], "version": made["version"]}
