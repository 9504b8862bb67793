"""The results of a panel: its message, the items across rounds with a table, a CSV and words for the drawing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from markupsafe import Markup

from gateway.context import call, current
from gateway.web.charts.model import host
from gateway.web.charts.rounds_option import Item, Round, option
from gateway.web.pages import render, signed_in
from gateway.web.panel_session import votes_of
from gateway.web.survey_words import View, chosen, counted, known_ids, say
from shared import i18n
from shared.errors import Conflict

pages = Blueprint("pages_panel_results", __name__)
pages.url_value_preprocessor(known_ids)
STATES = ("consensus", "agreement", "stable-dissensus", "open")


@pages.get("/panels/<panel_id>/results")
@signed_in
def results(panel_id: str) -> Any:
    """The figures, or why there are none yet."""
    panel = call("surveys", "get_panel", {"panel_id": panel_id})
    try:
        found = call("surveys", "get_panel_results", {"panel_id": panel_id})
    except Conflict:
        return render("panels/no_results.html", panel=panel)
    if found["kind"] != "delphi":
        return render("panels/votes.html", panel=panel, results=found, votes=votes_of(found))
    rows = rows_of(found)
    return render(
        "panels/results.html", panel=panel, results=found, rows=rows, table=table_of(rows), title=title_of(rows),
        alt=" ".join(_sentence(row) for row in rows), rounds=_rounds(found), live=_live(rows, found),
    )  # fmt: skip


@pages.get("/panels/<panel_id>/results.csv")
@signed_in
def results_csv(panel_id: str) -> Any:
    """The table as a file."""
    found = call("surveys", "get_panel_results", {"panel_id": panel_id})
    if found["kind"] == "delphi":
        head, lines = table_of(rows_of(found))
    else:
        head, lines = votes_table(found)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([[_safe(cell) for cell in line] for line in lines])
    disposition = f'attachment; filename="cercle-panel-{panel_id[:8]}.csv"'
    return Response(
        "\ufeff" + out.getvalue(), mimetype="text/csv", headers={"Content-Disposition": disposition}
    )


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t") else cell


def rows_of(found: View) -> list[View]:
    """Every item with its rounds, consensus first; a suppressed item says so."""
    items = {item["code"]: item for item in found["items"]}
    rounds: dict[str, list[View]] = {}
    for one in found["figures"]["rounds"]:
        for item in one["items"]:
            rounds.setdefault(item["item"], []).append({**item, "number": one["number"]})
    rows = [
        {**items[code], "rounds": seen, "last": next((one for one in reversed(seen) if not one["suppressed"]), None)}
        for code, seen in rounds.items()
    ]  # fmt: skip
    return sorted(rows, key=_order)


def _order(row: View) -> tuple[int, float, str]:
    last = row["last"]
    if last is None:
        return len(STATES), 0.0, row["code"]
    return STATES.index(last["state"]), -last["median"], row["code"]


def title_of(rows: list[View]) -> str:
    """What the panel says in one sentence."""
    agreed = sum(row["last"] is not None and row["last"]["state"] == "consensus" for row in rows)
    if not agreed:
        return say("panels.results.no_consensus")
    return counted("panels.results.consensus", agreed, total=len(rows))


def _figure(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else i18n.number(current().language, value, digits)


def _share(value: float | None) -> str:
    return "–" if value is None else i18n.percent(current().language, value)


def table_of(rows: list[View]) -> tuple[list[str], list[list[str]]]:
    """Head and lines: one line per item and round."""
    names = ("item", "round", "n", "median", "iqr", "agreement", "moved", "cv_change", "state")
    lines = [
        [
            chosen(row["statement"]), str(one["number"]), *(["–"] * 6 if one["suppressed"] else [
                str(one["n"]), _figure(one["median"]), _figure(one["iqr"], 2), _share(one["agreement"]),
                _share(one["moved"]), _figure(one["cv_change"], 3),
            ]),
            say("surveys.figure.suppressed") if one["suppressed"] else say(f"panels.state.{one['state']}"),
        ]
        for row in rows
        for one in row["rounds"]
    ]  # fmt: skip
    return [say(f"panels.col.{name}") for name in names], lines


def votes_table(found: View) -> tuple[list[str], list[list[str]]]:
    """Head and lines: one line per vote and idea."""
    names = ("vote", "item", "rank", "points", "votes", "polarised")
    lines = [
        [str(vote["vote"]), chosen(one["statement"]), str(one["rank"]), str(one["points"]), str(one["votes"]),
         say("panels.polarised") if one["polarised"] else ""]
        for vote in votes_of(found)
        for one in vote["items"]
    ]  # fmt: skip
    return [say(f"panels.col.{name}") for name in names], lines


def _sentence(row: View) -> str:
    """An item of the drawing in words."""
    last = row["last"]
    if last is None:
        return ""
    return say(
        "panels.alt", item=chosen(row["statement"]), median=_figure(last["median"]), low=_figure(last["q1"]),
        high=_figure(last["q3"]), state=say(f"panels.state.{last['state']}"),
    )  # fmt: skip


def _live(rows: list[View], found: View) -> Callable[[str], Markup]:
    """Makes the drawing a live chart: a function of its HTML, for the template."""
    band = (found["rule"]["band"][0], found["rule"]["band"][1])
    shown = option([_item(row) for row in rows], found["scale"], band, current().language)
    alt = f"{say('panels.results.chart')}. {say('panels.results.chart.sub', low=band[0], high=band[1])}"
    return lambda drawing: Markup(host(drawing, shown, alt, current().language))  # noqa: S704 escaped by Jinja and host


def _item(row: View) -> Item:
    state = row["last"]["state"] if row["last"] else ""
    kinds = dict.fromkeys(source["kind"] for source in row["sources"])
    return Item(
        statement=chosen(row["statement"]),
        state=state,
        state_words=say(f"panels.state.{state}") if state else "",
        source=", ".join(say(f"panels.source.kind.{kind}") for kind in kinds),
        rounds=tuple(_round(one) for one in row["rounds"]),
    )


def _round(one: View) -> Round:
    name = say("panels.figure.round", number=one["number"])
    if one["suppressed"]:
        return Round(name, None, say("surveys.figure.suppressed"))
    median, low, high = (_figure(one[key]) for key in ("median", "q1", "q3"))
    iqr = _figure(one["iqr"], 2)
    said = (
        say("panels.tip.median", median=median, low=low, high=high),
        say("panels.figure.iqr", iqr=iqr),
        say("panels.tip.agreement", share=_share(one["agreement"])),
        counted("panels.tip.people", one["n"]),
        say(f"panels.state.{one['state']}"),
    )
    return Round(name, (one["q1"], one["median"], one["q3"]), f"{median} ({iqr})", said)


def _rounds(found: View) -> list[View]:
    """The panel in each round: who answered, who stayed, how concordant."""
    judged = {one["number"]: one for one in found["figures"]["rounds"]}
    return [
        {
            **one,
            "judged": judged.get(one["number"]),
            "share": one["answered"] / found["people"] if one["answered"] and found["people"] else None,
        }
        for one in found["rounds"]
    ]
