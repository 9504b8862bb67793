"""What became of what you said: every decision and every answer to the board, its reason, and what followed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from gateway.context import call
from gateway.web.needs import address
from gateway.web.pages import render, signed_in
from gateway.web.proof_words import newest
from gateway.web.survey_words import View, answer_href, course_href, names_of, say

pages = Blueprint("pages_decisions", __name__)
OUTCOMES = ("approved", "declined")
BOARD = "board"


@pages.get("/needs/answers")
@signed_in
def answers() -> Any:
    """Decisions and answers to the board, newest first; filters in the address."""
    filters = _filters()
    query = {name: value for name, value in filters.items() if value}
    cursor = {"cursor": request.args["cursor"]} if request.args.get("cursor") else {}
    found = call("surveys", "list_decisions", query | {"limit": 20} | cursor)
    items = [_answered(one) if one["kind"] == BOARD else _decided(one) for one in found["items"]]
    names = names_of(one["entry"]["author_id"] for one in items if one["kind"] == BOARD)
    more = where(filters | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None
    return render(
        "needs/answers.html", items=items, chips=_chips(filters), more=more, filtered=bool(query), names=names
    )


def _filters() -> dict[str, str]:
    outcome, kind = request.args.get("outcome", ""), request.args.get("kind", "")
    return {
        "kind": kind if kind == BOARD else "",
        "outcome": outcome if outcome in OUTCOMES and kind != BOARD else "",
        "need_id": request.args.get("need", ""),
        "survey_id": request.args.get("survey", ""),
    }


def _chips(filters: dict[str, str]) -> list[View]:
    """All, decisions by outcome, the board."""
    choices = [
        ("proof.answers.all", "", ""),
        ("proof.answers.approved", "", "approved"),
        ("proof.answers.declined", "", "declined"),
        ("proof.answers.board", BOARD, ""),
    ]
    return [
        {
            "text": say(key),
            "href": where(filters | {"kind": kind, "outcome": outcome}),
            "current": (filters["kind"], filters["outcome"]) == (kind, outcome),
        }
        for key, kind, outcome in choices
    ]


def _decided(one: View) -> View:
    after = one["after"]
    return one | {
        "course_href": course_href(after["course"]) if after else None,
        "measured": newest(after) if after else None,
    }


def _answered(one: View) -> View:
    return one | {"href": answer_href(one["answer"])}


def where(filters: dict[str, str]) -> str:
    """The page with its filters."""
    names = {"need_id": "need"}
    return address("/needs/answers", {names.get(name, name): value for name, value in filters.items()})
