"""Exports: what is written is read back by other programs' libraries as it was."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from openpyxl import load_workbook

from services.surveys.exchange.files import codebook_csv, to_csv, to_json, to_sav, to_xlsx
from services.surveys.exchange.flat import Column, Flat, flat_table, with_attributes
from tests.unit.surveys.test_instrument import WHOLE, element

SCALE: dict[str, Any] = {
    side: {"label": {"fr": side, "en": side}, "anchors": {str(n): {"fr": f"niveau {n}", "en": f"level {n}"} for n in range(1, 6)}}
    for side in ("importance", "ability")
}  # fmt: skip
ASKED = [element(kind, f"q-{kind}") for kind in sorted(WHOLE)]
ASKED += [element("computed", "sum", compute={"sum": [{"item": "q-number"}, 1]}),
          element("short-text", "hidden", show_if={"item": "q-single", "is": "equals", "value": "a"})]  # fmt: skip
FULL = {f"q-{kind}": answer for kind, answer in WHOLE.items()} | {"hidden": {"value": "never shown"}}
EVIL = {"q-short-text": {"value": "=HYPERLINK(1)"}, "q-long-text": {"value": 'é ; "x"\nligne 2'}}


@pytest.fixture(scope="module")
def flat() -> Flat:
    return flat_table(ASKED, [FULL, {}, EVIL], SCALE)


def cells(flat: Flat, row: int) -> dict[str, Any]:
    return {column.name: cell for column, cell in zip(flat.columns, flat.rows[row], strict=True)}


def test_every_answer_has_its_columns_and_every_gap_its_code(flat: Flat) -> None:
    first, empty = cells(flat, 0), cells(flat, 1)
    assert (first["q_pair_importance"], first["q_pair_ability"]) == (5, -7)
    assert (first["q_matrix_r1"], first["q_matrix_r2"]) == (1, -7)
    assert (first["q_single"], first["q_single_text"]) == (3, "Autre chose")
    assert [first[f"q_multiple_{code}"] for code in "abc"] == [1, 1, 0]
    assert [first[f"q_ranking_{code}"] for code in "abc"] == [2, -9, 1]
    assert (first["q_maxdiff_1_best"], first["q_maxdiff_2_best"], first["q_maxdiff_2_worst"]) == (1, 4, 2)
    assert (first["q_number"], first["sum"], first["q_consent"], first["q_date"]) == (
        2.5,
        3.5,
        1,
        "2026-11-22",
    )
    assert first["hidden"] == ""  # it was not shown, so it was not said
    assert {empty[name] for name in ("q_pair_importance", "q_single", "q_number", "q_consent")} == {-9}
    assert all(len(row) == len(flat.columns) for row in flat.rows)


def test_texts_can_be_left_out() -> None:
    short = flat_table(ASKED, [FULL], SCALE, texts=False)
    assert not {"q_short_text", "q_long_text", "q_single_text", "hidden"} & {
        column.name for column in short.columns
    }
    assert "Autre chose" not in short.rows[0]


def test_csv_reads_back_and_runs_no_formula(flat: Flat) -> None:
    text = to_csv(flat).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert rows[0]["q_single_text"] == "Autre chose"
    assert rows[2]["q_short_text"] == "'=HYPERLINK(1)"
    assert rows[2]["q_long_text"] == 'é ; "x"\nligne 2'
    assert [float(row["q_number"]) for row in rows] == [2.5, -9, -9]
    words = {row["variable"]: row for row in csv.DictReader(StringIO(codebook_csv(flat).decode("utf-8-sig")))}
    assert set(words) == set(rows[0])
    assert words["q_pair_importance"]["values_fr"].startswith("'") is False
    assert "5 = niveau 5" in words["q_pair_importance"]["values_fr"]
    assert "-7 = Not applicable" in words["q_pair_importance"]["values_en"]


@pytest.mark.parametrize(
    ("language", "names"), [("fr", ["Réponses", "Dictionnaire"]), ("en", ["Answers", "Codebook"])]
)
def test_workbook_reads_back_with_its_codebook(flat: Flat, language: str, names: list[str]) -> None:
    book = load_workbook(BytesIO(to_xlsx(flat, language)))
    assert book.sheetnames == names
    head, *rows = book[names[0]].iter_rows(values_only=True)
    assert list(head) == [column.name for column in flat.columns]
    for expected, row in zip(flat.rows, rows, strict=True):
        assert [cell if cell is not None else "" for cell in row] == list(expected)
    cell = book[names[0]].cell(4, list(head).index("q_short_text") + 1)
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_spss_file_has_labels_and_missing_codes(flat: Flat, tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    path.write_bytes(to_sav(flat, "fr"))
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    assert list(frame.columns) == [column.name for column in flat.columns]
    for at, column in enumerate(flat.columns):
        expected = [row[at] for row in flat.rows]
        assert frame[column.name].fillna("").tolist() == expected
    assert meta.column_names_to_labels["q_number"] == "Texte"
    assert meta.variable_value_labels["q_pair_ability"][-7.0] == "Ne s’applique pas"
    assert meta.variable_value_labels["q_pair_ability"][5.0] == "niveau 5"
    bounds: list[Any] = list(meta.missing_ranges["q_pair_ability"])
    assert {bound["lo"] for bound in bounds} == {-7, -8, -9}
    assert meta.variable_measure["q_pair_ability"] == "ordinal"
    hidden, _ = pyreadstat.read_sav(path)
    assert pd.isna(hidden["q_number"][1])


def test_json_reads_back(flat: Flat) -> None:
    document = json.loads(to_json(flat))
    assert document["rows"][0]["q_number"] == 2.5
    assert document["missing"]["-8"]["en"] == "Not asked"
    assert {one["name"] for one in document["variables"]} == set(document["rows"][0])


ROLE = Column("role", "role", {"fr": "Rôle", "en": "Role"}, "text", missing=(),
              codes={"trainer": {"fr": "Formation", "en": "Trainer"}, "*": {"fr": "Masqué", "en": "Withheld"}})  # fmt: skip
NOTE = {"fr": "Les attributs rares sont masqués. " * 4, "en": "Rare attributes are withheld."}


def test_attributes_come_first_and_notes_go_with_every_file(flat: Flat, tmp_path: Path) -> None:
    whole = with_attributes(flat, [ROLE], [["trainer"], ["*"], ["trainer"]], [NOTE])
    assert [row[0] for row in whole.rows] == ["trainer", "*", "trainer"]
    (tmp_path / "a.sav").write_bytes(to_sav(whole, "fr"))
    frame, meta = pyreadstat.read_sav(tmp_path / "a.sav")
    assert frame["role"].tolist() == ["trainer", "*", "trainer"]
    labels: dict[Any, str] = meta.variable_value_labels["role"]
    assert labels == {"trainer": "Formation", "*": "Masqué"}
    assert " ".join(meta.notes) == NOTE["fr"].strip()
    sheet = load_workbook(BytesIO(to_xlsx(whole, "en")))["Notes"]
    assert [cell.value for cell in sheet[1]] == [NOTE["fr"], NOTE["en"]]
    assert json.loads(to_json(whole))["notes"] == [NOTE]
    lines = list(csv.reader(StringIO(codebook_csv(whole).decode("utf-8-sig"))))
    assert lines[1][0] == "role"
    assert lines[1][5] == "trainer = Formation; * = Masqué"
    assert lines[-1][2:5] == [NOTE["fr"], NOTE["en"], "note"]


def test_what_a_version_did_not_have_was_not_asked_of_its_people() -> None:
    asked = [{one["code"] for one in ASKED}, {"q-pair"}]
    table = flat_table(ASKED, [FULL, FULL], SCALE, asked=asked)
    first, second = cells(table, 0), cells(table, 1)
    assert (first["q_number"], first["q_short_text"]) == (2.5, "é")
    assert (second["q_pair_importance"], second["q_number"], second["q_short_text"]) == (5, -8, "")
