"""Taking answers and figures of a closed survey out: what each format is for, and what stays here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from gateway.context import INSTALL_SECONDS, call
from gateway.downloads import taken
from gateway.web.field_links import Places, beside, summary_of
from gateway.web.pages import field_errors, render, signed_in
from gateway.web.studio_forms import Form
from gateway.web.survey_words import known_ids, names_of, say
from shared.errors import Conflict, Forbidden, Invalid

pages = Blueprint("pages_survey_export", __name__)
pages.url_value_preprocessor(known_ids)
FORMATS = ("xlsx", "csv", "sav", "json", "codebook", "figures-csv", "figures-json")
NAMED = "named"
WITH_NAMES = ("xlsx", "csv", "sav", "json")


@pages.get("/surveys/<survey_id>/export")
@signed_in
def export(survey_id: str) -> Any:
    """The formats, and what each is for."""
    return _page(survey_id, Form())


def _page(survey_id: str, form: Form) -> Any:
    found = call("surveys", "list_open_questions", {"survey_id": survey_id})
    log = call("surveys", "list_named_exports", {"survey_id": survey_id})["items"]
    errors, places = field_errors(form.error) if form.error else {}, _places(form.at)
    return render(
        "coding/export.html", form.status, found=found, formats=FORMATS, named=WITH_NAMES, log=log, form=form,
        names=names_of(one["account_id"] for one in log), summary=summary_of(errors, places), beside=beside(errors, places),
    )  # fmt: skip


def _places(at: str) -> Places:
    """`at`: the form with names, or the plain one."""
    return {
        "format": ("named-format" if at == NAMED else "format", say("coding.export.format")),
        "language": ("language", say("coding.export.language")),
        "reason": ("reason", say("coding.export.reason")),
    }


@pages.post("/surveys/<survey_id>/export")
@signed_in
def download(survey_id: str) -> Any:
    """The file; with account ids where that was asked for, with its reason."""
    payload = {
        "survey_id": survey_id, "format": request.form.get("format", ""), "language": request.form.get("language") or None,
        "texts": request.form.get("texts") == "1",
    }  # fmt: skip
    named = request.form.get("identities") == "1"
    more = {"reason": request.form.get("reason", "")} if named else {}
    method = "export_named" if named else "export_survey"
    try:
        return taken(call("surveys", method, payload | more, timeout=INSTALL_SECONDS))
    except (Invalid, Conflict, Forbidden) as error:
        return _page(survey_id, Form(NAMED if named else "export", error))
