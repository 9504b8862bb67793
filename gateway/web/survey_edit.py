"""Preparing a needs survey: choose a template or bring a file, then build the draft, question by question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web import survey_forms as forms
from gateway.web.pages import error_text, flash, is_fragment, render, signed_in
from gateway.web.survey_answer import scales_of
from gateway.web.survey_elements import builder_faults as faults
from gateway.web.survey_elements.editing import editor_of, outline_of
from gateway.web.survey_elements.kinds import KINDS, coverage, gaps
from gateway.web.survey_elements.work import Elements, Work, read_in, worked
from gateway.web.survey_words import View, known_ids
from shared import i18n
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Forbidden, Invalid, Stale

pages = Blueprint("pages_survey_edit", __name__)
pages.url_value_preprocessor(known_ids)
PANELS = ("delphi", "nominal-group")
"""Methods that begin with a panel, not with a survey."""


@pages.get("/surveys/new")
@signed_in
def choose() -> Any:
    """The eight methods, each one click away from a draft that could be launched; or a file."""
    return choose_page()


@pages.post("/surveys/new")
@signed_in
def create() -> Any:
    """A draft from the chosen template, closing in two weeks."""
    closes_at = forms.closing_from_now(current().time_zone)
    payload = {"template_id": request.form.get("template", ""), "closes_at": closes_at}
    made = call("surveys", "create_survey", payload)
    return redirect(f"/surveys/{made['id']}/edit", 303)


def choose_page(refused: View | None = None, status: int = 200) -> Any:
    """The methods, and why a file was not taken: `{title, detail, lines}`."""
    templates = call("surveys", "list_templates")["items"]
    return render("surveys/new.html", status, templates=templates, panels=PANELS, refused=refused)


@pages.get("/surveys/<survey_id>/edit")
@signed_in
def edit(survey_id: str) -> Any:
    """The draft: `?at=<code>` opens one element, nothing the survey's own fields; `?check=1` marks what is missing."""
    survey = draft_of(survey_id)
    if survey["status"] != "draft":
        return redirect(f"/surveys/{survey_id}", 303)
    error = forms.gaps(survey) if "check" in request.args else None
    return _page(survey, Work(survey["elements"], request.args.get("at", "")), error)


@pages.post("/surveys/<survey_id>/edit")
@signed_in
def save(survey_id: str) -> Any:
    """Save what was typed with the button's change; what cannot be saved comes back as it was typed."""
    survey, form = draft_of(survey_id), request.form
    work = read_in(form, survey["elements"])
    try:
        done = worked(form, survey["elements"], design)
        work.tried = done.elements
        saved = _saved(survey, done)
    except (Invalid, Stale) as error:
        # Saving again is then a choice made with open eyes: the page says that it replaces the newer version.
        return _page(survey, work, error, typed=forms.typed_from(form) if form.get("own") else None)
    done.elements = saved["elements"]
    return _after(saved, done)


def _saved(survey: View, work: Work) -> View:
    """The draft with the survey's own fields where the form has them, and the elements."""
    form = request.form
    payload: View = {"elements": work.elements}
    if form.get("own"):
        payload |= forms.payload_of(forms.typed_from(form), current().time_zone)
    if form.get("do") == "unfollow":
        payload["follows_survey_id"], work.focus = None, "editor"
    payload |= {"survey_id": survey["id"], "version": form.get("version", 0, type=int)}
    found: View = call("surveys", "edit_survey", payload)
    return found


def _after(saved: View, work: Work) -> Any:
    verb, base = request.form.get("do", "save").partition(":")[0], f"/surveys/{saved['id']}"
    if verb in ("review", "preview", "bank"):
        return redirect(f"{base}/{verb}", 303)
    if is_fragment() or work.before is not None:
        return _page(saved, work, None)
    if verb == "save":
        flash("success", "surveys.edit.saved")
    anchor = f"#{work.focus}" if work.focus else "#editor" if work.at else ""
    return redirect(f"{base}/edit{f'?at={work.at}' if work.at else ''}{anchor}", 303)


def design(codes: Sequence[str], size: int) -> list[list[str]]:
    """Balanced sets of options for a best-worst question."""
    found: list[list[str]] = call("surveys", "design_sets", {"options": list(codes), "size": size})["sets"]
    return found


def _page(survey: View, work: Work, error: CercleError | None, *, typed: View | None = None) -> Any:
    return builder_page(
        "surveys/edit.html", survey, work, error,
        form=typed or forms.typed_of(survey, current().time_zone),
    )  # fmt: skip


def builder_page(template: str, survey: View, work: Work, error: CercleError | None, **more: Any) -> Any:
    """Outline, editor and settings over a list of elements, with the faults of an error where they belong."""
    wanted = (request.form.getlist("in") or [request.args.get("in", "")])[-1]
    language = wanted if wanted in i18n.LANGUAGES else current().language
    found = faults.of(error, work.elements, work.at, tried=work.tried)
    texts = {"title": survey["title"], "intro": survey["intro"]}
    context = {
        "survey": survey, "work": work, "outline": outline_of(work.elements, found.codes),
        "editor": editor_of(work.elements, work.at, language), "kinds": KINDS, "shown": language,
        "coverage": coverage(work.elements, texts), "gaps": first_gaps(survey, work.elements),
        "scales": scales_of(survey["scale"], language), "errors": found.here, "summary": found.summary,
        "problem": error_text(error) if error and not error.fields else None, "stale": isinstance(error, Stale),
        "state": json.dumps(work.elements, ensure_ascii=False),
        "before": json.dumps(work.before, ensure_ascii=False) if work.before is not None else None,
    }  # fmt: skip
    # A fragment takes the place of the builder whatever it says: the script does not look at the status.
    status = 200 if error is None or "check" in request.args else 422 if is_fragment() else error.status
    return render(template, status, **context, **more)


def first_gaps(survey: View, elements: Elements) -> dict[str, str]:
    """Per language, the address of the first text that is missing in it; languages without gaps are left out."""
    base = f"/surveys/{survey['id']}/edit"
    found: dict[str, str] = {}
    for name in ("title", "intro"):
        for language in i18n.LANGUAGES:
            if not (survey[name].get(language) or "").strip():
                found.setdefault(language, f"{base}?check=1#{name}_{language}")
    for gap in gaps(list(elements)):
        target = f"{base}?at={gap['code']}&check=1#{faults.input_of(gap['path'])}"
        found.setdefault(gap["language"], target)
    return found


@pages.post("/surveys/<survey_id>/discard")
@signed_in
def discard(survey_id: str) -> Any:
    """Throw a draft away; it was never seen by anyone else."""
    payload = {"survey_id": survey_id, "version": request.form.get("version", 0, type=int)}
    try:
        call("surveys", "discard_survey", payload)
    except Stale as error:
        survey = draft_of(survey_id)
        return _page(survey, Work(survey["elements"]), error)
    flash("success", "surveys.edit.discarded")
    return redirect("/needs", 303)


@pages.get("/surveys/<survey_id>/discard")
@signed_in
def ask_discard(survey_id: str) -> Any:
    """The same question without JavaScript."""
    return render("surveys/discard.html", survey=draft_of(survey_id))


def draft_of(survey_id: str) -> View:
    """A survey for those who write surveys."""
    found: View = call("surveys", "get_survey", {"survey_id": survey_id})
    if not current().actor.has(COORDINATOR, ADMIN):
        raise Forbidden
    return found
