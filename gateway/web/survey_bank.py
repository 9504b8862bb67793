"""The item bank: competence statements in both languages, to read, and to take into a draft several at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from gateway.context import call
from gateway.web.pages import error_text, flash, render, signed_in
from gateway.web.survey_edit import draft_of
from gateway.web.survey_elements.changes import add_statements
from gateway.web.survey_words import View, chosen, known_ids, say
from shared.errors import CercleError, Invalid, Stale

pages = Blueprint("pages_survey_bank", __name__)
pages.url_value_preprocessor(known_ids)


@pages.get("/surveys/bank")
@signed_in
def bank() -> Any:
    """Every statement, by topic and by words of either language."""
    return _page(None, None)


@pages.get("/surveys/<survey_id>/bank")
@signed_in
def pick(survey_id: str) -> Any:
    """The same, with a box to tick for each statement that the draft does not have yet."""
    return _page(draft_of(survey_id), None)


@pages.post("/surveys/<survey_id>/bank")
@signed_in
def take(survey_id: str) -> Any:
    """The ticked statements, in the bank's order, behind the last statement of the draft."""
    survey, wanted = draft_of(survey_id), set(request.form.getlist("code"))
    everything = call("surveys", "list_bank")["items"]
    picked = [(item["code"], item["statement"]) for item in everything if item["code"] in wanted]
    elements = add_statements(survey["elements"], picked)
    added = len(elements) - len(survey["elements"])
    payload = {"survey_id": survey_id, "elements": elements}
    try:
        call("surveys", "edit_survey", payload, version=request.form.get("version", 0, type=int))
    except (Invalid, Stale) as error:
        return _page(draft_of(survey_id), error)
    if added:
        flash("success", "surveys.pages.bank.added", n=added)
    at = f"?at={picked[-1][0]}" if added else ""
    return redirect(f"/surveys/{survey_id}/edit{at}", 303)


def _page(survey: View | None, error: CercleError | None) -> Any:
    asked = {name: request.args.get(name, "").strip()[:40] for name in ("q", "topic")}
    here = f"/surveys/{survey['id']}/bank" if survey else "/surveys/bank"
    found = call("surveys", "list_bank", {name: value for name, value in asked.items() if value})
    return render(
        "surveys/bank.html", error.status if error else 200, survey=survey, here=here, items=found["items"], q=asked["q"],
        topic=asked["topic"], chips=_chips(found["topics"], asked, here),
        known={element["code"] for element in survey["elements"]} if survey else set(),
        problem=error_text(error) if error else None,
    )  # fmt: skip


def _chips(topics: list[View], asked: dict[str, str], here: str) -> list[View]:
    def href(topic: str) -> str:
        query = urlencode({name: value for name, value in (("q", asked["q"]), ("topic", topic)) if value})
        return f"{here}?{query}" if query else here

    every = {"text": say("surveys.pages.bank.topics"), "href": href(""), "current": not asked["topic"]}
    return [every] + [
        {"text": chosen(topic["title"]), "href": href(topic["id"]), "current": topic["id"] == asked["topic"],
         "count": topic["items"]}
        for topic in topics
    ]  # fmt: skip
