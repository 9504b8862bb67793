"""The page of a panel: what one is asked now, what the group said, and the live session of a nominal group."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.field_links import beside, summary_of
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.panel_fields import of_session, without_place
from gateway.web.panel_forms import next_deadline
from gateway.web.survey_forms import date_from, local_parts, pair_from
from gateway.web.survey_words import View, known_ids, names_of, say
from gateway.web.votes import whole
from shared import i18n
from shared.errors import CercleError, Conflict, FieldProblem, Invalid

pages = Blueprint("pages_panel_session", __name__)
pages.url_value_preprocessor(known_ids)
STEPS = ("silent", "sharing", "clarify", "vote", "results", "discuss", "revote", "ended")
IDEAS = 5
TOP = 5


@pages.get("/panels/<panel_id>")
@signed_in
def show(panel_id: str) -> Any:
    """The panel as it stands; a draft is shown where it is prepared."""
    panel = _panel(panel_id)
    if panel["phase"] == "draft":
        return redirect(f"/panels/{panel_id}/edit", 303)
    return panel_page(panel)


def _panel(panel_id: str) -> View:
    found: View = call("surveys", "get_panel", {"panel_id": panel_id})
    return found


def panel_page(panel: View, error: CercleError | None = None, typed: View | None = None) -> Any:
    """The page, with what was wrong beside its field."""
    sheet = call("surveys", "get_panel_sheet", {"panel_id": panel["id"]})
    zone = current().time_zone
    template = "panels/delphi.html" if panel["kind"] == "delphi" else "panels/nominal.html"
    results = (
        call("surveys", "get_panel_results", {"panel_id": panel["id"]}) if panel["can"]["results"] else None
    )
    if typed and "closes_at_date" in typed:
        until = date_from(request.form, "closes_at")
    else:
        until = (
            local_parts(panel["closes_at"], zone)
            if panel["can"]["extend"]
            else next_deadline(datetime.now(UTC), zone)
        )
    errors, places = field_errors(error) if error else {}, of_session(panel, sheet, typed or {})
    return render(
        template, error.status if error else 200, panel=panel, sheet=sheet, form=typed or {}, until=until,
        ideas=_ideas(sheet), steps=_steps(panel), points=points_of(panel["scale"]), pulse=pulse_of(panel),
        names=names_of([panel["turn_of"]]), votes=votes_of(results), TOP=TOP,
        shown={item["id"]: item for item in sheet["items"]}, lost=_lost(panel) if error else [],
        errors=errors, beside=beside(errors, places), summary=summary_of(errors, places),
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


def _lost(panel: View) -> list[str]:
    mine = panel["member"] and panel["turn_of"] == str(current().actor.account_id)
    gives = panel["phase"] == "sharing" and (mine or panel["can"]["lead"])
    return without_place(panel, gives, list(request.form.items(multi=True)))


def _ideas(sheet: View) -> list[str]:
    typed = (
        [text for text in request.form.getlist("idea") if text.strip()] if request.method == "POST" else []
    )
    written = typed or [one["text"] for one in sheet["ideas"]]
    return written + [""] * max(1, IDEAS - len(written))


def points_of(scale: int) -> list[str]:
    """The words of a rating scale, from low to high."""
    middle = [str(point) for point in range(2, scale)]
    return [say("panels.scale.low"), *middle, say("panels.scale.high")]


def _steps(panel: View) -> list[View]:
    """The phases of a nominal group, for the stepper."""
    at = STEPS.index(panel["phase"]) if panel["phase"] in STEPS else -1
    return [
        {"text": say(f"panels.phase.{step}"), "state": "done" if n < at else "current" if n == at else "todo"}
        for n, step in enumerate(STEPS)
    ]


def votes_of(results: View | None) -> list[View]:
    """Every counted vote with its ideas in words, for the tables."""
    if results is None or results["kind"] != "nominal-group":
        return []
    items = {item["code"]: item for item in results["items"]}
    return [
        {**vote, "items": [{**one, "statement": items[one["item"]]["statement"], "need_id": items[one["item"]]["need_id"]} for one in vote["items"]]}
        for vote in results["figures"]["votes"]
    ]  # fmt: skip


def pulse_of(panel: View) -> str:
    """What changes when there is something new to see; who leads also sees that somebody has answered."""
    progress = panel["progress"] or {}
    parts = (
        panel["phase"],
        panel["round"],
        panel["turn"],
        panel["items"],
        panel["version"],
        progress.get("answered", ""),
    )
    return ".".join(str(part) for part in parts)


@pages.get("/panels/<panel_id>/pulse")
@signed_in
def pulse(panel_id: str) -> Any:
    """Asked every few seconds by an open page; without script, loading the page again does the same."""
    return {"pulse": pulse_of(_panel(panel_id))}


@pages.post("/panels/<panel_id>/ideas")
@signed_in
def save_ideas(panel_id: str) -> Any:
    """One's own ideas."""
    texts = [text.strip() for text in request.form.getlist("idea") if text.strip()]
    return _answered(panel_id, "save_panel_ideas", {"texts": texts[:10]})


@pages.post("/panels/<panel_id>/ratings")
@signed_in
def save_ratings(panel_id: str) -> Any:
    """What was rated, and what was said."""
    ratings: dict[str, View] = {}
    for name, value in request.form.items():
        part, _, item = name.partition("-")
        if part == "points" and value:
            ratings.setdefault(item, {})["points"] = whole(value)
        elif part == "comment":
            ratings.setdefault(item, {})["comment"] = value.strip() or None
    return _answered(panel_id, "save_ratings", {"ratings": ratings})


def _answered(panel_id: str, method: str, payload: View) -> Any:
    try:
        call("surveys", method, payload, panel_id=panel_id, language=current().language)
    except (Invalid, Conflict) as error:
        if request.headers.get("X-Autosave"):
            raise
        return panel_page(_panel(panel_id), error, request.form.to_dict())
    if request.headers.get("X-Autosave"):
        moment = i18n.clock_time(current().language, datetime.now(UTC), current().time_zone)
        return {"saved": moment, "saved_at_text": moment}
    flash("success", "panels.kept")
    return redirect(f"/panels/{panel_id}", 303)


@pages.post("/panels/<panel_id>/ballot")
@signed_in
def ballot(panel_id: str) -> Any:
    """Give an idea the next points, move it up, or take it off one's ballot: each press is kept at once."""
    chosen: list[str] = call("surveys", "get_panel_sheet", {"panel_id": panel_id})["ballot"]
    verb, _, item = request.form.get("do", "").partition("-")
    if verb == "add" and item not in chosen and len(chosen) < TOP:
        chosen.append(item)
    elif verb == "remove":
        chosen = [one for one in chosen if one != item]
    elif verb == "up" and item in chosen and (at := chosen.index(item)):
        chosen[at - 1], chosen[at] = chosen[at], chosen[at - 1]
    return _moved(panel_id, "save_ballot", {"items": chosen}, "#ballot")


@pages.post("/panels/<panel_id>/<any(turn, phase, time, word, merge):action>")
@signed_in
def act(panel_id: str, action: str) -> Any:
    """The turn, the phase, and the shared list of a nominal group."""
    form, language = request.form, current().language
    do = form.get("do", "")
    if action == "turn" and do == "say" and not form.get("text", "").strip():
        # Nothing said is no pass: that has its own button.
        missing = Invalid(fields=[FieldProblem("text", "missing")])
        return panel_page(_panel(panel_id), missing, form.to_dict())
    payloads: dict[str, tuple[str, View]] = {
        "turn": (
            "take_turn",
            _turn(do, form.get("text", ""), language) | {"turn": form.get("turn", type=int)},
        ),
        "phase": ("advance_panel", {"phase": do, "version": form.get("version", 0, type=int)}),
        "time": ("give_time", {"minutes": 2}),
        "word": (
            "word_panel_item",
            {"item_id": form.get("item", ""), "statement": pair_from(form, "statement")},
        ),
        "merge": ("merge_panel_item", {"item_id": form.get("item", ""), "into_id": form.get("into", "")}),
    }
    method, payload = payloads[action]
    return _moved(panel_id, method, payload)


def _turn(do: str, text: str, language: str) -> View:
    if do == "pass":
        return {"language": language}
    if do.startswith("idea-"):
        return {"idea_id": do.removeprefix("idea-"), "language": language}
    return {"text": text, "language": language}


def _moved(panel_id: str, method: str, payload: View, anchor: str = "") -> Any:
    try:
        call("surveys", method, payload, panel_id=panel_id)
    except (Invalid, Conflict) as error:
        return panel_page(_panel(panel_id), error, request.form.to_dict())
    return redirect(f"/panels/{panel_id}{anchor}", 303)
