"""The results of a closed survey: message, figures, charts with their tables, methods side by side, manifest."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from gateway.context import call, current
from gateway.web.charts import Chart, CutLines, NeedRow, quadrant_chart, ranking_chart
from gateway.web.pages import render, signed_in
from gateway.web.survey_words import View, chance_of, chosen, known_ids, say, score, survey_steps
from shared.errors import Conflict, NotFound

pages = Blueprint("pages_survey_results", __name__)
pages.url_value_preprocessor(known_ids)
METHODS = ("mwds", "rds", "gap", "pni")
TOP = 5
SMALLEST = 5
WAITING = {"results-after-closing": "open", "ranking-pending": "pending"}


@pages.get("/surveys/<survey_id>/results")
@signed_in
def results(survey_id: str) -> Any:
    """The figures; before closing, below five answers or while ranking, why there are none and what to do."""
    survey = call("surveys", "get_survey", {"survey_id": survey_id})
    try:
        found = call("surveys", "get_results", {"survey_id": survey_id})
    except Conflict as error:
        if error.code not in WAITING:
            raise
        return render("surveys/no_results.html", survey=survey, kind=WAITING[error.code], results=None)
    if found["status"] == "refused":
        return render("surveys/no_results.html", survey=survey, kind="refused", results=found)
    return _page(survey, found)


def _page(survey: View, found: View) -> Any:
    needs = call("surveys", "list_needs", {"survey_id": survey["id"], "limit": 200})["items"]
    ranking, quadrant = charts(found)
    shown = [row for row in found["items"] if not row["suppressed"]]
    by_id = {need["id"]: need for need in needs}
    return render(
        "surveys/results.html", survey=survey, results=found, steps=survey_steps(survey, needs),
        ranking=ranking, quadrant=quadrant, needs=by_id,
        top=[row | {"chance_text": chance_of(row["p_top3"])} for row in shown if row["rank"] <= TOP],
        hidden=[row for row in found["items"] if row["suppressed"]],
        methods=[_compared(row, found["agreement"]["disputed"]) for row in shown],
        agreement=_agreement(found["agreement"]), counts=[_counts(row) for row in shown],
    )  # fmt: skip


@pages.get("/surveys/<survey_id>/results/<name>.csv")
@signed_in
def download(survey_id: str, name: str) -> Any:
    """The figures of one chart as CSV."""
    found = call("surveys", "get_results", {"survey_id": survey_id})
    if name not in ("ranking", "quadrant") or found["status"] == "refused":
        raise NotFound
    chart = dict(zip(("ranking", "quadrant"), charts(found), strict=True))[name]
    disposition = f'attachment; filename="cercle-{name}-{found["survey_id"][:8]}.csv"'
    return Response(chart.csv, mimetype="text/csv", headers={"Content-Disposition": disposition})


def charts(found: View) -> tuple[Chart, Chart]:
    """Ranking and quadrant, both by MWDS: the one score whose axis the ranking chart names."""
    language, rows = current().language, need_rows(found)
    cuts = CutLines(
        found["cuts"]["importance"], found["cuts"]["ability"], found["cuts"]["rule"], found["scale"]["points"]
    )
    return ranking_chart(rows, lang=language), quadrant_chart(rows, cuts, lang=language)


def need_rows(found: View) -> list[NeedRow]:
    """Chart rows by MWDS rank, suppressed needs left out."""
    shown = sorted(
        (row for row in found["items"] if not row["suppressed"]), key=lambda row: row["mwds"]["rank"]
    )
    ranks = [row["mwds"]["rank"] for row in shown]
    return [_row(row, ranks.count(row["mwds"]["rank"]) > 1) for row in shown]


def _row(row: View, tied: bool) -> NeedRow:
    figure = row["mwds"]
    return NeedRow(
        label=chosen(row["statement"]), rank=figure["rank"], value=figure["value"], low=figure["low"],
        high=figure["high"], n=row["n"], p_top=figure["p_top"], importance=row["mean_importance"],
        ability=row["mean_ability"], quadrant=row["quadrant"], tied=tied, rds=row["rds"]["value"],
    )  # fmt: skip


def _compared(row: View, disputed: list[str]) -> View:
    figures = {
        method: {"rank": row[method]["rank"], "value": score(method, row[method]["value"])}
        for method in METHODS
    }
    return {
        "need_id": row["need_id"], "statement": row["statement"], "figures": figures, "disputed": row["code"] in disputed,
    }  # fmt: skip


def _agreement(agreement: View) -> list[tuple[str, str]]:
    """Kendall's W over the methods, then Spearman's rho of each pair; a dash where there is none."""
    pairs = [
        (say("surveys.results.agreement.pair", first=_name(first), second=_name(second)), score("", value))
        for pair, value in agreement["spearman"].items()
        for first, second in (pair.split("~"),)
    ]
    return [(say("surveys.results.agreement.w"), score("", agreement["kendall_w"])), *pairs]


def _name(method: str) -> str:
    return say(f"surveys.method.{method}.short")


def _counts(row: View) -> View:
    """How many rate their ability below, level with or above importance. One small group would be found by
    subtraction from n, so the three are shown together or not at all.
    """
    counts = [row["rds"][side] for side in ("negative", "tied", "positive")]
    shown = all(count is not None and count >= SMALLEST for count in counts)
    return {"statement": row["statement"], "n": row["n"], "counts": counts if shown else None}
