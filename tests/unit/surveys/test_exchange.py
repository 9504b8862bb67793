"""Instruments in and out: our JSON without a difference, XLSForm with a warning for whatever is left out."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.surveys.domain.instrument import definition_problems, launch_gaps, visible
from services.surveys.exchange.documents import Instrument, InstrumentRefused, from_json, to_json
from services.surveys.exchange.expressions import UnsupportedExpression, bounds, calculation, condition
from services.surveys.exchange.xlsform import from_xlsform
from tests.unit.surveys.test_instrument import ROUTE, WHOLE, element

HEAD = ["type", "name", "label::French (fr)", "label::English (en)", "hint::Français (fr)", "required", "relevant",
        "constraint", "calculation", "appearance"]  # fmt: skip


def test_json_comes_back_as_it_went() -> None:
    first = Instrument({"fr": "Besoins « 2027 »", "en": "Needs"}, {"fr": "", "en": "Hello"}, ROUTE)
    text = to_json(first)
    again = from_json(text.encode())
    assert to_json(again) == text
    assert list(again.elements) == ROUTE
    every = [element(kind, f"q{place}") for place, kind in enumerate(sorted(WHOLE))]
    assert list(from_json(to_json(Instrument({}, {}, every)).encode()).elements) == every


@pytest.mark.parametrize(("data", "path", "code"), [
    (b"\xff\xfe", "file", "not-json"), (b"[]", "file", "not-json"), (b"[" * 100_000, "file", "not-json"),
    (b'{"cercle-instrument": NaN}', "file", "not-json"),
    (b'{"elements": []}', "cercle-instrument", "unknown-version"),
    (b'{"cercle-instrument": 1, "elements": {}, "x": 1}', "x", "unknown-field"),
    (b'{"cercle-instrument": 1, "title": {"fr": 1}, "elements": []}', "title.fr", "wrong-type"),
    (b'{"cercle-instrument": 1, "elements": [{"kind": "essay"}]}', "elements.0.kind", "unknown-option"),
])  # fmt: skip
def test_document_that_cannot_be_read_is_refused_with_its_place(data: bytes, path: str, code: str) -> None:
    with pytest.raises(InstrumentRefused) as caught:
        from_json(data)
    assert (path, code) in [(problem.path, problem.code) for problem in caught.value.fields]


def workbook(survey: list[list[Any]], choices: list[list[Any]] = (), head: list[str] = HEAD) -> bytes:  # type: ignore[assignment]
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in (
        ("survey", [head, *survey]),
        ("choices", [["list_name", "name", "label::French (fr)", "label::English (en)"], *choices]),
        ("settings", [["form_title", "default_language"], ["Besoins", "fr"]]),
    ):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


CHOICES: list[list[Any]] = [
    ["Yes_No", "YES", "Oui", "Yes"],
    ["Yes_No", "no", "Non", "No"],
    ["tools", 1, "VERA", "VERA"],
    ["tools", 2, "Autre", "Else"],
]
SURVEY: list[list[Any]] = [
    ["start", "start"],
    ["note", "hello", "Bonjour", "Hello"],
    ["select_one Yes_No", "in_team", "En équipe ?", "In a team?", "Aide", "yes"],
    ["begin group", "team", "Votre équipe", "Your team", "", "", "${in_team} = 'YES'"],
    ["integer", "size", "Combien ?", "How many?", "", "yes", "", ". >= 1 and . <= 40"],
    ["select_multiple tools or_other", "used", "Outils de ${size}", "Tools of ${size}", "", "", "${size} > 2 or not(${size} = '')", "count-selected(.) <= 2"],
    ["end group"],
    ["rank tools", "best", "Le meilleur", "The best"],
    ["date", "since", "Depuis", "Since", "", "", "selected(${used}, '1')", ". <= '2026-12-31'"],
    ["text", "why", "Pourquoi", "Why", "", "", "", "string-length(.) < 9", "", "multiline"],
    ["calculate", "double", "Double", "Double", "", "", "", "", "${size} * 2 - 1"],
    ["geopoint", "place", "Où", "Where"],
    ["acknowledge", "ok", "J’accepte", "I agree", "", "yes"],
]  # fmt: skip


def test_workbook_becomes_an_instrument_in_both_languages() -> None:
    found = from_xlsform(workbook(SURVEY, CHOICES))
    by_code = {one["code"]: one for one in found.elements}
    assert found.title == {"fr": "Besoins", "en": "Besoins"}
    assert [(one["code"], one["kind"]) for one in found.elements] == [
        ("hello", "section"), ("in-team", "single"), ("team", "section"), ("size", "number"), ("used", "multiple"),
        ("best", "ranking"), ("since", "date"), ("why", "long-text"), ("double", "computed"), ("ok", "consent"),
    ]  # fmt: skip
    assert by_code["in-team"]["options"][0] == {"code": "yes", "text": {"fr": "Oui", "en": "Yes"}}
    assert by_code["in-team"]["help"] == {"fr": "Aide", "en": ""}
    assert (by_code["size"]["min"], by_code["size"]["max"]) == (1, 40)
    assert by_code["size"]["show_if"] == {"item": "in-team", "is": "equals", "value": "yes"}
    assert by_code["used"]["text"]["fr"] == "Outils de {{size}}"
    assert (by_code["used"]["other"], by_code["used"]["max"]) == (True, 2)
    assert by_code["double"]["compute"] == {"minus": [{"times": [{"item": "size"}, 2.0]}, 1.0]}
    assert [(one.row, one.code) for one in found.warnings] == [
        (11, "constraint-left-out"),
        (13, "type-left-out"),
    ]


def test_imported_conditions_work() -> None:
    elements = from_xlsform(workbook(SURVEY, CHOICES)).elements
    assert definition_problems(list(elements)) == []
    assert {problem.path for problem in launch_gaps(elements)} == {"elements.1.help.en"}
    shown = visible(
        elements, {"in-team": {"choice": "yes"}, "size": {"value": 3}, "used": {"choices": ["1"]}}
    )
    assert {"size", "used", "since"} <= set(shown)
    assert not {"size", "used", "since"} & set(visible(elements, {"in-team": {"choice": "no"}}))


@pytest.mark.parametrize(("text", "expected"), [
    ("${a} = 'X_1'", {"item": "a", "is": "equals", "value": "x-1"}),
    ("5 < ${a}", {"item": "a", "is": "more", "value": 5.0}),
    ("${a} != ''", {"item": "a", "is": "answered"}),
    ("${a} >= -2 and (${b} = 1 or ${b} = 2)", {"all": [
        {"item": "a", "is": "at-least", "value": -2.0},
        {"any": [{"item": "b", "is": "equals", "value": 1.0}, {"item": "b", "is": "equals", "value": 2.0}]},
    ]}),
])  # fmt: skip
def test_relevant_is_read(text: str, expected: Any) -> None:
    assert condition(text, {"a": "a", "b": "b"}) == expected


@pytest.mark.parametrize(
    "text",
    ["${z} = 1", "${a} ~ 1", "pulldata('x')", "${a} = 1 and", "((((((((${a} = 1))))))))", "", "'x' = 'y'"],
)
def test_relevant_outside_the_subset_is_not_guessed(text: str) -> None:
    with pytest.raises(UnsupportedExpression):
        condition(text, {"a": "a"})


def test_calculation_and_constraint_are_read() -> None:
    assert calculation("sum(${a}, 2) div (1 + ${a})", {"a": "a"}) == {
        "over": [{"sum": [{"item": "a"}, 2.0]}, {"sum": [1.0, {"item": "a"}]}]
    }
    assert bounds(". > 0 and . <= 5") == [(".", ">", "0.0"), (".", "<=", "5.0")]


def test_file_that_is_no_workbook_is_refused() -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    cases = [(b"PK nonsense", "not-a-workbook"), (bomb.getvalue(), "too-large"), (b"0" * 5_000_001, "too-large"),
             (workbook([["geopoint", "x", "y", "z"]]), "nothing-to-ask")]  # fmt: skip
    for data, code in cases:
        with pytest.raises(InstrumentRefused) as caught:
            from_xlsform(data)
        assert [problem.code for problem in caught.value.fields] == [code]


CELL = st.sampled_from([
    "text", "integer", "note", "select_one l", "rank l", "begin group", "end group", "calculate", "date", "a", "b", "${a}",
    "${a} > 1", ". >= 3", ". <= 'x'", "yes", "count-selected(.) <= 99999999", "Q!", "", None, 4, 2.5, True,
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(CELL, max_size=len(HEAD)), max_size=8), st.lists(st.lists(CELL, max_size=4), max_size=3)
)
def test_any_workbook_is_an_instrument_or_refused(survey: list[list[Any]], choices: list[list[Any]]) -> None:
    try:
        found = from_xlsform(workbook(survey, [["l", *row] for row in choices]))
    except InstrumentRefused:
        return
    assert definition_problems(list(found.elements)) == []
    json.dumps(found.elements, allow_nan=False)
