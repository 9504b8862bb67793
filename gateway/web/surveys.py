"""The page of a survey: its state, who may see what, how many have answered; closing and extending it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.pages import error_text, field_errors, flash, is_fragment, render, signed_in
from gateway.web.survey_answer import minutes_of
from gateway.web.survey_forms import date_from, instant_of, local_parts
from gateway.web.survey_words import View, known_ids, names_of, survey_steps
from shared.errors import CercleError, Invalid, Stale

pages = Blueprint("pages_surveys", __name__)
pages.url_value_preprocessor(known_ids)
STATUSES = ("open", "scheduled", "draft", "closed")


@pages.get("/surveys")
@signed_in
def list_surveys() -> Any:
    """Every survey one may see, newest first."""
    status = request.args.get("status")
    query = {"status": status if status in STATUSES else None, "cursor": request.args.get("cursor")}
    found = call("surveys", "list_surveys", {key: value for key, value in query.items() if value})
    return render(
        "surveys/list.html", items=found["items"], wanted=query["status"], cursor=found["next_cursor"]
    )


@pages.get("/surveys/<survey_id>")
@signed_in
def show(survey_id: str) -> Any:
    """The survey; a draft is shown where it is written."""
    survey = _survey(survey_id)
    if survey["status"] == "draft":
        return redirect(f"/surveys/{survey_id}/edit", 303)
    return _page(survey, local_parts(survey["closes_at"], current().time_zone))


@pages.get("/surveys/<survey_id>/progress")
@signed_in
def progress(survey_id: str) -> Any:
    """The live count alone, asked for every ten seconds; 286 tells htmx to stop."""
    found = call("surveys", "get_progress", {"survey_id": survey_id})
    if not is_fragment():
        return redirect(f"/surveys/{survey_id}", 303)
    return render("surveys/_progress.html", 200 if found["status"] == "open" else 286, progress=found)


@pages.get("/surveys/<survey_id>/close")
@signed_in
def ask_close(survey_id: str) -> Any:
    """The question that the dialog asks, as a page."""
    return render("surveys/close.html", survey=_survey(survey_id), progress=_progress(survey_id))


@pages.post("/surveys/<survey_id>/close")
@signed_in
def close(survey_id: str) -> Any:
    """Close now; the ranking is made at once."""
    closed = call("surveys", "close_survey", {"survey_id": survey_id})
    flash("success", "surveys.closed_now")
    return redirect(
        f"/surveys/{survey_id}/results" if closed["can"]["results"] else f"/surveys/{survey_id}", 303
    )


@pages.post("/surveys/<survey_id>/extend")
@signed_in
def extend(survey_id: str) -> Any:
    """Close later."""
    typed = date_from(request.form, "closes_at")
    try:
        payload = {"closes_at": instant_of(typed, current().time_zone, "closes_at"), "survey_id": survey_id}
        call("surveys", "extend_survey", payload, version=request.form.get("version", 0, type=int))
    except (Invalid, Stale) as error:
        return _page(_survey(survey_id), typed, error)
    flash("success", "surveys.extended")
    return redirect(f"/surveys/{survey_id}", 303)


@pages.get("/surveys/<survey_id>/participants")
@signed_in
def participants(survey_id: str) -> Any:
    """Who answered a named survey."""
    query = {"survey_id": survey_id, "cursor": request.args.get("cursor")}
    found = call("surveys", "list_participants", {key: value for key, value in query.items() if value})
    ids = [item["account_id"] for item in found["items"]]
    names = names_of(ids)
    people = sorted(({"id": account, "name": names[account]} for account in ids if account in names),
                    key=lambda person: person["name"])  # fmt: skip
    return render(
        "surveys/participants.html", survey=_survey(survey_id), people=people, cursor=found["next_cursor"]
    )


def _survey(survey_id: str) -> View:
    found: View = call("surveys", "get_survey", {"survey_id": survey_id})
    return found


def _progress(survey_id: str) -> View:
    found: View = call("surveys", "get_progress", {"survey_id": survey_id})
    return found


def _page(survey: View, closes: dict[str, str], error: CercleError | None = None) -> Any:
    needs = call("surveys", "list_needs", {"survey_id": survey["id"], "limit": 200})["items"]
    return render(
        "surveys/survey.html", error.status if error else 200, survey=survey,
        steps=survey_steps(survey, needs), minutes=minutes_of(survey), closes=closes,
        progress=_progress(survey["id"]) if survey["can"]["progress"] else None,
        author=names_of([survey["created_by"]]).get(survey["created_by"] or ""),
        errors=field_errors(error) if error else {},
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip
