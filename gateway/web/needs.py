"""What the community asked for: the ranked needs, the loop of one need, and opening a proposal from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.proof_words import newest, points, signed, waves_of
from gateway.web.proposal_forms import blank, payload_of, typed_from
from gateway.web.survey_answer import minutes_of
from gateway.web.survey_words import (
    STATUSES,
    View,
    chance_of,
    chosen,
    course_href,
    interval,
    known_ids,
    loop_steps,
    names_of,
    say,
    source_of,
)
from gateway.web.survey_words import place as place_of
from gateway.web.survey_words import score as score_of
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Conflict, Forbidden, Invalid

pages = Blueprint("pages_needs", __name__)
pages.url_value_preprocessor(known_ids)
CHIPS = 6


@pages.get("/needs")
@signed_in
def list_needs() -> Any:
    """Ranked needs across surveys; on top, the surveys to answer and, for coordinators, those under way."""
    filters = chosen_filters()
    cursor = request.args.get("cursor")
    found = call("surveys", "list_needs", filters | ({"cursor": cursor} if cursor else {}))
    surveys = call("surveys", "list_surveys", {"limit": 50})["items"]
    home = call("surveys", "home")
    return render(
        "needs/list.html", groups=by_source(found["items"]), axes=axes_of(found["items"]),
        asked=[survey | {"minutes": minutes_of(survey)} for survey in home["surveys"]],
        under_way=_under_way(surveys) if _coordinates() else [],
        chips=filter_chips("/needs", filters, surveys), filters=filters,
        more=address("/needs", filters | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None,
    )  # fmt: skip


def _under_way(surveys: list[View]) -> list[View]:
    """What is running before what is only drafted, each newest first."""
    return [
        survey
        for status in ("open", "scheduled", "draft")
        for survey in surveys
        if survey["status"] == status
    ]


def by_source(needs: list[View]) -> list[View]:
    """Needs under their survey or panel, the latest first: ranks and scores compare within a source, not across."""
    groups: dict[str, View] = {}
    for need in needs:
        source = source_of(need)
        names = ("method", "indicative", "ranked_at", "source_type")
        group = groups.setdefault(
            need["survey_id"] or need["panel_id"] or "board",
            {name: need[name] for name in names} | {"source": source, "needs": []},
        )
        group["needs"].append(row_of(need))
    return sorted(groups.values(), key=lambda group: str(group["ranked_at"]), reverse=True)


def chosen_filters() -> dict[str, str]:
    """The filters in the address that make sense; an unknown status is no filter."""
    status, survey = request.args.get("status", ""), request.args.get("survey", "")
    filters = {"status": status if status in STATUSES else "", "survey_id": survey}
    return {name: value for name, value in filters.items() if value}


def address(base: str, filters: dict[str, str]) -> str:
    """The page with its filters."""
    names = {"survey_id": "survey"}
    query = urlencode({names.get(name, name): value for name, value in filters.items() if value})
    return f"{base}?{query}" if query else base


def filter_chips(base: str, filters: dict[str, str], surveys: list[View]) -> dict[str, list[View]]:
    """Chips by status and by survey, each the address with that one filter changed."""
    closed = [survey for survey in surveys if survey["status"] == "closed"][:CHIPS]
    values = {
        "status": [
            ("", say("surveys.filter.any_status")),
            *((s, say(f"surveys.status.{s}")) for s in STATUSES),
        ],
        "survey_id": [
            ("", say("surveys.filter.any_survey")),
            *((s["id"], chosen(s["title"])) for s in closed),
        ],
    }
    return {
        name: [
            {
                "text": text,
                "href": address(base, filters | {name: value}),
                "current": filters.get(name, "") == value,
            }
            for value, text in options
        ]
        for name, options in values.items()
        if len(options) > 2
    }


def row_of(need: View) -> View:
    """A need as a row: its figures formatted, its own numbers kept for the drawing."""
    metric, method = need["metric"], need["method"]
    return need | {
        "source": source_of(need),
        "place": place_of(need["rank"], need["tied"]),
        "value_text": score_of(method, metric["value"]),
        "chance_text": chance_of(metric["p_top3"]),
        "interval_text": interval(method, metric["ci_low"], metric["ci_high"]),
    }


def axes_of(needs: list[View]) -> dict[str, tuple[float, float]]:
    """By method the span of all shown intervals and of zero, so that rows of one method share an axis."""
    axes: dict[str, tuple[float, float]] = {}
    for need in needs:
        metric = need["metric"]
        if metric["ci_low"] is None:
            continue
        low, high = axes.get(need["method"], (0.0, 0.0))
        axes[need["method"]] = (min(low, metric["ci_low"]), max(high, metric["ci_high"]))
    return axes


@pages.get("/needs/<need_id>")
@signed_in
def show(need_id: str) -> Any:
    """The loop of one need, from the first figures to whether it was met."""
    return loop_page(need_id)


def loop_page(need_id: str, typed: View | None = None, error: CercleError | None = None) -> Any:
    """The page, or the page again with what could not be saved of its rule or of setting it aside."""
    loop = call("surveys", "get_loop", {"need_id": need_id})
    said = loop["follow_up"]["verdict"] or {}
    people = [loop["proposal"]["opened_by"]] if loop["proposal"] else []
    people += [loop["decision"]["decided_by"]] if loop["decision"] else []
    people += [said.get("decided_by"), loop["follow_up"]["rule"]["set_by"]]
    return render(
        "needs/loop.html", error.status if error else 200, loop=loop, need=row_of(loop["need"]),
        steps=loop_steps(loop), names=names_of(people), course_href=course_href(loop["course"]),
        axes=axes_of([loop["need"]]), waves=waves_of(loop), newest=newest(loop), points=points, signed=signed,
        form=typed or {}, errors=field_errors(error) if error else {},
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


@pages.get("/needs/<need_id>/proposals/new")
@signed_in
def new_proposal(need_id: str) -> Any:
    """The form of a proposal."""
    return _proposal_page(_need_for_proposal(need_id), blank())


@pages.post("/needs/<need_id>/proposals/new")
@signed_in
def open_proposal(need_id: str) -> Any:
    """Open it; what was written comes back if it cannot be opened."""
    typed = typed_from(request.form)
    try:
        made = call("surveys", "open_proposal", payload_of(typed), need_id=need_id)
    except (Invalid, Conflict) as error:
        return _proposal_page(_need_for_proposal(need_id), typed, error)
    flash("success", "surveys.proposal.opened_now")
    return redirect(f"/proposals/{made['id']}", 303)


def _need_for_proposal(need_id: str) -> View:
    need: View = call("surveys", "get_need", {"need_id": need_id})
    if not _coordinates():
        raise Forbidden
    return need


def _proposal_page(need: View, typed: View, error: CercleError | None = None) -> Any:
    return render(
        "proposals/form.html", error.status if error else 200, need=row_of(need), proposal=None, form=typed,
        errors=field_errors(error) if error else {}, problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


def _coordinates() -> bool:
    return current().actor.has(COORDINATOR, ADMIN)
