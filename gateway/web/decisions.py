"""What became of what you said: every decision, its reason, and what followed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from gateway.context import call
from gateway.web.needs import address
from gateway.web.pages import render, signed_in
from gateway.web.proof_words import newest
from gateway.web.survey_words import course_href, say

pages = Blueprint("pages_decisions", __name__)
OUTCOMES = ("approved", "declined")


@pages.get("/needs/answers")
@signed_in
def answers() -> Any:
    """Decisions, newest first; filters in the address."""
    outcome = request.args.get("outcome", "")
    filters = {
        "outcome": outcome if outcome in OUTCOMES else "",
        "need_id": request.args.get("need", ""),
        "survey_id": request.args.get("survey", ""),
    }
    query = {name: value for name, value in filters.items() if value}
    cursor = {"cursor": request.args["cursor"]} if request.args.get("cursor") else {}
    found = call("surveys", "list_decisions", query | {"limit": 20} | cursor)
    chips = [
        {"text": say(f"proof.answers.{value or 'all'}"), "href": where(filters | {"outcome": value}),
         "current": filters["outcome"] == value}
        for value in ("", *OUTCOMES)
    ]  # fmt: skip
    items = [
        one
        | {
            "course_href": course_href(one["after"]["course"]) if one["after"] else None,
            "measured": newest(one["after"]) if one["after"] else None,
        }
        for one in found["items"]
    ]
    more = where(filters | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None
    return render("needs/answers.html", items=items, chips=chips, more=more, filtered=bool(query))


def where(filters: dict[str, str]) -> str:
    """The page with its filters."""
    names = {"need_id": "need"}
    return address("/needs/answers", {names.get(name, name): value for name, value in filters.items()})
