"""Access matrix of the surveys service, one part. Panels: the board of expressed needs, Delphi rounds, nominal groups.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys.tables import panel_members
from shared.actor import Actor
from tests.unit.access.parts import Maker

NOTHING = "018f6f0e-7d1a-4c3e-9a51-2f6f0b5d4a10"
PAIR = {"fr": "texte", "en": "text"}
NOBODY = "401 404 404 404 404 404 404"
ALL = "401 200 200 200 200 200 200"
COORDINATES = "401 403 403 403 403 200 200"
UNSEEN = "401 403 403 403 403 404 404"
"""Whoever does not coordinate is refused before anything is looked for."""
HIDDEN = "401 404 404 404 404 200 200"
"""Coordinators and admins; hidden from all others."""
SEATED = "401 200 404 404 404 200 200"
"""Who sits on the panel (here the learner), coordinators and admins; hidden from all others."""
LED = "401 403 404 404 404 200 200"
"""The same who see it; the learner does not lead."""
ALONE = "401 200 404 404 404 404 404"
"""The learner's own seat: leading a panel is not sitting on it."""

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
    "list_panels": {"any": ALL},
    "create_panel": {"any": "401 403 403 403 403 201 201"},
    "get_panel": {"rated_panel": SEATED, "draft_panel": HIDDEN, "unknown": NOBODY},
    "edit_panel": {"draft_panel": HIDDEN, "unknown": NOBODY},
    "discard_panel": {"draft_panel": HIDDEN, "unknown": NOBODY},
    "get_panel_feed": {
        "draft_panel": HIDDEN,
        "rated_panel": "401 403 404 404 404 200 200",
        "unknown": NOBODY,
    },
    "set_panel_items": {"draft_panel": HIDDEN, "unknown": NOBODY},
    "start_panel": {"draft_panel": HIDDEN, "unknown": NOBODY},
    "open_round": {"judged_panel": LED, "unknown": NOBODY},
    "extend_round": {"rated_panel": LED, "unknown": NOBODY},
    "close_round": {"rated_panel": LED, "unknown": NOBODY},
    "stop_panel": {"judged_panel": LED, "unknown": NOBODY},
    "get_panel_sheet": {"rated_panel": SEATED, "unknown": NOBODY},
    "save_panel_ideas": {"group": ALONE, "unknown": NOBODY},
    "save_ratings": {"rated_panel": ALONE, "unknown": NOBODY},
    "save_ballot": {"voting_group": ALONE, "unknown": NOBODY},
    "take_turn": {"sharing_group": "401 409 404 404 404 200 200", "unknown": NOBODY},
    "word_panel_item": {"clear_group": LED, "unknown": NOBODY},
    "merge_panel_item": {"clear_group": LED, "unknown": NOBODY},
    "advance_panel": {"group": LED, "unknown": NOBODY},
    "give_time": {"group": LED, "unknown": NOBODY},
    "get_panel_results": {"judged_panel": SEATED, "unknown": NOBODY},
}
QUERIES: dict[str, dict[str, str | int]] = {"find_similar": {"text": "entretien"}}
PLAIN: dict[str, Any] = {
    "express_need": {"text": "Something that would help us", "language": "en"},
    "edit_board_entry": {"topic": "team"},
    "close_board_entry": {"outcome": "out-of-scope", "reason": PAIR},
    "link_board_entry": {"link": None},
    "create_panel": {"kind": "delphi"},
    "edit_panel": {"scale": 5},
    "set_panel_items": {"items": [{"statement": PAIR}]},
    "stop_panel": {"note": PAIR},
    "save_panel_ideas": {"texts": ["idea"], "language": "en"},
    "save_ratings": {"ratings": {}, "language": "en"},
    "save_ballot": {"items": []},
    "take_turn": {"text": "idea", "language": "en"},
    "word_panel_item": {"statement": PAIR},
    "advance_panel": {"phase": "sharing"},
    "give_time": {"minutes": 2},
}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "open_round": lambda world, _: {"closes_at": world.desk.days(9)},
    "extend_round": lambda world, _: {"closes_at": world.desk.days(9)},
    "merge_panel_item": lambda _, params: {"into_id": params.get("into_id", NOTHING)},
    "merge_board_entry": lambda _, params: {"into_id": params.get("into_id", NOTHING)},
}
UNKNOWN: dict[str, str] = {"entry_id": NOTHING, "panel_id": NOTHING, "item_id": NOTHING}
PAGES: tuple[str, ...] = ("entry", "judged_panel")


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

    def _panel(self, kind: str, **more: Any) -> dict[str, Any]:
        """A draft on which the learner and four others sit."""
        fields = {"title": PAIR, "intro": PAIR, "question": PAIR, "closes_at": self.desk.days(5)} | more
        people = [str(self.actors["learner"].account_id), *self.sitters]
        found: dict[str, Any] = self.desk.ask("create_panel", kind=kind, member_ids=people, **fields)
        return found

    def draft_panel(self) -> dict[str, Any]:
        made = self._panel("delphi", first_round="open")
        return {"panel_id": made["id"], "version": made["version"]}

    def rated_panel(self) -> dict[str, Any]:
        """A Delphi in its first rating round."""
        made = self._panel("delphi", first_round="rating")
        of = {"panel_id": made["id"]}
        feed = self.desk.ask("set_panel_items", **of, version=1, items=[{"statement": PAIR}] * 2)
        made = self.desk.ask("start_panel", **of, version=feed["version"])
        return of | {"version": made["version"]}

    def judged_panel(self) -> dict[str, Any]:
        """Between two rounds, with figures."""
        params = self.rated_panel()
        of = {"panel_id": params["panel_id"]}
        chosen = select(panel_members.c.account_id).where(
            panel_members.c.panel_id == UUID(params["panel_id"])
        )
        with self.harness.services["surveys"].db.engine.connect() as connection:
            people = connection.execute(chosen).scalars().all()
        for place, account in enumerate(people):
            actor = Actor(account, frozenset({"learner"}), "en", "America/Toronto", None)
            sheet = self.desk.ask("get_panel_sheet", actor, **of)
            ratings = {item["id"]: {"points": 1 + (place + n) % 5} for n, item in enumerate(sheet["items"])}
            self.desk.ask("save_ratings", actor, **of, ratings=ratings, language="en")
        closing = of | {"version": params["version"]}
        bus = self.harness.bus
        made = bus.call("surveys", "close_round", closing, actor=self.actors["coordinator"], timeout=60)
        return of | {"version": made["version"]}

    def group(self) -> dict[str, Any]:
        """A nominal group in its silent phase."""
        made = self._panel("nominal-group")
        made = self.desk.ask("start_panel", panel_id=made["id"], version=1)
        return {"panel_id": made["id"], "version": made["version"]}

    def _moved(self, params: dict[str, Any], phase: str) -> dict[str, Any]:
        made = self.desk.ask(
            "advance_panel", panel_id=params["panel_id"], version=params["version"], phase=phase
        )
        return params | {"version": made["version"]}

    def sharing_group(self) -> dict[str, Any]:
        """Somebody else's turn."""
        params = self._moved(self.group(), "sharing")
        of = {"panel_id": params["panel_id"]}
        made = self.desk.ask("get_panel", **of)
        if made["turn_of"] == str(self.actors["learner"].account_id):
            made = self.desk.ask("take_turn", **of, text="idea", language="en")
        return of

    def clear_group(self) -> dict[str, Any]:
        """Five ideas, in clarification."""
        params = self._moved(self.group(), "sharing")
        of = {"panel_id": params["panel_id"]}
        for number in range(5):
            self.desk.ask("take_turn", **of, text=f"idea {number}", language="en")
        version = self.desk.ask("get_panel", **of)["version"]
        params = self._moved(of | {"version": version}, "clarify")
        items = self.desk.ask("get_panel_sheet", **of)["items"]
        return of | {"item_id": items[0]["id"], "into_id": items[1]["id"], "version": params["version"]}

    def voting_group(self) -> dict[str, Any]:
        params = self._moved(self.clear_group(), "vote")
        return {"panel_id": params["panel_id"]}
