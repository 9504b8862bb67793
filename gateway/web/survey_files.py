"""Instruments as files: a draft from an imported one, and the survey's own to take away."""

from __future__ import annotations

import base64
import json
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gateway import problems
from gateway.context import call, current
from gateway.web import survey_forms as forms
from gateway.web.pages import flash, signed_in
from gateway.web.survey_edit import choose_page
from gateway.web.survey_words import known_ids, say
from shared.errors import CercleError, FieldProblem, Invalid

pages = Blueprint("pages_survey_files", __name__)
pages.url_value_preprocessor(known_ids)


@pages.post("/surveys/import")
@signed_in
def bring() -> Any:
    """A draft from a JSON document or an XLSForm workbook; what of the file was left out is said beside it."""
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    try:
        if not data:
            raise Invalid(fields=[FieldProblem("file", "missing", _both("surveys.pages.import.none"))])
        payload = {
            "file": base64.b64encode(data).decode(),
            "closes_at": forms.closing_from_now(current().time_zone),
        }
        made = call("surveys", "import_instrument", payload)
    except CercleError as error:
        if error.status not in (413, 422):
            raise
        return choose_page(_refusal(error), error.status)
    if made["warnings"]:
        flash("warning", "surveys.pages.imported.warned", n=len(made["warnings"]))
    else:
        flash("success", "surveys.pages.imported")
    return redirect(f"/surveys/{made['id']}/edit", 303)


@pages.get("/surveys/<survey_id>/instrument")
@signed_in
def take(survey_id: str) -> Response:
    """The instrument as a JSON document that can be imported again."""
    found = call("surveys", "export_instrument", {"survey_id": survey_id})
    text = json.dumps(found["document"], ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="{found["filename"]}"'}
    return Response(text, mimetype="application/json", headers=headers)


def _refusal(error: CercleError) -> dict[str, Any]:
    """Title, detail and one line per fault, with the row of the sheet where there is one."""
    language = current().language
    lines = []
    for problem in error.fields:
        message, row = problems.field_message(problem, language), problem.params.get("row")
        lines.append(say("surveys.pages.import.row", row=row, what=message) if row else message)
    return {
        "title": problems.title_of(error, language),
        "detail": problems.detail_of(error, language),
        "lines": list(dict.fromkeys(lines)),
    }


def _both(key: str) -> dict[str, Any]:
    return {"message": {current().language: say(key)}}
