"""Follow-up pages: the one-minute question, the rule that judges a need, setting it aside, and the next survey."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request

from gateway.context import call, current
from gateway.web.asked_too import evaluation_beside
from gateway.web.charts.model import to_csv
from gateway.web.field_links import summary_of
from gateway.web.needs import loop_page
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.proof_words import CSV_HEAD, rows_for_csv
from gateway.web.survey_forms import pair_from
from gateway.web.survey_words import View, chosen, known_ids, say
from gateway.web.votes import number, whole
from shared.errors import CercleError, Conflict, Invalid, NotFound

pages = Blueprint("pages_follow_up", __name__)
pages.url_value_preprocessor(known_ids)
WAVES = ("before", "after", "30-days", "90-days")
FIELDS = ("importance", "ability", "then_ability")


@pages.get("/needs/<need_id>/follow-up/<wave>")
@signed_in
def question(need_id: str, wave: str) -> Any:
    """One question on two scales; or that it was answered, left out or is over."""
    return _question(need_id, wave, {}, None)


def _question(need_id: str, wave: str, given: View, error: CercleError | None) -> Any:
    asked = call("surveys", "get_follow_up", _where(need_id, wave))
    scale = asked["scale"]
    labels = {
        side: [chosen(scale[side]["anchors"][str(point)]) for point in range(1, scale["points"] + 1)]
        for side in ("importance", "ability")
    }
    errors = field_errors(error) if error else {}
    places = {
        "importance": ("importance", say("proof.ask.importance")),
        "ability": ("ability", say("proof.ask.ability")),
        "then_ability": ("then_ability", say("proof.ask.then_ability")),
    }
    return render(
        "follow_up/question.html", error.status if error else 200, asked=asked, given=given, labels=labels,
        also=evaluation_beside(need_id, wave) if asked["state"] == "answered" else None, errors=errors, summary=summary_of(errors, places), problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


@pages.post("/needs/<need_id>/follow-up/<wave>")
@signed_in
def answer(need_id: str, wave: str) -> Any:
    """Send it. Without the form's key: nothing may be remembered that ties a person to an answer."""
    context, where = current(), _where(need_id, wave)
    given = {name: read(request.form.get(name)) for name in FIELDS if request.form.get(name)}
    try:
        context.bus.call("surveys", "answer_follow_up", where | given, actor=context.actor)
    except Invalid as error:
        return _question(need_id, wave, given, error)
    except Conflict:
        return redirect(f"/needs/{need_id}/follow-up/{wave}", 303)
    flash("success", "proof.ask.thanks")
    more = f"/follow-up/{wave}" if evaluation_beside(need_id, wave) else ""
    return redirect(f"/needs/{need_id}{more}", 303)


def read(text: str | None) -> int | str | None:
    """A point of the scale, or as it was sent."""
    return whole(text) if text else text


@pages.post("/needs/<need_id>/follow-up/<wave>/decline")
@signed_in
def decline(need_id: str, wave: str) -> Any:
    """Leave it out, and what would come later."""
    try:
        call("surveys", "decline_follow_up", _where(need_id, wave))
    except Conflict:
        return redirect(f"/needs/{need_id}/follow-up/{wave}", 303)
    flash("info", "proof.ask.declined")
    return redirect("/", 303)


def _where(need_id: str, wave: str) -> View:
    if wave not in WAVES:
        raise NotFound
    return {"need_id": need_id, "wave": wave}


@pages.get("/needs/<need_id>/waves.csv")
@signed_in
def waves_csv(need_id: str) -> Response:
    """Every wave with its figures."""
    loop = call("surveys", "get_loop", {"need_id": need_id})
    headers = {"Content-Disposition": 'attachment; filename="waves.csv"'}
    return Response(to_csv(CSV_HEAD, rows_for_csv(loop)), mimetype="text/csv", headers=headers)


@pages.post("/needs/<need_id>/rule")
@signed_in
def set_rule(need_id: str) -> Any:
    """The gap that still counts as met, before anything is measured."""
    typed = request.form.get("gap_left", "")
    try:
        call("surveys", "set_verdict_rule", {"need_id": need_id, "gap_left": number(typed)})
    except (Invalid, Conflict) as error:
        return loop_page(need_id, {"gap_left": typed}, error)
    flash("success", "proof.rule.saved")
    return redirect(f"/needs/{need_id}#met", 303)


@pages.post("/needs/<need_id>/supersede")
@signed_in
def supersede(need_id: str) -> Any:
    """Set a need aside, with the reason."""
    typed = {"reason": pair_from(request.form, "reason")}
    try:
        call("surveys", "supersede_need", typed, need_id=need_id)
    except (Invalid, Conflict) as error:
        return loop_page(need_id, typed, error)
    flash("success", "proof.supersede.done")
    return redirect(f"/needs/{need_id}#met", 303)


@pages.post("/programme/carry-over")
@signed_in
def carry_over() -> Any:
    """A draft survey with what was not met."""
    try:
        made = call("surveys", "carry_needs_over", {})
    except Conflict:
        flash("info", "proof.carry.none")
        return redirect("/programme", 303)
    flash("success", "proof.carry.made")
    return redirect(f"/surveys/{made['id']}/edit", 303)
