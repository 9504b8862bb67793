"""What a coordinator sees and does while answers come in: coverage, people with a draft, reminders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect

from gateway.context import call, current
from gateway.web.charts import Chart, Table
from gateway.web.charts.shares import Share, shares_chart
from gateway.web.pages import error_text, flash, is_fragment, render, signed_in
from gateway.web.survey_audience import values_in_words
from gateway.web.survey_words import View, counted, known_ids, say
from shared import i18n
from shared.errors import Conflict, NotFound

pages = Blueprint("pages_survey_collecting", __name__)
pages.url_value_preprocessor(known_ids)
KINDS = ("province", "sector", "language", "role")


@pages.app_template_global()
def collecting_now(survey: View) -> View:
    """For the survey's page: coverage and reminders."""
    of = {"survey_id": survey["id"]}
    return {
        "coverage": call("surveys", "get_coverage", of),
        "reminders": call("surveys", "get_reminders", of),
    }


@pages.app_template_global()
def silent_words(coverage: View) -> list[tuple[str, str]]:
    """Kind and names of the values without any answer."""
    return [
        (kind, say("collecting.coverage.join").join(values_in_words(kind, values)))
        for kind, values in coverage["silent"].items()
        if values
    ]


@pages.get("/surveys/<survey_id>/coverage")
@signed_in
def coverage(survey_id: str) -> Any:
    """Who answered so far; asked for again every half minute while the survey is open."""
    found = call("surveys", "get_coverage", {"survey_id": survey_id})
    if is_fragment():
        return render("surveys/_coverage.html", 200 if found["status"] == "open" else 286, coverage=found)
    survey = call("surveys", "get_survey", {"survey_id": survey_id})
    charts = {kind: _chart(found, kind) for kind in KINDS if found["by"].get(kind)}
    return render("surveys/coverage.html", survey=survey, coverage=found, charts=charts)


@pages.get("/surveys/<survey_id>/coverage/<name>.csv")
@signed_in
def coverage_csv(survey_id: str, name: str) -> Any:
    """One of the tables."""
    found = call("surveys", "get_coverage", {"survey_id": survey_id})
    if not found["by"].get(name):
        raise NotFound
    disposition = f'attachment; filename="cercle-coverage-{name}-{survey_id[:8]}.csv"'
    return Response(
        _chart(found, name).csv, mimetype="text/csv", headers={"Content-Disposition": disposition}
    )


@pages.post("/surveys/<survey_id>/remind")
@signed_in
def remind(survey_id: str) -> Any:
    """Remind those who have not answered."""
    try:
        told = call("surveys", "remind", {"survey_id": survey_id})
    except Conflict as error:
        survey = call("surveys", "get_survey", {"survey_id": survey_id})
        return render("surveys/not_reminded.html", error.status, survey=survey, problem=error_text(error))
    reached = next(one["reached"] for one in reversed(told["items"]) if one["sent_at"])
    flash("success", "collecting.remind.done", count=reached)
    return redirect(f"/surveys/{survey_id}", 303)


def _chart(found: View, kind: str) -> Chart:
    """The chart of one kind, with its table."""
    rows = found["by"][kind]
    shown = [row for row in rows if row["answered"] is not None and row["invited"]]
    labels = [_label(kind, row["value"]) for row in rows]
    title = say(f"collecting.coverage.title.{kind}")
    head = tuple(say(f"collecting.coverage.{name}") for name in ("value", "invited", "answered", "rate"))
    cells = tuple(
        (label, _number(row["invited"]), _number(row["answered"]), _rate(row))
        for label, row in zip(labels, rows, strict=True)
    )
    return shares_chart(
        [
            Share(label, _share(row), _figure(row), _words(row))
            for label, row in zip(labels, rows, strict=True)
        ],
        Table(title, head, cells),
        sub=counted("collecting.coverage.of", found["responses"]),
        alt=say("collecting.coverage.alt", title=title, text=_said(kind, shown)),
        lang=current().language,
        ident=kind,
    )


def _label(kind: str, value: str) -> str:
    if value in ("link", "unsaid"):
        return say(f"collecting.coverage.{value}")
    return values_in_words(kind, [value])[0]


def _said(kind: str, shown: list[View]) -> str:
    parts = [
        say("collecting.coverage.said", name=_label(kind, row["value"]), answered=row["answered"],
            invited=row["invited"])
        for row in shown
    ]  # fmt: skip
    return say("collecting.coverage.join").join(parts) or say("collecting.coverage.nothing")


def _share(row: View) -> float | None:
    if row["answered"] is None or not row["invited"]:
        return None
    return min(1.0, float(row["answered"]) / float(row["invited"]))


def _figure(row: View) -> str:
    if row["answered"] is None:
        return say("collecting.coverage.not_shown")
    return say("collecting.coverage.figure", answered=row["answered"], invited=_number(row["invited"]))


def _words(row: View) -> str:
    """The figures of a bar in words; nothing for a hidden one."""
    if _share(row) is None:
        return ""
    return say("collecting.coverage.tip", answered=row["answered"], invited=row["invited"], rate=_rate(row))


def _rate(row: View) -> str:
    share = _share(row)
    return "–" if share is None else i18n.percent(current().language, share, 0)


def _number(value: int | None) -> str:
    return say("collecting.coverage.not_shown") if value is None else str(value)
