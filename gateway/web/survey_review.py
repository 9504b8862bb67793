"""Before the launch: the survey to try out in either language, the review with what is missing, the launch itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request

from gateway import problems
from gateway.context import call, current
from gateway.web import survey_forms as forms
from gateway.web.pages import flash, render, signed_in
from gateway.web.survey_answer import asked_of, minutes_of, scales_of
from gateway.web.survey_edit import draft_of, first_gaps
from gateway.web.survey_elements import builder_faults, faults
from gateway.web.survey_elements.kinds import coverage
from gateway.web.survey_elements.reading import answers_from
from gateway.web.survey_elements.rows import blocks_of, has_logic
from gateway.web.survey_words import View, known_ids
from shared import i18n
from shared.errors import CercleError, Invalid, Stale

pages = Blueprint("pages_survey_review", __name__)
pages.url_value_preprocessor(known_ids)


@pages.get("/surveys/<survey_id>/preview")
@signed_in
def preview(survey_id: str) -> Any:
    """The survey as people will meet it; answers given here are kept nowhere."""
    return _preview_page(draft_of(survey_id), {})


@pages.post("/surveys/<survey_id>/preview")
@signed_in
def try_out(survey_id: str) -> Any:
    """Without JavaScript: the same page after these answers, so that conditions are seen to work."""
    survey = draft_of(survey_id)
    given = answers_from(request.form, survey["elements"])
    answers = {
        code: {name: value for name, value in answer.items() if value not in (None, "")}
        for code, answer in given.items()
        if answer
    }
    try:
        return _preview_page(survey, answers)
    except Invalid as error:
        return _preview_page(survey, {}, error)


def _preview_page(survey: View, answers: Mapping[str, Any], error: CercleError | None = None) -> Any:
    shown = _shown()
    found = faults.faults_of(error, survey["elements"])
    asked = asked_of(survey, answers, shown, faults.beside(found, survey["elements"]))
    done, total = asked.progress
    return render(
        "surveys/preview.html", 422 if error else 200, survey=survey, shown=shown, blocks=blocks_of(asked), done=done,
        total=total, scales=scales_of(survey["scale"], shown), has_logic=has_logic(survey["elements"]),
        instrument={"elements": survey["elements"], "language": shown},
    )  # fmt: skip


def _shown() -> str:
    wanted = request.args.get("in", "")
    return wanted if wanted in i18n.LANGUAGES else current().language


@pages.get("/surveys/<survey_id>/review")
@signed_in
def review(survey_id: str) -> Any:
    """The survey as respondents will see it, in either language, and what still keeps it from being launched."""
    survey = draft_of(survey_id)
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
        return _review_page(draft_of(survey_id), error, error.status)
    flash("success", "surveys.launched")
    return redirect(f"/surveys/{survey_id}", 303)


def _review_page(survey: View, error: CercleError | None, status: int) -> Any:
    shown, elements = _shown(), survey["elements"]
    found = builder_faults.of(error, elements, "", f"/surveys/{survey['id']}/edit")
    return render(
        "surveys/review.html", status, survey=survey, shown=shown, summary=found.summary,
        problem=_title_and_detail(error) if error else None, blocks=blocks_of(asked_of(survey, {}, shown)),
        scales=scales_of(survey["scale"], shown), minutes=minutes_of(survey), gaps=first_gaps(survey, elements),
        coverage=coverage(elements, {"title": survey["title"], "intro": survey["intro"]}),
        conditional=sum(bool(element.get("show_if") or element.get("go_to")) for element in elements),
    )  # fmt: skip


def _title_and_detail(error: CercleError) -> dict[str, str]:
    language = current().language
    return {"title": problems.title_of(error, language), "detail": problems.detail_of(error, language)}
