"""The live forms of gaps by group, changes, shares and Delphi rounds: they say what the drawing says, and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gateway.web.charts import (
    ChangeRow,
    Chart,
    GroupCell,
    GroupRow,
    Table,
    changes_chart,
    groups_chart,
)
from gateway.web.charts.rounds_option import Item, Round
from gateway.web.charts.rounds_option import option as rounds_option
from gateway.web.charts.shares import Share, shares_chart
from gateway.web.charts.text import signed, tick_digits

Option = dict[str, Any]
ROOT = Path(__file__).parents[3]
LONG = "Évaluer les facteurs de risque et de protection à l’aide d’un outil structuré, " * 3
EVIL = "</script>{v|x}<img src=x onerror=alert(1)>"
APART, LIKE = GroupCell(3.125, 2.5, 3.75, 12), GroupCell(1.25, 0.5, 2.0, 18)
GAPS = [GroupRow("Écouter", 1.5, (LIKE, APART)), GroupRow(LONG, 1.0, (None, LIKE))]
GROUPS = ["Québec (18)", "Ontario (12)"]
MOVES = [
    ChangeRow("Écouter", 2.0, 1.0, -1.0, -1.5, -0.5, 24, 20, -0.8, paired=False),
    ChangeRow(LONG, 1.0, 1.25, 0.25, -0.25, 0.75, 24, 20, None, paired=True),
]
SHARES = [
    Share("Ontario", 0.75, "6 sur 8", "Ont répondu\u00a0: 6 sur 8 (75\u00a0%)"),
    Share("Yukon", None, "caché"),
]
SHOWN = Round("Tour 2", (6.5, 7.0, 8.0), "7,0 (1,50)", ("Médiane 7,0", "12 personnes l’ont coté"))
HIDDEN = Round("Tour 1", None, "Trop peu de réponses")
ITEMS = [
    Item("Écouter", "consensus", "Consensus", "Du tableau", (HIDDEN, SHOWN)),
    Item(LONG, "stable-dissensus", "Désaccord stable", "", (SHOWN,)),
    Item("Écrire", "", "", "", (HIDDEN,)),
]


def shares(rows: list[Share]) -> Chart:
    table = Table("Réponses", ("Groupe", "Réponses"), tuple((row.label, row.figure) for row in rows))
    return shares_chart(rows, table, sub="", alt="", lang="fr", ident="s")


def options(lang: str = "fr") -> list[Option]:
    return [
        groups_chart(GAPS, GROUPS, lang=lang).option,
        changes_chart(MOVES, lang=lang).option,
        shares(SHARES).option,
        rounds_option(ITEMS, 9, (7, 9), lang),
    ]


def stops(option: Option) -> list[dict[str, Any]]:
    """The points that the arrow keys walk, series by series."""
    points = option["cercle"]["points"]
    chosen = points if isinstance(points, list) else [points]
    return [point for at in chosen for point in option["series"][at]["data"]]


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_options_are_plain_json_without_html_and_with_colours_of_the_tokens(lang: str) -> None:
    known = (ROOT / "gateway/web/static/css/tokens.css").read_text()
    for option in options(lang):
        assert json.loads(json.dumps(option)) == option
        assert option["tooltip"]["renderMode"] == "richText"
        assert option["cercle"]["height"] > 0
        tokens = {match for text in strings(option) for match in re.findall(r"var\((--[\w-]+)", text)}
        assert tokens
        assert not [token for token in tokens if f"{token}:" not in known]
        assert not [
            text for text in strings(option) if re.search(r"#[0-9a-f]{3,8}\b", text) and "var(" not in text
        ]


def test_words_cannot_break_out_of_the_page_or_open_rich_text() -> None:
    charts = [
        groups_chart([replace(GAPS[0], label=EVIL)], [EVIL, "b"], lang="en"),
        changes_chart([replace(MOVES[0], label=EVIL)], lang="en"),
        shares([replace(SHARES[0], label=EVIL, said=EVIL)]),
    ]
    for chart in charts:
        body = chart.markup.partition('<script type="application/json">')[2]
        assert json.loads(body.partition("</script>")[0]) == chart.option
        assert "<img" not in chart.markup
        labels = [
            text for axis in chart.option["yAxis"] if "rich" in axis["axisLabel"] for text in axis["data"]
        ]
        assert labels
        assert not [text for text in labels if "{v|x}" in text]
    said = rounds_option([replace(ITEMS[0], statement=EVIL)], 9, (7, 9), "en")
    assert not [
        point
        for one in [*(chart.option for chart in charts), said]
        for point in stops(one)
        if "{" in point["name"]
    ]


def test_gaps_stand_where_the_table_has_them() -> None:
    option = groups_chart(GAPS, GROUPS, lang="fr").option
    assert option["cercle"]["points"] == [2, 5]
    first, second = (option["series"][at] for at in (2, 5))
    assert [point["value"] for point in first["data"]] == [[1.25, 0]]
    assert [point["value"] for point in second["data"]] == [[3.125, 0], [1.25, 1]]
    assert [point["itemStyle"]["color"].startswith("var(--voice") for point in second["data"]] == [
        True,
        False,
    ]
    assert [bar["value"] for bar in option["series"][3]["data"]] == [[2.5, 3.75, 0], [0.5, 2.0, 1]]
    assert [point["value"] for point in option["series"][4]["data"]] == [[1.5, 0], [1.0, 1]]
    assert [axis["name"] for axis in option["yAxis"][:2]] == GROUPS
    assert [grid["across"] for grid in option["grid"]] == [[0, 0.5], [0.5, 1.0]]


def test_only_the_first_groups_have_a_panel() -> None:
    cells = (LIKE, LIKE, LIKE, LIKE, GroupCell(4.4444, 4.0, 5.0, 31))
    chart = groups_chart([GroupRow("Écouter", 1.5, cells)], list("abcde"), lang="en")
    assert len(chart.option["grid"]) == 4
    assert "4.44" in str(chart.table.rows)
    assert "4.44" not in json.dumps(chart.option)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", ("Écouter\nOntario (12)\nÉcart 3,12 (intervalle à 95\u00a0% de 2,50 à 3,75)\n"
               "Écart de l’ensemble\u00a0: 1,50\n12 réponses\nSe distingue de l’ensemble")),
        ("en", ("Écouter\nOntario (12)\nGap 3.12 (95% interval 2.50 to 3.75)\nGap over everyone: 1.50\n12 answers\n"
               "Stands apart from the whole")),
    ],
)  # fmt: skip
def test_a_gap_says_its_group_and_figures(lang: str, said: str) -> None:
    assert stops(groups_chart(GAPS, GROUPS, lang=lang).option)[1]["name"] == said


def test_the_whole_statement_is_in_the_tooltip() -> None:
    gaps, moves, _, rounds = options()
    for option in (gaps, moves, rounds):
        assert [point for point in stops(option) if " ".join(point["name"].split()).startswith(LONG.strip())]


def test_a_hidden_gap_has_its_word_and_no_figure() -> None:
    """Whatever the option holds of a cell stands in the table too; of a hidden one there is nothing to hold."""
    for rows in (GAPS, [GroupRow("Écouter", 1.5, (None, None))]):
        chart = groups_chart(rows, GROUPS, lang="en")
        shown = [row for row in chart.table.rows if row[2] != "hidden"]
        assert len(stops(chart.option)) == len(shown) < len(chart.table.rows)
        for at, axis in enumerate(chart.option["yAxis"][: len(GROUPS)]):
            marked = {
                one["value"][-1]
                for series in chart.option["series"][3 * at : 3 * at + 3]
                for one in series["data"]
            }
            hidden = {row for row, word in enumerate(axis["data"]) if word == "hidden"}
            assert marked | hidden == set(range(len(rows)))
            assert not marked & hidden
        known = {cell for row in shown for cell in row[2:]} | {"1.50", "1.00", "95"}
        said = "\n".join(line for point in stops(chart.option) for line in point["name"].split("\n")[-4:])
        assert set(re.findall(r"[−\d.]+", said.replace(GROUPS[0], "").replace(GROUPS[1], ""))) <= known


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", ("Écouter\nÉcart de 2,00, puis de 1,00\nChangement −1,00 (intervalle à 95\u00a0% de −1,50 à −0,50)\n"
               "g de Hedges\u00a0: −0,80\nRéponses\u00a0: 24 avant, 20 après\nChez toutes les personnes de chaque vague")),
        ("en", ("Écouter\nGap 2.00, then 1.00\nChange −1.00 (95% interval −1.50 to −0.50)\nHedges’ g: −0.80\n"
               "Answers: 24 before, 20 after\nOver everyone in each wave")),
    ],
)  # fmt: skip
def test_changes_say_both_gaps_and_the_change_at_one_stop_for_each_need(lang: str, said: str) -> None:
    option = changes_chart(MOVES, lang=lang).option
    assert [point["value"] for point in stops(option)] == [[-1.0, 0], [0.25, 1]]
    assert stops(option)[0]["name"] == said
    assert "Hedges" not in stops(option)[1]["name"]
    ring, after = (option["series"][at]["data"][0] for at in (1, 2))
    assert (ring["value"], after["value"]) == ([2.0, 0], [1.0, 0])
    assert ring["name"] == after["name"] == said
    assert ring["itemStyle"]["color"].startswith("var(--surface")


def test_panels_stay_inside_the_picture() -> None:
    for option in options()[:2]:
        spans = [grid["across"] for grid in option["grid"]]
        assert all(0 <= start < end <= 1 for start, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_a_hidden_share_has_a_dashed_track_alone() -> None:
    option = shares(SHARES).option
    track, bars = option["series"]
    assert ["lineDash" in one["bar"] for one in track["data"]] == [False, True]
    assert bars["data"] == [{"name": "Ontario\nOnt répondu\u00a0: 6 sur 8 (75\u00a0%)", "value": [0.75, 0]}]
    assert option["yAxis"][1]["data"] == ["6 sur 8", "caché"]
    assert stops(shares([SHARES[1]]).option) == []
    with pytest.raises(ValueError, match="no rows"):
        shares([])


def test_shares_draw_the_same_bars() -> None:
    chart = shares(SHARES)
    assert chart.svg.count("<rect") == chart.svg_narrow.count("<rect") == 1
    assert chart.svg.count("stroke-dasharray") == 1
    assert chart.csv == "\ufeffGroupe,Réponses\r\nOntario,6 sur 8\r\nYukon,caché\r\n"


def test_rounds_have_their_marks_and_words_in_place() -> None:
    option = rounds_option(ITEMS, 9, (7, 9), "fr")
    dots = stops(option)
    assert [dot["value"][0] for dot in dots] == [7.0, 7.0]
    assert dots[0]["name"] == "Écouter\nTour 2\nMédiane 7,0\n12 personnes l’ont coté"
    bars = [bar["value"] for bar in option["series"][0]["data"]]
    rows = [dot["value"][1] for dot in dots]
    assert bars[:3] == [[7, 9, rows[0]], [1, 9, rows[0]], [6.5, 8.0, rows[0]]]
    assert rows == sorted(rows)
    assert max(rows) < option["yAxis"]["max"] < option["cercle"]["height"]
    words = [part for part in option["graphic"] if part["type"] == "text"]
    texts = [part["style"]["text"] for part in words]
    assert texts.count("Trop peu de réponses") == 2
    assert texts.count("7,0 (1,50)") == 2
    assert {"Consensus", "Désaccord stable", "Du tableau"} <= set(texts)
    tops = [part["top"] for part in words if part["style"]["text"].startswith("Tour")]
    assert all(later - sooner >= 30 for sooner, later in pairwise(tops))


@pytest.mark.parametrize(
    ("source", "beside"), [("Du tableau", True), ("Du tableau, de la banque d’énoncés, du panel", False)]
)
def test_a_source_that_finds_no_room_beside_the_state_stands_under_it(source: str, beside: bool) -> None:
    item = replace(ITEMS[1], source=source)
    words = rounds_option([item, ITEMS[0]], 9, (7, 9), "fr")["graphic"]
    state, where, after = (
        next(part for part in words if part["type"] == "text" and part["style"]["text"] == text)
        for text in ("Désaccord stable", source, "Écouter")
    )
    assert (where["left"] > 0, where["top"] - state["top"] < 5) == (beside, beside)
    assert after["top"] > where["top"] + 20


def test_a_panel_without_items_has_an_empty_chart() -> None:
    option = rounds_option([], 9, (7, 9), "fr")
    assert (stops(option), option["graphic"]) == ([], [])


@pytest.mark.parametrize(("value", "said"), [(0.004, "0.00"), (0.5, "+0.50"), (-0.5, "−0.50")])
def test_a_change_has_its_sign(value: float, said: str) -> None:
    assert signed(value, "en", 2) == said


def test_ticks_of_an_axis_have_the_same_digits() -> None:
    assert (tick_digits([-2, 0, 2.0]), tick_digits([0, 0.5, 1])) == (0, 1)
