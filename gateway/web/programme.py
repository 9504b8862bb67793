"""The coordinator's board: every need with its place in the loop, grouped by whom it waits for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from gateway.context import call
from gateway.web.needs import address, chosen_filters, filter_chips, row_of
from gateway.web.pages import render, signed_in
from gateway.web.survey_words import TOP, View, loop_steps

pages = Blueprint("pages_programme", __name__)
GROUPS = ("decide", "propose", "trainers", "members", "later")
PAGE = 200


@pages.get("/programme")
@signed_in
def board() -> Any:
    """Key figures, then the needs: first what waits for the coordination, last what only waits its turn."""
    filters = chosen_filters()
    cursor = request.args.get("cursor")
    found = call("surveys", "list_loops", filters | {"limit": PAGE} | ({"cursor": cursor} if cursor else {}))
    surveys = call("surveys", "list_surveys", {"limit": 50})["items"]
    cards = [card_of(loop) for loop in found["items"]]
    return render(
        "programme/board.html", cards=cards, figures=figures_of(cards), filters=filters,
        groups=[(name, [card for card in cards if card["group"] == name]) for name in GROUPS],
        chips=filter_chips("/programme", filters, surveys),
        more=address("/programme", filters | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None,
    )  # fmt: skip


def card_of(loop: View) -> View:
    """A need on the board; `uncovered`: among the top five and without a course that one can take."""
    need = row_of(loop["need"])
    top = need["rank"] is not None and need["rank"] <= TOP
    uncovered = top and need["status"] != "published"
    return loop | {
        "need": need,
        "track": loop_steps(loop),
        "uncovered": uncovered,
        "group": group_of(need, top),
    }


def group_of(need: View, top: bool) -> str:
    """Whom a need waits for."""
    if need["status"] == "ranked":
        return "propose" if top or need["source_type"] == "board" else "later"
    return {"proposed": "decide", "approved": "trainers", "drafted": "trainers", "published": "members"}[
        need["status"]
    ]


def figures_of(cards: list[View]) -> dict[str, int]:
    """What the board says in four numbers."""
    return {
        "needs": len(cards),
        "uncovered": sum(card["uncovered"] for card in cards),
        "decide": sum(card["group"] == "decide" for card in cards),
        "published": sum(card["need"]["status"] == "published" for card in cards),
    }
