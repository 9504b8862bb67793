"""Charts: what they say, what they may contain, and that nothing covers anything."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.web.charts import (
    Chart,
    CutLines,
    NeedRow,
    cut_lines,
    need_rows,
    quadrant_chart,
    ranking_chart,
)
from gateway.web.charts.quadrant import APART, spread
from gateway.web.charts.text import chance, nice_ticks, number, plain, width, wrap
from gateway.web.charts.words import WORDS, counted

REGIONS = ("concentrate", "keep-up", "low-priority", "possible-overkill")
CUTS = CutLines(4.0, 3.0)
LONG = "Évaluer les facteurs de risque et de protection à l’aide d’un outil structuré, " * 3


def row(i: int, **changes: object) -> NeedRow:
    value = 10.0 - i
    base = NeedRow(
        f"Besoin no {i}",
        i + 1,
        value,
        value - 1.5,
        value + 1.5,
        40,
        0.9 if i < 3 else 0.1,
        4.5,
        2.5,
        REGIONS[i % 4],
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def rows(count: int) -> list[NeedRow]:
    return [row(i) for i in range(count)]


def charts(lang: str, count: int = 12) -> list[Chart]:
    return [ranking_chart(rows(count), lang=lang), quadrant_chart(rows(count), CUTS, lang=lang)]


def pictures(lang: str) -> list[str]:
    return [svg for chart in charts(lang) for svg in (chart.svg, chart.svg_narrow)]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_svg_obeys_the_content_policy(lang: str) -> None:
    for svg in pictures(lang):
        tree = ET.fromstring(svg)
        names = {element.tag.rpartition("}")[2] for element in tree.iter()}
        attributes = {name for element in tree.iter() for name in element.attrib}
        assert names == {"svg", "title", "desc", "text", "line", "circle", *(names & {"rect"})}
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on") or name.endswith("href")]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_svg_is_named_and_described(lang: str) -> None:
    for chart in charts(lang):
        tree = ET.fromstring(chart.svg)
        found = [next(e for e in tree if e.tag.endswith(name)) for name in ("title", "desc")]
        assert [e.text for e in found] == [chart.title, chart.alt]
        assert tree.attrib["aria-labelledby"] == " ".join(e.attrib["id"] for e in found)


def test_svg_text_stays_inside_the_picture() -> None:
    wordy = [replace(item, label=LONG) for item in rows(12)]
    for svg in (ranking_chart(wordy, lang="fr"), quadrant_chart(wordy, CUTS, lang="fr")):
        for drawing in (svg.svg, svg.svg_narrow):
            tree = ET.fromstring(drawing)
            room = float(tree.attrib["viewBox"].split()[2])
            for text in tree.iter("{http://www.w3.org/2000/svg}text"):
                long = width(text.text or "", float(text.attrib["font-size"]))
                share = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attrib.get("text-anchor", "start")]
                left = float(text.attrib["x"]) - share * long
                assert left >= -1
                assert left + long <= room + 1


def test_ids_do_not_repeat_on_a_page() -> None:
    ids = re.findall(r' id="([^"]+)"', "".join(chart.markup for chart in charts("en")))
    assert len(ids) == len(set(ids)) == 8


@pytest.mark.parametrize(
    ("lang", "sure", "expected"),
    [
        ("en", 0, "No need clearly stands out yet"),
        ("en", 1, "One need stands out"),
        ("en", 3, "Three needs stand out"),
        ("fr", 0, "Aucun besoin ne se détache nettement pour l’instant"),
        ("fr", 3, "Trois besoins se détachent"),
    ],
)
def test_ranking_title_says_the_message(lang: str, sure: int, expected: str) -> None:
    given_rows = [row(i, p_top=0.9 if i < sure else 0.2) for i in range(6)]
    assert ranking_chart(given_rows, lang=lang).title == expected


def test_title_is_indicative_below_ten_answers() -> None:
    few = [row(i, n=7) for i in range(4)]
    assert ranking_chart(few, lang="fr").title == "À titre indicatif\u00a0: trois besoins se détachent"
    assert quadrant_chart(few, CUTS, lang="en").title == (
        "Indicative only: one need is important, with ability still low"
    )


def test_counted_past_twelve_uses_figures() -> None:
    assert counted("en", "stand", 13) == "13 needs stand out"


def test_ranking_alt_says_what_it_shows() -> None:
    assert ranking_chart([*rows(4)[:2], row(2, p_top=0.2)], lang="en").alt == (
        "Two needs stand out: Besoin no 0 (10.0, 95% interval 8.5 to 11.5); "
        "Besoin no 1 (9.0, 95% interval 7.5 to 10.5). "
        "3 needs ranked by weighted gap between importance and ability, from 10.0 down to 8.0. "
        "40 answers per need."
    )


def test_quadrant_alt_names_regions() -> None:
    alt = quadrant_chart(rows(2), CUTS, lang="fr").alt
    assert alt == (
        "Un besoin est important, avec une capacité encore faible. À travailler d’abord\u00a0: Besoin no 0. "
        "À maintenir\u00a0: Besoin no 1. 2 besoins placés selon la capacité (à l’horizontale) et "
        "l’importance (à la verticale). Lignes à 3,00 pour la capacité et à 4,00 pour l’importance (moyenne)."
    )


def test_table_shows_ties_and_the_language_of_numbers() -> None:
    table = ranking_chart(
        [row(0, tied=True), row(1, rank=1, value=-0.25, tied=True, rds=-66.67)], lang="fr"
    ).table
    assert table.rows[1] == (
        "Besoin no 1", "1=", "\u22120,25", "7,50", "10,50", "\u221266,7", "40", "90\u00a0%",
    )  # fmt: skip
    assert len(table.head) == len(table.rows[0])


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", " =1", "\u00a0@x"])
def test_csv_text_cannot_become_a_formula(label: str) -> None:
    for chart in (
        ranking_chart([row(0, label=label)], lang="en"),
        quadrant_chart([row(0, label=label)], CUTS, lang="en"),
    ):
        lines = list(csv.reader(io.StringIO(chart.csv.removeprefix("\ufeff"))))
        assert lines[1][0] == f"'{label}"


def test_csv_numbers_stay_numbers() -> None:
    chart = ranking_chart([row(0, value=-0.123456, low=-1.0)], lang="fr")
    lines = list(csv.reader(io.StringIO(chart.csv.removeprefix("\ufeff"))))
    assert lines[1] == ["Besoin no 0", "1", "-0.1235", "-1", "11.5", "", "40", "0.9"]


def test_markup_cannot_be_broken_by_a_label() -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    for chart in (
        ranking_chart([row(0, label=evil)], lang="en"),
        quadrant_chart([row(0, label=evil)], CUTS, lang="en"),
    ):
        assert "<script>alert" not in chart.markup
        assert "<img" not in chart.markup
        body = chart.markup.partition('<script type="application/json">')[2].partition("</script>")[0]
        assert json.loads(body) == chart.option


def test_option_is_plain_json_with_tooltips_without_html() -> None:
    for chart in charts("fr"):
        assert json.loads(json.dumps(chart.option)) == chart.option
        assert chart.option["tooltip"]["renderMode"] == "richText"
        points = chart.option["series"][chart.option["cercle"]["points"]]["data"]
        assert len(points) == 12


def test_canvas_text_cannot_open_rich_text() -> None:
    assert plain("a {b|c}") == "a (b/c)"


def test_charts_without_rows() -> None:
    with pytest.raises(ValueError, match="no rows"):
        ranking_chart([], lang="en")
    with pytest.raises(ValueError, match="no rows"):
        quadrant_chart([], CUTS, lang="en")


def test_rows_from_an_analysis_leave_suppressed_items_out() -> None:
    estimate = {"value": 2.0, "low": 1.0, "high": 3.0, "p_first": 0.5, "p_top": 0.9, "rank": 1, "tied": False}
    shown = {
        "item": "a", "suppressed": False, "n": 12, "mean_importance": 4.0, "mean_ability": 3.5,
        "quadrant": "keep-up", "estimates": {"mwds": estimate, "rds": {**estimate, "value": -50.0}},
    }  # fmt: skip
    hidden = {"item": "b", "suppressed": True, "n": None, "estimates": {}}
    cuts = {"importance": 4.0, "ability": 3.0, "rule": "median"}
    analysis = {"ranking": "mwds", "scale": 7, "cuts": cuts, "items": [shown, hidden]}
    assert need_rows(analysis, {"a": "A"}) == [
        NeedRow("A", 1, 2.0, 1.0, 3.0, 12, 0.9, 4.0, 3.5, "keep-up", rds=-50.0)
    ]
    assert cut_lines(analysis) == CutLines(4.0, 3.0, "median", 7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(20, 300), st.floats(20, 300)), min_size=1, max_size=16))
def test_markers_never_cover_one_another(points: list[tuple[float, float]]) -> None:
    places = spread(points, (0, 0, 320, 320))
    gaps = [math.dist(a, b) for i, a in enumerate(places) for b in places[i + 1 :]]
    assert min(gaps, default=APART) > APART - 3
    assert all(0 <= x <= 320 and 0 <= y <= 320 for x, y in places)


def test_markers_on_one_spot_open_as_a_fan() -> None:
    places = spread([(100.0, 100.0)] * 6, (0, 0, 320, 320))
    assert min(math.dist(a, b) for i, a in enumerate(places) for b in places[i + 1 :]) > APART - 1


@given(st.text(min_size=1, max_size=200), st.integers(1, 4))
def test_wrap_fits_any_words(words: str, lines: int) -> None:
    out = wrap(words, 15, 120, lines)
    assert 1 <= len(out) <= lines
    assert all(width(line, 15) <= 120 + 1e-9 for line in out)


def test_wrap_keeps_words_whole_and_marks_what_is_cut() -> None:
    assert wrap("un deux trois", 10, 1000, 1) == ["un deux trois"]
    assert wrap("Parler avec des familles", 10, 62, 1) == ["Parler avec…"]


@given(st.floats(-50, 50), st.floats(0.1, 100))
def test_ticks_cover_the_data(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= low + span - 1e-6
    assert 2 <= len(ticks) <= 9


@pytest.mark.parametrize(
    ("value", "lang", "expected"), [(-0.04, "en", "0.0"), (-1.26, "en", "\u22121.3"), (2.5, "fr", "2,5")]
)
def test_number_in_the_language(value: float, lang: str, expected: str) -> None:
    assert number(value, lang) == expected


@pytest.mark.parametrize(
    ("share", "lang", "expected"),
    [(1.0, "en", ">\u00a099%"), (0.0, "fr", "<\u00a01\u00a0%"), (0.5, "fr", "50\u00a0%")],
)
def test_chance_never_claims_certainty(share: float, lang: str, expected: str) -> None:
    assert chance(share, lang) == expected


def test_words_exist_in_both_languages_with_the_same_placeholders() -> None:
    def holes(lang: str) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"{(\w+)}", words)) for key, words in WORDS[lang].items()}

    assert holes("fr") == holes("en")
