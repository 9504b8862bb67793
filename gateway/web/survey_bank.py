"""The item bank: competence statements in both languages, to read, and to take into a draft several at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call
from gateway.web.pages import error_text, flash, render, signed_in
from gateway.web.survey_edit import draft_of
from gateway.web.survey_elements.changes import add_statements
from gateway.web.survey_words import View, known_ids
from shared.errors import CercleError, Invalid, Stale

pages = Blueprint("pages_survey_bank", __name__)
pages.url_value_preprocessor(known_ids)


@pages.get("/surveys/bank")
@signed_in
def bank() -> Any:
    """Every statement, found by words of either language."""
    return render("surveys/bank.html", items=_found(), q=_wanted(), survey=None, known=(), problem=None)


@pages.get("/surveys/<survey_id>/bank")
@signed_in
def pick(survey_id: str) -> Any:
    """The same, with a box to tick for each statement that the draft does not have yet."""
    return _pick_page(draft_of(survey_id), None)


@pages.post("/surveys/<survey_id>/bank")
@signed_in
def take(survey_id: str) -> Any:
    """The ticked statements, in the bank's order, behind the last statement of the draft."""
    survey, wanted = draft_of(survey_id), set(request.form.getlist("code"))
    chosen = [(item["code"], item["statement"]) for item in _all() if item["code"] in wanted]
    elements = add_statements(survey["elements"], chosen)
    added = len(elements) - len(survey["elements"])
    payload = {"survey_id": survey_id, "version": request.form.get("version", 0, type=int), "elements": elements}
    try:
        call("surveys", "edit_survey", payload)
    except (Invalid, Stale) as error:
        return _pick_page(draft_of(survey_id), error)
    if added:
        flash("success", "surveys.pages.bank.added", n=added)
    at = f"?at={chosen[-1][0]}" if added else ""
    return redirect(f"/surveys/{survey_id}/edit{at}", 303)


def _pick_page(survey: View, error: CercleError | None) -> Any:
    known = {element["code"] for element in survey["elements"]}
    return render(
        "surveys/bank.html", error.status if error else 200, items=_found(), q=_wanted(), survey=survey, known=known,
        problem=error_text(error) if error else None,
    )  # fmt: skip


def _wanted() -> str:
    return request.args.get("q", "").strip()[:200]


def _found() -> list[View]:
    found: list[View] = call("surveys", "list_bank", {"q": _wanted()} if _wanted() else {})["items"]
    return found


def _all() -> list[View]:
    found: list[View] = call("surveys", "list_bank", {})["items"]
    return found
