"""Access matrix of the surveys service, one part. Instruments: elements, versions, item bank, templates, import and export.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.access.parts import Maker

PAIR = {"fr": "texte", "en": "text"}
ELEMENTS = [{"code": "a", "kind": "pair", "text": PAIR}]
COORDINATORS = "401 403 403 403 403 200 200"
COORDINATE_HIDDEN = "401 404 404 404 404 200 200"
NOBODY = "401 404 404 404 404 404 404"
MEMBERS = "401 200 200 200 200 200 200"
STAFF = "401 404 404 200 200 200 200"

TABLE: dict[str, dict[str, str]] = {
    "list_survey_bank": {"any": COORDINATORS},
    "design_sets": {"any": COORDINATORS},
    "preview_instrument": {"any": COORDINATORS},
    "import_instrument": {"any": "401 403 403 403 403 201 201"},
    "preview_survey": {
        "draft_survey": COORDINATE_HIDDEN,
        "open_survey": MEMBERS,
        "trainers_survey": STAFF,
        "unknown": NOBODY,
    },
    "export_instrument": {
        "draft_survey": COORDINATE_HIDDEN,
        "open_survey": COORDINATORS,
        "trainers_survey": "401 404 404 403 403 200 200",
        "unknown": NOBODY,
    },
    "list_instrument_versions": {
        "draft_survey": COORDINATE_HIDDEN,
        "open_survey": MEMBERS,
        "trainers_survey": STAFF,
        "unknown": NOBODY,
    },
    "get_instrument_version": {
        "draft_version": NOBODY,
        "open_version": MEMBERS,
        "trainers_version": STAFF,
        "unknown": NOBODY,
    },
    "revise_survey": {
        "draft_survey": "401 404 404 404 404 409 409",
        "open_survey": COORDINATORS,
        "trainers_survey": "401 404 404 403 403 200 200",
        "unknown": NOBODY,
    },
}
QUERIES: dict[str, dict[str, str | int]] = {"design_sets": {"options": "a,b,c,d,e"}}
PLAIN: dict[str, Any] = {
    "preview_instrument": {"elements": ELEMENTS, "answers": {}, "language": "fr"},
    "preview_survey": {"answers": {}, "language": "fr"},
    "import_instrument": {
        "document": {"cercle-instrument": 1, "title": PAIR, "intro": PAIR, "elements": ELEMENTS}
    },
}


def _revision(_world: Any, params: dict[str, Any]) -> Any:
    """The same again: every code stays."""
    asked = params["survey"]["elements"] if "survey" in params else ELEMENTS
    return {"elements": asked, "note": PAIR}


MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {"revise_survey": _revision}
UNKNOWN: dict[str, str] = {"number": "1"}
PAGES: tuple[str, ...] = ()


class Things(Maker):
    """Targets of this part."""

    def draft_version(self) -> dict[str, Any]:
        """A draft has no version yet."""
        return {"survey_id": self.desk.draft()["id"], "number": 1}

    def open_version(self) -> dict[str, Any]:
        """The first version of a running survey."""
        return {"survey_id": self.desk.launched()["id"], "number": 1}

    def trainers_version(self) -> dict[str, Any]:
        """Of a survey that learners are not asked."""
        return {"survey_id": self.desk.launched(audience_roles=["trainer"])["id"], "number": 1}
