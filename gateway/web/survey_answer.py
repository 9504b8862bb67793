"""Answering a needs survey: the form, its saved draft, sending it, and what comes after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, request

from gateway.auth import LANGUAGE_COOKIE
from gateway.context import call, current
from gateway.web.pages import error_text, flash, render, signed_in
from gateway.web.survey_words import View, chosen, known_ids, say
from shared import i18n
from shared.errors import CercleError, Conflict, Invalid

pages = Blueprint("pages_survey_answer", __name__)
pages.url_value_preprocessor(known_ids)
SIDES = ("importance", "ability")
NA = "na"
Answers = dict[str, dict[str, Any]]


@pages.get("/surveys/<survey_id>/answer")
@signed_in
def answer(survey_id: str) -> Any:
    """The form with the saved draft, or why there is none."""
    survey = _survey(survey_id)
    if not survey["can"]["answer"]:
        return _notice(survey)
    draft = call("surveys", "get_draft", {"survey_id": survey_id})
    return _answer_page(survey, draft["answers"], saved_at=draft["saved_at"])


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
    """Send the answers; or save them for later, or to go on in the other language, where that button was used."""
    survey, action = _survey(survey_id), request.form.get("do", "send")
    try:
        if action == "send":
            return _send(survey)
        _save(survey)
    except Conflict as error:
        return _notice(_survey(survey_id), error)
    if action == "switch":
        return _switch(survey_id)
    flash("success", "surveys.answer.kept")
    return redirect(f"/surveys/{survey_id}", 303)


def _send(survey: View) -> Any:
    given = answers_from(request.form, survey)
    payload = {"survey_id": survey["id"], "answers": given, "language": current().language}
    try:
        call("surveys", "submit_response", payload)
    except Invalid as error:
        kept = call("surveys", "save_draft", payload)
        return _answer_page(survey, given, saved_at=kept["saved_at"], error=error)
    return redirect(f"/surveys/{survey['id']}/thanks", 303)


def _save(survey: View) -> View:
    payload = {"answers": answers_from(request.form, survey), "language": current().language}
    found: View = call("surveys", "save_draft", payload, survey_id=survey["id"])
    return found


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
    """One's own answers to a named survey; an anonymous one has nothing that could be shown."""
    survey, own = _survey(survey_id), call("surveys", "get_own_response", {"survey_id": survey_id})
    rows = [
        {"statement": item["statement"], **own["answers"].get(item["code"], {})} for item in survey["items"]
    ]
    return render("surveys/mine.html", survey=survey, rows=rows)


def answers_from(form: Mapping[str, str], survey: View) -> Answers:
    """The whole form as the service takes it; an answer taken back is None, "not applicable" covers both scales."""
    return {item["code"]: _pair(form, item["id"]) for item in survey["items"]}


def _pair(form: Mapping[str, str], item_id: str) -> dict[str, Any]:
    if form.get(f"na-{item_id}"):
        return dict.fromkeys(SIDES, NA)
    return {side: _point(form.get(f"{side}-{item_id}", "")) for side in SIDES}


def _point(value: str) -> int | str | None:
    """A point of the scale; what is no number goes on as it is, for the service to refuse."""
    return (
        (int(value) if value.isascii() and value.isdigit() and len(value) < 4 else value) if value else None
    )


def _survey(survey_id: str) -> View:
    found: View = call("surveys", "get_survey", {"survey_id": survey_id})
    return found


def _answer_page(
    survey: View, answers: Answers, *, saved_at: str | None, error: CercleError | None = None
) -> Any:
    missing = _missing(error)
    items = [_row(item, answers.get(item["code"], {}), missing) for item in survey["items"]]
    done = sum(_complete(answers.get(item["code"], {})) for item in survey["items"])
    return render(
        "surveys/answer.html", 422 if error else 200, survey=survey, items=items, done=done,
        total=len(items), saved_at=saved_at, scales=scales_of(survey["scale"]), minutes=minutes_of(len(items)),
        summary=_summary(survey, missing),
        problem=error_text(error) if error and not missing else None,
    )  # fmt: skip


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


def minutes_of(items: int) -> int:
    """About fifty seconds for an item: one statement to weigh, two ratings."""
    return max(1, round(items * 5 / 6))


def _complete(pair: Mapping[str, Any]) -> bool:
    return all(pair.get(side) is not None for side in SIDES)


def _missing(error: CercleError | None) -> dict[str, list[str]]:
    """Item code -> the scales without an answer, in the order of the items."""
    found: dict[str, list[str]] = {}
    for problem in error.fields if error else ():
        item, _, side = problem.path.removeprefix("items.").rpartition(".")
        found.setdefault(item, []).append(side)
    return found


def _row(item: View, pair: Mapping[str, Any], missing: Mapping[str, list[str]]) -> View:
    error = _sides(missing[item["code"]]) if item["code"] in missing else ""
    return {
        "id": item["id"],
        "text": chosen(item["statement"]),
        "importance": pair.get("importance"),
        "ability": pair.get("ability"),
        "na": NA in pair.values(),
        "error": error[:1].upper() + error[1:],
    }


def _sides(sides: list[str]) -> str:
    return say(f"surveys.answer.missing.{sides[0] if len(sides) == 1 and sides[0] in SIDES else 'both'}")


def _summary(survey: View, missing: Mapping[str, list[str]]) -> list[dict[str, str]]:
    return [
        {"id": f"{missing[item['code']][0] or SIDES[0]}-{item['id']}",
         "text": say("surveys.answer.problem", n=item["position"], statement=chosen(item["statement"]),
                     what=_sides(missing[item["code"]]))}
        for item in survey["items"]
        if item["code"] in missing
    ]  # fmt: skip


def _notice(survey: View, error: CercleError | None = None) -> Any:
    """Why there is nothing to answer: answered already, not open yet, closed, or asked of others."""
    if survey["mine"]["state"] == "submitted":
        kind = "answered"
    elif survey["status"] in ("scheduled", "closed", "draft"):
        kind = survey["status"]
    else:
        kind = "others"
    return render("surveys/notice.html", error.status if error else 200, survey=survey, kind=kind)
