"""Launching a needs survey: choose a template, adjust the draft, review it as it will be seen, launch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gateway import problems
from gateway.context import call, current
from gateway.web import survey_forms as forms
from gateway.web.pages import error_text, field_errors, flash, is_fragment, render, signed_in
from gateway.web.survey_words import View, known_ids, say
from shared import i18n
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Forbidden, Invalid, Stale

pages = Blueprint("pages_survey_edit", __name__)
pages.url_value_preprocessor(known_ids)


@pages.get("/surveys/new")
@signed_in
def choose() -> Any:
    """The templates, each one click away from a draft that could be launched."""
    return render("surveys/new.html", templates=call("surveys", "list_templates")["items"])


@pages.post("/surveys/new")
@signed_in
def create() -> Any:
    """A draft from the chosen template, closing in two weeks."""
    closes_at = forms.first_closing(datetime.now(UTC), current().time_zone)
    payload = {"template_id": request.form.get("template", ""), "closes_at": closes_at}
    made = call("surveys", "create_survey", payload)
    return redirect(f"/surveys/{made['id']}/edit", 303)


@pages.get("/surveys/<survey_id>/edit")
@signed_in
def edit(survey_id: str) -> Any:
    """The draft, everything prefilled; `?check=1` marks what is still missing."""
    survey = _draft(survey_id)
    if survey["status"] != "draft":
        return redirect(f"/surveys/{survey_id}", 303)
    error = forms.gaps(survey) if "check" in request.args else None
    return _edit_page(survey, forms.typed_of(survey, current().time_zone), error, 200)


@pages.post("/surveys/<survey_id>/edit")
@signed_in
def save(survey_id: str) -> Any:
    """Save the whole form, after the button's change to the items; what was typed comes back if it cannot be saved."""
    typed, action = forms.typed_from(request.form), request.form.get("do", "save")
    forms.change_items(typed["items"], action)
    try:
        payload = forms.payload_of(typed, current().time_zone)
        payload |= {"survey_id": survey_id, "version": typed["version"]}
        saved = call("surveys", "edit_survey", payload)
    except (Invalid, Stale) as error:
        survey = _draft(survey_id)
        # Saving again is then a choice made with open eyes: the page says that it replaces the newer version.
        typed["version"] = survey["version"]
        return _edit_page(survey, typed, error, 422 if is_fragment() else error.status)
    return _after(saved, action)


def _after(saved: View, action: str) -> Response:
    base = f"/surveys/{saved['id']}"
    if action == "review":
        return redirect(f"{base}/review", 303)
    if action == "save":
        flash("success", "surveys.edit.saved")
        return redirect(f"{base}/edit", 303)
    return redirect(f"{base}/edit#{_anchor(saved, action)}", 303)


def _anchor(saved: View, action: str) -> str:
    """Where the reader was: the new item, or the place of the change."""
    verb, _, where = action.partition("-")
    at = int(where) if where.isdigit() else 0
    place = {"add": len(saved["items"]) - 1, "up": at - 1, "down": at + 1}.get(verb, at)
    return f"item-{max(0, min(place, len(saved['items']) - 1))}"


def _edit_page(survey: View, typed: Mapping[str, Any], error: CercleError | None, status: int) -> Any:
    errors = _errors(error) if error else {}
    return render(
        "surveys/edit.html", status, survey=survey, form=typed, errors=errors, summary=_summary(errors),
        problem=error_text(error) if error and not error.fields else None, stale=isinstance(error, Stale),
    )  # fmt: skip


def _errors(error: CercleError) -> dict[str, str]:
    """Messages by field of this form, which shows the elements as items."""
    return {
        path.replace("elements", "items").replace(".text.", ".statement."): text
        for path, text in field_errors(error).items()
    }


def _summary(errors: Mapping[str, str], base: str = "") -> list[dict[str, str]]:
    """Every problem with the name of its field and a link to it."""
    return [{"id": forms.field_id(path), "href": f"{base}#{forms.field_id(path)}", "text": f"{_name(path)} {text}"}
            for path, text in errors.items()]  # fmt: skip


def _name(path: str) -> str:
    parts = path.split(".")
    half = say(f"shell.language.{parts[-1]}") if parts[-1] in i18n.LANGUAGES else ""
    if parts[0] == "items" and len(parts) > 1:
        name = (
            say("surveys.edit.item", n=int(parts[1]) + 1) if parts[1].isdigit() else say("surveys.edit.items")
        )
    else:
        known = i18n.has(current().language, f"surveys.edit.{parts[0]}")
        name = say(f"surveys.edit.{parts[0]}") if known else ""
    label = f"{name} ({half.lower() if current().language == 'fr' else half})" if half else name
    return say("surveys.edit.problem", field=label) if label else ""


@pages.get("/surveys/<survey_id>/review")
@signed_in
def review(survey_id: str) -> Any:
    """The survey as respondents will see it, in either language, and what still keeps it from being launched."""
    survey = _draft(survey_id)
    if survey["status"] != "draft":
        return redirect(f"/surveys/{survey_id}", 303)
    return _review_page(survey, forms.gaps(survey), 200)


@pages.post("/surveys/<survey_id>/launch")
@signed_in
def launch(survey_id: str) -> Any:
    """Launch the version that was reviewed."""
    payload = {"survey_id": survey_id, "version": request.form.get("version", 0, type=int)}
    try:
        call("surveys", "launch_survey", payload)
    except (Invalid, Stale) as error:
        return _review_page(_draft(survey_id), error, error.status)
    flash("success", "surveys.launched")
    return redirect(f"/surveys/{survey_id}", 303)


def _review_page(survey: View, error: CercleError | None, status: int) -> Any:
    wanted = request.args.get("in", "")
    shown = wanted if wanted in i18n.LANGUAGES else current().language
    errors = _errors(error) if error else {}
    return render(
        "surveys/review.html", status, survey=survey, shown=shown,
        summary=_summary(errors, f"/surveys/{survey['id']}/edit?check=1"),
        problem=_title_and_detail(error) if error else None,
    )  # fmt: skip


def _title_and_detail(error: CercleError) -> dict[str, str]:
    language = current().language
    return {"title": problems.title_of(error, language), "detail": problems.detail_of(error, language)}


@pages.post("/surveys/<survey_id>/discard")
@signed_in
def discard(survey_id: str) -> Any:
    """Throw a draft away; it was never seen by anyone else."""
    payload = {"survey_id": survey_id, "version": request.form.get("version", 0, type=int)}
    call("surveys", "discard_survey", payload)
    flash("success", "surveys.edit.discarded")
    return redirect("/needs", 303)


@pages.get("/surveys/<survey_id>/discard")
@signed_in
def ask_discard(survey_id: str) -> Any:
    """The same question without JavaScript."""
    return render("surveys/discard.html", survey=_draft(survey_id))


def _draft(survey_id: str) -> View:
    found: View = call("surveys", "get_survey", {"survey_id": survey_id})
    if not current().actor.has(COORDINATOR, ADMIN):
        raise Forbidden
    return found
