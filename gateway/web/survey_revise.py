"""Revising a running survey: the builder over a copy that this page alone holds, the new version beside the old, and
the history of versions.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call
from gateway.web.pages import flash, render, signed_in
from gateway.web.survey_edit import builder_page, design, draft_of
from gateway.web.survey_elements import builder_faults
from gateway.web.survey_elements.typed import pair_from
from gateway.web.survey_elements.versus import changed, likely, origins, versus
from gateway.web.survey_elements.work import Elements, Work, elements_of, read_in, worked
from gateway.web.survey_words import View, known_ids
from shared.errors import CercleError, FieldProblem, Invalid, NotFound, Stale

pages = Blueprint("pages_survey_revise", __name__)
pages.url_value_preprocessor(known_ids)
RUNNING = ("scheduled", "open")


@pages.get("/surveys/<survey_id>/revise")
@signed_in
def revise(survey_id: str) -> Any:
    """The builder over the version that is in use."""
    survey = _running(survey_id)
    return _builder(survey, Work(survey["elements"], request.args.get("at", "")), None)


@pages.post("/surveys/<survey_id>/revise")
@signed_in
def change(survey_id: str) -> Any:
    """One change to the copy; or the comparison; or the new version itself."""
    survey, form = _running(survey_id), request.form
    held = elements_of(form.get("working"))
    if held is None:
        raise Invalid(fields=[FieldProblem("working", "wrong-type")])
    verb = form.get("do", "").partition(":")[0]
    if verb == "publish":
        return _publish(survey, held)
    typed = read_in(form, held)
    try:
        work = worked(form, held, design)
        typed.tried = work.elements
        call("surveys", "preview_instrument", {"elements": work.elements, "answers": {}, "language": "fr"})
    except Invalid as error:
        return _builder(survey, typed, error)
    if verb == "compare":
        return _comparison(survey, work.elements, likely(survey["elements"], work.elements), None)
    return _builder(survey, work, None)


def _publish(survey: View, held: Elements) -> Any:
    becomes = {
        element["code"]: form_code
        for element in held
        if (form_code := request.form.get(f"becomes-{element['code']}"))
    }
    payload = {
        "survey_id": survey["id"], "elements": held, "mapping": mapping_of(survey["elements"], held, becomes),
        "note": pair_from(request.form, "note"),
    }  # fmt: skip
    try:
        made = call("surveys", "revise_survey", payload, version=request.form.get("version", 0, type=int))
    except (Invalid, Stale) as error:
        return _comparison(survey, held, becomes, error)
    flash("success", "surveys.pages.revise.published", n=made["instrument_version"])
    return redirect(f"/surveys/{survey['id']}/versions", 303)


def mapping_of(old: Elements, new: Elements, becomes: dict[str, str]) -> dict[str, str | None]:
    """Old code -> new code where a question continues under another, None where one is dropped."""
    after = {element["code"] for element in new}
    onward = {old_code: new_code for new_code, old_code in becomes.items()}
    asked = [element["code"] for element in old if element["kind"] not in ("section", "computed")]
    return {code: onward.get(code) for code in asked if code not in after or code in onward}


def _builder(survey: View, work: Work, error: CercleError | None) -> Any:
    if not work.at and work.elements:
        work.at = work.elements[0]["code"]
    return builder_page("surveys/revise.html", survey, work, error, base=f"/surveys/{survey['id']}/revise")


def _comparison(survey: View, held: Elements, becomes: dict[str, str], error: CercleError | None) -> Any:
    mapping = mapping_of(survey["elements"], held, becomes)
    rows = versus(survey["elements"], held, mapping)
    faults = builder_faults.of(error, held, "")
    return render(
        "surveys/compare.html", error.status if error else 200, survey=survey, rows=rows, changed=changed(rows),
        origins=origins(survey["elements"], held), becomes=becomes, working=held, refused=error,
        lines=[item["text"] for item in faults.summary], note=pair_from(request.form, "note"),
        missing={item["id"] for item in faults.summary},
    )  # fmt: skip


@pages.get("/surveys/<survey_id>/versions")
@signed_in
def versions(survey_id: str) -> Any:
    """Every version with its reason; `?n=` shows what one changed."""
    survey = draft_of(survey_id)
    if survey["status"] == "draft":
        raise NotFound
    found = call("surveys", "list_instrument_versions", {"survey_id": survey_id})["items"]
    wanted = request.args.get("n", 0, type=int)
    shown = next((item for item in found if item["number"] == wanted and wanted > 1), None)
    rows = _between(survey_id, shown) if shown else []
    return render("surveys/versions.html", survey=survey, items=found, shown=shown, rows=rows)


def _between(survey_id: str, shown: View) -> list[View]:
    before, after = (
        call("surveys", "get_instrument_version", {"survey_id": survey_id, "number": number})["elements"]
        for number in (shown["number"] - 1, shown["number"])
    )
    return versus(before, after, shown["mapping"])


def _running(survey_id: str) -> View:
    survey = draft_of(survey_id)
    if survey["status"] not in RUNNING:
        raise NotFound
    return survey
