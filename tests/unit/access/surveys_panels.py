"""Access matrix of the surveys service, one part. Panels: the board of expressed needs, Delphi rounds, nominal groups.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.access.parts import Maker

NOTHING = "018f6f0e-7d1a-4c3e-9a51-2f6f0b5d4a10"
PAIR = {"fr": "texte", "en": "text"}
NOBODY = "401 404 404 404 404 404 404"
ALL = "401 200 200 200 200 200 200"
COORDINATES = "401 403 403 403 403 200 200"
UNSEEN = "401 403 403 403 403 404 404"
"""Whoever does not coordinate is refused before anything is looked for."""

TABLE: dict[str, dict[str, str]] = {
    "list_board": {"any": ALL},
    "express_need": {"any": "401 201 201 201 201 201 201"},
    "find_similar": {"any": ALL},
    "get_board_entry": {"entry": ALL, "unknown": NOBODY},
    "withdraw_board_entry": {"entry": "401 200 404 404 404 404 404", "unknown": NOBODY},
    "support_board_entry": {"entry": ALL, "unknown": NOBODY},
    "withdraw_board_support": {"entry": ALL, "unknown": NOBODY},
    "edit_board_entry": {"entry": COORDINATES, "unknown": UNSEEN},
    "merge_board_entry": {"two_entries": COORDINATES, "unknown": UNSEEN},
    "unmerge_board_entry": {"merged_entry": COORDINATES, "unknown": UNSEEN},
    "close_board_entry": {"entry": COORDINATES, "unknown": UNSEEN},
    "link_board_entry": {"entry": COORDINATES, "unknown": UNSEEN},
    "adopt_board_entry": {"entry": "401 403 403 403 403 201 201", "unknown": UNSEEN},
}
QUERIES: dict[str, dict[str, str | int]] = {"find_similar": {"text": "entretien"}}
PLAIN: dict[str, Any] = {
    "express_need": {"text": "Something that would help us", "language": "en"},
    "edit_board_entry": {"topic": "team"},
    "close_board_entry": {"outcome": "out-of-scope", "reason": PAIR},
    "link_board_entry": {"link": None},
}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "merge_board_entry": lambda _, params: {"into_id": params.get("into_id", NOTHING)},
}
UNKNOWN: dict[str, str] = {"entry_id": NOTHING}
PAGES: tuple[str, ...] = ("entry",)


class Things(Maker):
    """Targets of this part. The learner expressed the entries."""

    def entry(self) -> dict[str, Any]:
        """An open entry, in both languages."""
        made = self.call(
            "learner", "surveys", "express_need", text="Un besoin à dire", language="fr", other="A need"
        )
        return {"entry_id": made["id"], "version": made["version"]}

    def two_entries(self) -> dict[str, Any]:
        return self.entry() | {"into_id": self.entry()["entry_id"]}

    def merged_entry(self) -> dict[str, Any]:
        two = self.two_entries()
        self.call(
            "coordinator", "surveys", "merge_board_entry", entry_id=two["entry_id"], into_id=two["into_id"]
        )
        return {"entry_id": two["entry_id"]}
