"""The results of a closed survey: message, figures, charts with their tables, methods side by side, manifest."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request

from gateway.context import call, current
from gateway.web.charts import Chart, CutLines, NeedRow, quadrant_chart, ranking_chart
from gateway.web.pages import flash, render, signed_in
from gateway.web.survey_figures import Questions, attribute_name, group_names, sheet
from gateway.web.survey_results_parts import (
    agreement_words,
    answers_part,
    figures_of,
    groups_part,
    languages_part,
    weighted_part,
)
from gateway.web.survey_waves import waves_part
from gateway.web.survey_words import (
    View,
    chance_of,
    chosen,
    interval,
    known_ids,
    place,
    say,
    score,
    survey_steps,
)
from shared.errors import Conflict, NotFound

pages = Blueprint("pages_survey_results", __name__)
pages.url_value_preprocessor(known_ids)
METHODS = ("mwds", "rds", "gap", "pni")
MAXDIFF = "maxdiff"
FILES = ("ranking", "quadrant", "tables", "groups", "agreement", "weighted", "languages", "waves")
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
    shown = [row for row in found["items"] if not row["suppressed"]]
    options = found["method"] == MAXDIFF
    ranking, quadrant = (options_chart(found), None) if options else charts(found)
    figures = figures_of(survey["id"])
    more = {"waves": waves_part(None, survey)} if figures is None else _more(survey, found, figures)
    return render(
        "surveys/results.html", survey=survey, results=found, steps=survey_steps(survey, needs),
        ranking=ranking, quadrant=quadrant, needs={need["id"]: need for need in needs}, figures=figures,
        quadrant_first=survey["template_id"] == "importance-performance", options=options,
        top=[row | {"chance_text": chance_of(row["p_top3"]), "place": place(row["rank"], row["tied"])}
             for row in shown if row["rank"] <= TOP],
        hidden=[row for row in found["items"] if row["suppressed"]], rows=[_option(row) for row in shown] if options else [],
        methods=[] if options else [_compared(row, found["agreement"]["disputed"]) for row in shown],
        agreement=[] if options else _agreement(found["agreement"]),
        said=None if options else agreement_words(found),
        counts=[] if options else [_counts(row) for row in shown], **more,
    )  # fmt: skip


def _more(survey: View, found: View, figures: View) -> View:
    questions, by = Questions(survey["elements"]), request.args.get("by")
    answers = answers_part(figures["tables"], questions, figures["numbers"], by)
    waves = waves_part(figures["waves"], survey)
    if found["method"] == MAXDIFF:
        return {"answers": answers, "by": by, "waves": waves}
    groups = groups_part(figures, found, questions, by)
    return {
        "waves": waves, "groups": groups, "by": by or groups.get("by"),
        "answers": answers if by else answers_part(figures["tables"], questions, figures["numbers"], groups.get("by")),
        "weighted": weighted_part(figures["weighted"], found), "languages": languages_part(figures["languages"], questions),
    }  # fmt: skip


def _option(row: View) -> View:
    """One option of a MaxDiff survey: counts, root, logit with its interval."""
    more = row["maxdiff"]
    return {
        "text": chosen(row["statement"]), "place": place(row["rank"], row["tied"]), "best": more["best"],
        "worst": more["worst"], "appearances": more["appearances"], "standard": score("", row["value"]),
        "interval": interval("", row["ci_low"], row["ci_high"]), "chance": chance_of(row["p_top3"]),
        "root": score("", more["root"]), "smoothed": more["smoothed"], "logit": score("", more["logit"]),
        "logit_interval": interval("", more["logit_low"], more["logit_high"]),
    }  # fmt: skip


@pages.get("/surveys/<survey_id>/results/<name>.csv")
@signed_in
def download(survey_id: str, name: str) -> Any:
    """The figures of one chart or table as CSV."""
    found = call("surveys", "get_results", {"survey_id": survey_id})
    if found["status"] == "refused" or name not in FILES:
        raise NotFound
    disposition = f'attachment; filename="cercle-{name}-{found["survey_id"][:8]}.csv"'
    headers = {"Content-Disposition": disposition}
    return Response(_file(found, survey_id, name), mimetype="text/csv", headers=headers)


def _file(found: View, survey_id: str, name: str) -> str:
    if found["method"] != MAXDIFF and name in ("ranking", "quadrant"):
        return dict(zip(("ranking", "quadrant"), charts(found), strict=True))[name].csv
    if name == "quadrant":
        raise NotFound
    return sheet(survey_id, name).csv


@pages.post("/surveys/<survey_id>/summary/<change>")
@signed_in
def change_summary(survey_id: str, change: str) -> Any:
    """The summary made public, or taken back."""
    if change not in ("publish", "withdraw"):
        raise NotFound
    call("surveys", f"{change}_summary", {"survey_id": survey_id})
    flash("success", f"analysis.summary.{change}.done")
    return redirect(
        f"/surveys/{survey_id}/summary" if change == "publish" else f"/surveys/{survey_id}/results#summary",
        303,
    )


@pages.get("/surveys/<survey_id>/summary")
def summary(survey_id: str) -> Any:
    """What anybody may read, signed in or not."""
    found = call("surveys", "get_summary", {"survey_id": survey_id})
    answers = answers_part(found["tables"], Questions(found["elements"]), {"items": []}, None)
    needs = [
        row | {"place": place(row["rank"], row["tied"]), "text": chosen(row["statement"])}
        for row in found["needs"]
    ]
    return render(
        "surveys/summary.html", summary=found, answers=answers, needs=needs, stand=min(3, len(needs)),
        attributes=[
            {"name": attribute_name(entry["name"]),
             "groups": list(zip(group_names(entry["name"], entry["groups"]), entry["groups"], strict=True))}
            for entry in found["tables"]["attributes"] if entry["groups"]
        ],
    )  # fmt: skip


def options_chart(found: View) -> Chart:
    """The options of a MaxDiff survey, most minus least per 100 appearances."""
    rows = [
        NeedRow(
            label=chosen(row["statement"]), rank=row["rank"], value=100 * row["value"], low=100 * row["ci_low"],
            high=100 * row["ci_high"], n=row["n"], p_top=row["p_top3"], importance=0.0, ability=0.0, quadrant="",
            tied=row["tied"],
        )
        for row in found["items"]
    ]  # fmt: skip
    return ranking_chart(rows, lang=current().language, measure="choices")


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
