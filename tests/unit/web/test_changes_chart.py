"""The chart of two waves: what it says, where its marks are, and that nothing leaves the picture."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from gateway.web.charts import ChangeRow, changes_chart
from gateway.web.charts.text import width

SVG = "{http://www.w3.org/2000/svg}"
SHRANK = ChangeRow("Analyser les risques", 2.0, 1.0, -1.0, -1.5, -0.5, 24, 20, -0.8, paired=False)
GREW = replace(SHRANK, label="Écouter", before=0.5, after=1.25, change=0.75, low=0.25, high=1.25, g=0.4)
EVEN = replace(
    SHRANK, label="Écrire", before=1.0, after=1.0, change=0.0, low=-0.5, high=0.5, g=None, paired=True
)
LONG = "Évaluer les facteurs de risque et de protection à l’aide d’un outil structuré, " * 3


@pytest.mark.parametrize(
    ("rows", "english", "french"),
    [
        ([EVEN], "No gap clearly shrank", "Aucun écart n’a nettement diminué"),
        ([SHRANK, EVEN], "One gap clearly shrank", "Un écart a nettement diminué"),
        ([SHRANK, SHRANK, GREW], "Two gaps clearly shrank; one clearly grew",
         "Deux écarts ont nettement diminué; un a nettement augmenté"),
        ([GREW, GREW], "No gap clearly shrank; two clearly grew",
         "Aucun écart n’a nettement diminué; deux ont nettement augmenté"),
        ([replace(SHRANK, n_after=9)], "Indicative only: one gap clearly shrank",
         "À titre indicatif\u00a0: un écart a nettement diminué"),
    ],
)  # fmt: skip
def test_title_counts_what_changed_clearly(rows: list[ChangeRow], english: str, french: str) -> None:
    assert changes_chart(rows, lang="en").title == english
    assert changes_chart(rows, lang="fr").title == french


def test_alt_says_what_changed_need_by_need() -> None:
    assert changes_chart([SHRANK, GREW, EVEN], lang="en").alt == (
        "One gap clearly shrank; one clearly grew: Analyser les risques: from 2.0 to 1.0 (−1.0, 95% interval −1.5 to −0.5); "
        "Écouter: from 0.5 to 1.2 (+0.8, 95% interval +0.2 to +1.2). "
        "3 needs, each with its gap before and after and the change between them."
    )


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pictures_are_named_keep_to_the_policy_and_hold_their_words(lang: str) -> None:
    chart = changes_chart([replace(SHRANK, label=LONG), GREW, EVEN], lang=lang)
    for drawing in (chart.svg, chart.svg_narrow):
        tree = ET.fromstring(drawing)
        assert [tree[at].text for at in (0, 1)] == [chart.title, chart.alt]
        assert {one.tag.removeprefix(SVG) for one in tree.iter()} == {
            "svg",
            "title",
            "desc",
            "text",
            "line",
            "circle",
        }
        assert not [
            name for one in tree.iter() for name in one.attrib if name == "style" or name.startswith("on")
        ]
        room = float(tree.attrib["viewBox"].split()[2])
        for text in tree.iter(f"{SVG}text"):
            bold = text.attrib.get("font-weight") == "600"
            long = width(text.text or "", float(text.attrib["font-size"]), bold=bold)
            left = float(text.attrib["x"]) - (0.5 if text.attrib.get("text-anchor") == "middle" else 0) * long
            assert left >= -1
            assert left + long <= room + 1, text.text


def test_ring_and_dot_stand_where_the_gaps_are() -> None:
    tree = ET.fromstring(changes_chart([SHRANK], lang="en").svg)
    ticks = [(float(one.text.replace("−", "-")), float(one.attrib["x"])) for one in tree.iter(f"{SVG}text")
             if one.text and one.attrib.get("text-anchor") == "middle"]  # fmt: skip
    gaps, moves = ticks[: ticks.index(min(ticks))], ticks[ticks.index(min(ticks)) :]
    ring, after, change = (float(one.attrib["cx"]) for one in tree.iter(f"{SVG}circle"))
    for places, value, x in ((gaps, 2.0, ring), (gaps, 1.0, after), (moves, -1.0, change)):
        (low, x_low), (high, x_high) = places[0], places[-1]
        assert x == pytest.approx(x_low + (value - low) / (high - low) * (x_high - x_low), abs=0.02)
        assert all(first < last for (_, first), (_, last) in pairwise(places))


def test_table_and_file_hold_every_figure() -> None:
    chart = changes_chart([SHRANK, EVEN], lang="fr")
    assert chart.table.rows == (
        ("Analyser les risques", "2,00 (n\u00a0=\u00a024)", "1,00 (n\u00a0=\u00a020)", "−1,00 (de −1,50 à −0,50)",
         "−0,80", "toutes celles de chaque vague"),
        ("Écrire", "1,00 (n\u00a0=\u00a024)", "1,00 (n\u00a0=\u00a020)", "0,00 (de −0,50 à +0,50)", "–",
         "les mêmes personnes"),
    )  # fmt: skip
    rows = list(csv.reader(io.StringIO(chart.csv.removeprefix("\ufeff"))))
    assert rows[1][2:] == ["2", "24", "1", "20", "-1", "-1.5", "-0.5", "-0.8"]
    assert rows[2][-1] == ""
    with pytest.raises(ValueError, match="no rows"):
        changes_chart([], lang="fr")
