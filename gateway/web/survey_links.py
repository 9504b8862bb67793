"""Single-use links: answering without an account, and the coordinator's page that makes the links.

The secret leaves the address at once, as an invitation's does, for a cookie that lasts as long as most surveys; the same
link opens the same draft again in any browser.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request
from werkzeug.wrappers import Response

from gateway.auth import LANGUAGE_COOKIE
from gateway.context import call, current
from gateway.web.charts.model import to_csv
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.survey_answer import answer_page, given, payload_of
from gateway.web.survey_words import View, known_ids, say
from shared import i18n
from shared.errors import CercleError, Conflict, Gone, Invalid, NotFound

pages = Blueprint("pages_survey_links", __name__)
pages.url_value_preprocessor(known_ids)
COOKIE = "__Host-cercle-link"
SECONDS = 60 * 86_400
ADDRESS = "/link"


# --- who holds a link


@pages.get("/link/<secret>")
def take_link(secret: str) -> Any:
    """Move the secret out of the address at once, into a cookie."""
    response = make_response(redirect(f"{ADDRESS}/answer", 303))
    response.set_cookie(
        COOKIE, secret[:200], max_age=SECONDS, secure=True, httponly=True, samesite="Lax", path="/"
    )
    return response


@pages.get("/link/answer")
def answer() -> Any:
    """The form with what is saved, or why there is none."""
    try:
        found = _open()
    except (NotFound, Gone) as error:
        return _ended(error)
    return _form(found)


@pages.post("/link/draft")
def save_draft() -> Any:
    """Autosave, as for members."""
    saved = _save(_open()["survey"])
    at = datetime.fromisoformat(saved["saved_at"])
    moment = i18n.clock_time(current().language, at, current().time_zone)
    return {"saved": moment, "saved_at_text": moment, "answered": saved["answered"], "total": saved["total"]}


@pages.post("/link/answer")
def send() -> Any:
    """Send the answers; or save them: for later, to go on in the other language, or to see what they open."""
    action = request.form.get("do", "send")
    try:
        survey = _open()["survey"]
        return _send(survey) if action == "send" else _saved(survey, action)
    except (NotFound, Gone) as error:
        return _ended(error)
    except Conflict as error:
        return _form(_open(), error)


@pages.get("/link/thanks")
def thanks() -> Any:
    """What happens next."""
    try:
        found = _open()
    except (NotFound, Gone) as error:
        return _ended(error)
    return _form(found)


def _send(survey: View) -> Any:
    payload = _payload(survey)
    try:
        call("surveys", "submit_by_link", payload)
    except Invalid as error:
        return _again(survey, payload, error)
    after = f"{ADDRESS}/thanks"
    return {"next": after} if request.headers.get("X-Autosave") else redirect(after, 303)


def _again(survey: View, payload: View, error: CercleError) -> Any:
    try:
        call("surveys", "save_link_draft", payload)
    except Invalid:
        return answer_page(survey, given(survey), saved_at=None, error=error)
    found = _open()
    return answer_page(found["survey"], given(survey), saved_at=found["draft"]["saved_at"], error=error)


def _saved(survey: View, action: str) -> Any:
    try:
        _save(survey)
    except Invalid as error:
        return answer_page(survey, given(survey), saved_at=None, error=error)
    if action != "switch":
        if action != "continue":
            flash("success", "collecting.link.kept")
        return redirect(f"{ADDRESS}/answer{'#questions' if action == 'continue' else ''}", 303)
    response = make_response(redirect(f"{ADDRESS}/answer", 303))
    wanted = "en" if current().language == "fr" else "fr"
    response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=31_536_000, secure=True, samesite="Lax", path="/")
    return response


def _save(survey: View) -> View:
    found: View = call("surveys", "save_link_draft", _payload(survey))
    return found


def _payload(survey: View) -> View:
    secret = {"secret": _secret()}

    def asked(number: int) -> list[View]:
        found: list[View] = call("surveys", "open_link", secret, instrument_version=number)["asked"]
        return found

    return payload_of(survey, asked) | secret


def _open() -> View:
    """`survey` with the address of its form and what its logic shows, and `draft`."""
    found: View = call("surveys", "open_link", {"secret": _secret()})
    found["survey"] |= {"address": ADDRESS, "preview": found["preview"]}
    return found


def _secret() -> str:
    return request.cookies.get(COOKIE) or "none"


def _form(found: View, error: CercleError | None = None) -> Any:
    survey, draft = found["survey"], found["draft"]
    if survey["can"]["answer"] and error is None:
        return answer_page(survey, draft["answers"], saved_at=draft["saved_at"])
    kind = "sent" if survey["mine"]["state"] == "submitted" else survey["status"]
    return render("surveys/link_notice.html", error.status if error else 200, survey=survey, kind=kind)


def _ended(error: CercleError) -> Any:
    """A link that never was, or was taken back: the same page for both."""
    used = error.code == "link-used"
    return render("surveys/link_notice.html", 410, survey=None, kind="sent" if used else "ended")


# --- who makes them


@pages.get("/surveys/<survey_id>/links")
@signed_in
def links(survey_id: str) -> Any:
    """The batches, how many were used, and the form for another one."""
    return _links_page(survey_id, call("surveys", "list_links", {"survey_id": survey_id}))


@pages.post("/surveys/<survey_id>/links")
@signed_in
def make(survey_id: str) -> Any:
    """Make links; they are on this answer and nowhere else, so there is no redirect."""
    typed = {"count": request.form.get("count", ""), "label": request.form.get("label", "").strip()}
    count = int(typed["count"]) if typed["count"].isdecimal() and len(typed["count"]) < 6 else 0
    payload = {"survey_id": survey_id, "count": count, "label": typed["label"]}
    try:
        made = call("surveys", "make_links", payload)
    except (Invalid, Conflict) as error:
        found = call("surveys", "list_links", {"survey_id": survey_id})
        return _links_page(survey_id, found, typed=typed, error=error)
    origin = current_app.extensions["cercle"].main_origin
    addresses = [f"{origin}{ADDRESS}/{secret}" for secret in made["secrets"]]
    return _links_page(survey_id, made["links"], addresses=addresses)


@pages.post("/surveys/<survey_id>/links/<batch_id>/revoke")
@signed_in
def revoke(survey_id: str, batch_id: str) -> Response:
    """Take the unused links of a batch back."""
    call("surveys", "revoke_links", {"survey_id": survey_id, "batch_id": batch_id})
    flash("success", "collecting.links.revoked.done")
    return redirect(f"/surveys/{survey_id}/links", 303)


def _links_page(
    survey_id: str, found: View, *, addresses: list[str] | None = None, typed: View | None = None,
    error: CercleError | None = None,
) -> Any:  # fmt: skip
    survey = call("surveys", "get_survey", {"survey_id": survey_id})
    rows = [[str(number), address] for number, address in enumerate(addresses or [], start=1)]
    csv = to_csv([say("collecting.links.number"), say("collecting.links.link")], rows).lstrip("\ufeff")
    return render(
        "surveys/links.html", error.status if error else 201 if addresses else 200, survey=survey, links=found,
        made=len(rows), csv=csv if rows else None, form=typed or {"count": "20", "label": ""},
        errors=field_errors(error) if error else {},
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip
