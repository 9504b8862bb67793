"""Answering a needs survey: the form, its saved draft, sending it, and what comes after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, request

from gateway.auth import LANGUAGE_COOKIE
from gateway.context import call, current
from gateway.web.pages import error_text, flash, render, signed_in
from gateway.web.survey_elements import faults
from gateway.web.survey_elements.reading import SIDES, answers_from
from gateway.web.survey_elements.rows import Asked, blocks_of, has_logic
from gateway.web.survey_elements.said import said_rows
from gateway.web.survey_words import View, known_ids
from shared import i18n
from shared.errors import CercleError, Conflict, Invalid

pages = Blueprint("pages_survey_answer", __name__)
pages.url_value_preprocessor(known_ids)
Answers = Mapping[str, Any]
SECONDS = {
    "pair": 50,
    "matrix": 45,
    "ranking": 60,
    "maxdiff": 120,
    "long-text": 90,
    "section": 5,
    "computed": 5,
}
"""About how long an element takes; any other kind takes `QUICK` seconds."""
QUICK = 20


@pages.get("/surveys/<survey_id>/answer")
@signed_in
def answer(survey_id: str) -> Any:
    """The form with the saved draft, or why there is none."""
    survey = _survey(survey_id)
    if not survey["can"]["answer"]:
        return _notice(survey)
    draft = call("surveys", "get_draft", {"survey_id": survey_id})
    return answer_page(survey, draft["answers"], saved_at=draft["saved_at"])


@pages.post("/surveys/<survey_id>/draft")
@signed_in
def save_draft(survey_id: str) -> Any:
    """Autosave: `{saved, saved_at_text, answered, total}`; problems come as problem documents."""
    saved = _save(_survey(survey_id))
    moment = i18n.clock_time(
        current().language, datetime.fromisoformat(saved["saved_at"]), current().time_zone
    )
    return {"saved": moment, "saved_at_text": moment, "answered": saved["answered"], "total": saved["total"]}


@pages.post("/surveys/<survey_id>/answer")
@signed_in
def send(survey_id: str) -> Any:
    """Send the answers; or save them: for later, to go on in the other language, or to see what they open."""
    survey, action = _survey(survey_id), request.form.get("do", "send")
    try:
        if action == "send":
            return _send(survey)
        _save(survey)
    except Conflict as error:
        return _notice(_survey(survey_id), error)
    except Invalid as error:
        return answer_page(survey, given(survey), saved_at=None, error=error)
    if action == "switch":
        return _switch(survey_id)
    if action == "continue":
        return redirect(f"/surveys/{survey_id}/answer#questions", 303)
    flash("success", "surveys.answer.kept")
    return redirect(f"/surveys/{survey_id}", 303)


def _send(survey: View) -> Any:
    payload = _payload(survey) | {"survey_id": survey["id"]}
    try:
        call("surveys", "submit_response", payload)
    except Invalid as error:
        saved_at, shown = _kept(payload), given(survey)
        if saved_at and payload["instrument_version"] != survey["instrument_version"]:
            # The form speaks an older version's codes; the draft has been carried on.
            shown = call("surveys", "get_draft", {"survey_id": survey["id"]})["answers"]
        return answer_page(survey, shown, saved_at=saved_at, error=error)
    after = f"/surveys/{survey['id']}/thanks"
    return {"next": after} if request.headers.get("X-Autosave") else redirect(after, 303)


def _kept(payload: View) -> str | None:
    """When the answers were saved as a draft; None where even that was refused."""
    try:
        found: str | None = call("surveys", "save_draft", payload)["saved_at"]
    except Invalid:
        return None
    return found


def given(survey: View) -> Answers:
    """What the form said, for showing it again."""
    answers = answers_from(request.form, survey["elements"])
    return {
        code: {name: value for name, value in one.items() if value is not None}
        for code, one in answers.items()
        if one
    }


def _save(survey: View) -> View:
    found: View = call("surveys", "save_draft", _payload(survey), survey_id=survey["id"])
    return found


def payload_of(survey: View, asked: Callable[[int], list[View]]) -> View:
    """The form by the version that it asked: a page left open, or answers kept offline, may be of an older one.

    `asked`: the elements of such a version.
    """
    newest = survey["instrument_version"]
    number = request.form.get("instrument_version", newest, type=int)
    elements = survey["elements"] if number == newest else asked(number)
    return {
        "answers": answers_from(request.form, elements),
        "language": current().language,
        "instrument_version": number,
    }


def _payload(survey: View) -> View:
    def asked(number: int) -> list[View]:
        wanted = {"survey_id": survey["id"], "number": number}
        found: list[View] = call("surveys", "get_instrument_version", wanted)["elements"]
        return found

    return payload_of(survey, asked)


def _switch(survey_id: str) -> Any:
    """Without JavaScript: what is written was saved just before, then the language changes."""
    wanted = "en" if current().language == "fr" else "fr"
    call("identity", "set_language", {"language": wanted})
    response = make_response(redirect(f"/surveys/{survey_id}/answer", 303))
    response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=31_536_000, secure=True, samesite="Lax", path="/")
    return response


@pages.get("/surveys/<survey_id>/thanks")
@signed_in
def thanks(survey_id: str) -> Any:
    """What happens next, and when the results come."""
    survey = _survey(survey_id)
    if survey["mine"]["state"] != "submitted":
        return redirect(f"/surveys/{survey_id}", 303)
    return render("surveys/thanks.html", survey=survey)


@pages.get("/surveys/<survey_id>/mine")
@signed_in
def mine(survey_id: str) -> Any:
    """One's own answers to a survey that keeps the link; an anonymous one has nothing that could be shown."""
    survey, own = _survey(survey_id), call("surveys", "get_own_response", {"survey_id": survey_id})
    return render(
        "surveys/mine.html",
        survey=survey,
        rows=said_rows(survey["elements"], own["answers"], survey["scale"]),
    )


def _survey(survey_id: str) -> View:
    found: View = call("surveys", "get_survey", {"survey_id": survey_id})
    return found


def answer_page(
    survey: View, answers: Answers, *, saved_at: str | None, error: CercleError | None = None
) -> Any:
    """The form. A survey opened by a link has the `address` of its form, and what its logic shows as `preview`."""
    found = faults.faults_of(error, survey["elements"])
    asked = asked_of(survey, answers, current().language, faults.beside(found, survey["elements"]))
    blocks, (done, total) = blocks_of(asked), asked.progress
    rows = [row for block in blocks for row in block.get("pairs", [block.get("row")])]
    return render(
        "surveys/answer.html", 422 if error else 200, survey=survey, blocks=blocks, done=done, total=total,
        saved_at=saved_at, scales=scales_of(survey["scale"]), has_logic=has_logic(survey["elements"]),
        instrument={"elements": survey["elements"], "language": current().language, "answers": dict(answers)},
        summary=faults.summary(found, survey["elements"], {row["code"]: row["number"] for row in rows},
                               {row["code"]: row["text"]["shown"] for row in rows}),
        problem=error_text(error) if error and not found else None,
    )  # fmt: skip


def asked_of(survey: View, answers: Answers, language: str, beside: Mapping[str, str] | None = None) -> Asked:
    """The elements with what these answers make seen; the service applies the conditions."""
    elements = survey["elements"]
    if has_logic(elements) and "preview" in survey:  # opened by a link: see survey_links
        seen, computed = frozenset(survey["preview"]["visible"]), survey["preview"]["computed"]
    elif has_logic(elements):
        payload = {"survey_id": survey["id"], "answers": dict(answers), "language": language}
        found = call("surveys", "preview_instrument", payload)
        seen, computed = frozenset(found["visible"]), found["computed"]
    else:
        seen, computed = frozenset(element["code"] for element in elements), {}
    return Asked(elements, answers, seen, computed, language, beside or {})


def scales_of(scale: View, language: str | None = None) -> View:
    """The two scales for the rating macro, in the reader's language or the one given."""
    language = language or current().language
    return {
        side: {
            "title": i18n.pick(language, scale[side]["label"]),
            "labels": [
                i18n.pick(language, scale[side]["anchors"][str(n)]) for n in range(1, scale["points"] + 1)
            ],
        }
        for side in SIDES
    }


def minutes_of(survey: View) -> int:
    """About how many minutes a survey takes; of a summary only the number of its items is known."""
    if "elements" not in survey:
        return max(1, round(int(survey["items"]) * SECONDS["pair"] / 60))
    return max(1, round(sum(SECONDS.get(element["kind"], QUICK) for element in survey["elements"]) / 60))


def _notice(survey: View, error: CercleError | None = None) -> Any:
    """Why there is nothing to answer: answered already, not open yet, closed, or asked of others."""
    if survey["mine"]["state"] == "submitted":
        kind = "answered"
    elif survey["status"] in ("scheduled", "closed", "draft"):
        kind = survey["status"]
    else:
        kind = "others"
    return render("surveys/notice.html", error.status if error else 200, survey=survey, kind=kind)
