"""Exports of closed surveys: every kind of answer comes back as it was given, and nobody is singled out."""

from __future__ import annotations

import copy
import csv
import json
from collections import Counter
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pyreadstat
import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from services.surveys import tables
from services.surveys.exporting import sweep
from shared.actor import Actor, system_actor
from shared.errors import Conflict, Forbidden, Invalid
from shared.testing.harness import Harness
from tests.unit.surveys.office import Office
from tests.unit.surveys.support import View
from tests.unit.surveys.test_instrument import WHOLE, element

KINDS = [element(kind, f"q-{kind}", required=False) for kind in sorted(WHOLE)]
KINDS += [element("section", "about"), element("computed", "sum", compute={"sum": [{"item": "q-number"}, 1]})]
KINDS = copy.deepcopy(KINDS)  # other tests change the parts of theirs
GIVEN = {f"q-{kind}": answer for kind, answer in WHOLE.items()}
COLUMNS = {
    "q_pair_importance": 5, "q_pair_ability": -7, "q_matrix_r1": 1, "q_matrix_r2": -7, "q_single": 3,
    "q_single_text": "Autre chose", "q_multiple_a": 1, "q_multiple_b": 1, "q_multiple_c": 0, "q_ranking_a": 2,
    "q_ranking_b": -9, "q_ranking_c": 1, "q_maxdiff_1_best": 1, "q_maxdiff_1_worst": 2, "q_maxdiff_2_best": 4,
    "q_maxdiff_2_worst": 2, "q_number": 2.5, "q_date": "2026-11-22", "q_short_text": "é",
    "q_long_text": "ligne\nligne", "q_consent": 1, "sum": 3.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    harness = Harness(tmp_path_factory.mktemp("exports"), ("surveys",))
    yield Office(harness)
    harness.close()


def survey_of(office: Office, answers: list[View], groups: list[str] | None = None, **given: Any) -> View:
    """A closed survey with these answers, in French and English in turn; `groups`: provinces kept with them."""
    more = {"groups": ["province"]} if groups else {}
    survey = office.launched(elements=KINDS, **more, **given)
    for number, one in enumerate(answers):
        language = "en" if number % 2 else "fr"
        person = office.harness.actor("learner")
        office.ask("submit_response", person, survey_id=survey["id"], answers=one, language=language)
    if groups:
        _keep(office, survey, groups)
    return office.slow("close_survey", office.coordinator, survey_id=survey["id"])


def _keep(office: Office, survey: View, provinces: list[str]) -> None:
    table = tables.responses
    with office.service.db.tx(system_actor("surveys")) as tx:
        ids = (
            tx.session.execute(table.select().where(table.c.survey_id == UUID(survey["id"]))).scalars().all()
        )
        for response, province in zip(ids, provinces, strict=True):
            values = {"groups": {"province": province}}
            tx.session.execute(update(table).where(table.c.id == response).values(values))


def data_of(office: Office, survey: View, kind: str, who: Actor | None = None, **more: Any) -> bytes:
    found = office.ask("export_survey", who, survey_id=survey["id"], format=kind, **more)
    return taken(office, found)


def taken(office: Office, found: View) -> bytes:
    storage = office.service.storage
    with storage.open(found["storage_key"]) as file:
        data = file.read()
    storage.delete(found["storage_key"])
    assert len(data) == found["size"]
    return data


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def whole(office: Office) -> View:
    """Six people who answered everything, of whom one wrote a formula."""
    evil = GIVEN | {"q-short-text": {"value": "=HYPERLINK(1)"}}
    return survey_of(office, [GIVEN] * 5 + [evil])


def is_as_given(row: View) -> bool:
    return {name: row[name] for name in COLUMNS} == COLUMNS


def test_csv_and_json_give_back_every_kind_as_submitted(office: Office, whole: View) -> None:
    rows = csv_rows(data_of(office, whole, "csv", texts=True))
    shown = {name: str(value) for name, value in COLUMNS.items()}
    plain = [row for row in rows if row["q_short_text"] == "é"]
    assert [{name: row[name] for name in COLUMNS} for row in plain] == [shown] * 5
    assert [row["q_short_text"] for row in rows if row not in plain] == ["'=HYPERLINK(1)"]
    document = json.loads(data_of(office, whole, "json", texts=True))
    assert sum(is_as_given(row) for row in document["rows"]) == 5
    assert document["missing"]["-8"] == {"fr": "Non posée", "en": "Not asked"}
    single = next(one for one in document["variables"] if one["name"] == "q_single")
    assert single["values"]["3"] == {"fr": "Autre", "en": "Other"}
    assert any("at random" in note["en"] for note in document["notes"])


@pytest.mark.parametrize(("language", "label"), [("fr", "Le a"), ("en", "The a")])
def test_spss_file_has_values_labels_and_missing_codes(
    office: Office, whole: View, tmp_path: Path, language: str, label: str
) -> None:
    (tmp_path / "a.sav").write_bytes(data_of(office, whole, "sav", texts=True, language=language))
    frame, meta = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    rows: list[Any] = frame.to_dict("records")
    assert sum(is_as_given(row) for row in rows) == 5
    assert meta.variable_value_labels["q_single"][1.0] == label
    missing: list[Any] = meta.missing_ranges["q_pair_ability"]
    assert [(one["lo"], one["hi"]) for one in missing] == [(-7, -7), (-8, -8), (-9, -9)]
    assert meta.notes


def test_workbook_has_answers_bilingual_codebook_and_notes(office: Office, whole: View) -> None:
    book = load_workbook(
        BytesIO(data_of(office, whole, "xlsx", office.researcher, texts=True, language="fr"))
    )
    assert book.sheetnames == ["Réponses", "Dictionnaire", "Notes"]
    heads, *rows = list[Any](book["Réponses"].values)
    assert sum(is_as_given(dict(zip(heads, row, strict=True))) for row in rows) == 5
    words = {row[0]: row for row in book["Dictionnaire"].values}
    assert words["q_consent"][5:] == (
        "1 = Oui; 0 = Non; -8 = Non posée; -9 = Sans réponse", "1 = Yes; 0 = No; -8 = Not asked; -9 = No answer",
    )  # fmt: skip
    only = csv_rows(data_of(office, whole, "codebook"))
    assert {row["variable"] for row in only} >= {"q_pair_importance", "answered_in"}
    assert "q_short_text" not in {row["variable"] for row in only}  # texts were not asked for


def test_texts_stay_unless_asked_for_and_never_leave_where_few_wrote(office: Office) -> None:
    silent = {code: answer for code, answer in GIVEN.items() if code != "q-long-text"}
    few = survey_of(office, [GIVEN] * 4 + [silent] * 4)
    without = csv_rows(data_of(office, few, "csv"))[0]
    assert not {"q_long_text", "q_short_text", "q_single_text"} & set(without)
    assert "answered_in" in without
    with_texts = csv_rows(data_of(office, few, "csv", texts=True))[0]
    assert "q_long_text" not in with_texts
    assert {"q_short_text", "q_single_text", "q_date"} <= set(with_texts)
    assert "answered_in" not in with_texts  # words or attributes, never side by side in an anonymous survey
    notes = " ".join(one["en"] for one in json.loads(data_of(office, few, "json", texts=True))["notes"])
    assert "fewer than 5 written answers" in notes


@pytest.mark.parametrize("anonymity", ["anonymous", "confidential"])
def test_no_combination_of_attributes_is_rare(office: Office, anonymity: str) -> None:
    provinces = ["QC"] * 11 + ["ON"] * 10 + ["YT"]
    survey = survey_of(office, [GIVEN] * 22, provinces, anonymity=anonymity)
    document = json.loads(data_of(office, survey, "json"))
    pairs = Counter((row["answered_in"], row["province"]) for row in document["rows"])
    assert min(pairs.values()) >= 5
    assert "YT" not in {province for _, province in pairs}
    assert "account_id" not in document["rows"][0]
    notes = " ".join(one["fr"] for one in document["notes"])
    assert "au moins 5 personnes" in notes
    assert "Valeurs masquées dans « province »" in notes.replace("\u00a0", " ")
    province = next(one for one in document["variables"] if one["name"] == "province")
    assert province["values"]["QC"]["en"] == "Quebec"
    orders = {
        tuple(row["answered_in"] for row in json.loads(data_of(office, survey, "json"))["rows"])
        for _ in range(4)
    }
    assert len(orders) > 1


def test_account_ids_only_of_named_surveys_with_a_reason_on_record(office: Office, whole: View) -> None:
    named = survey_of(office, [GIVEN] * 2, anonymity="named")
    asked: View = {"survey_id": named["id"], "format": "csv", "reason": "Rappel individuel promis."}
    assert "account_id" not in csv_rows(data_of(office, named, "csv"))[0]
    rows = csv_rows(taken(office, office.ask("export_named", **asked)))
    accounts = {row["account_id"] for row in rows}
    listed = {one["account_id"] for one in office.ask("list_participants", survey_id=named["id"])["items"]}
    assert accounts == listed
    record = office.ask("list_named_exports", office.researcher, survey_id=named["id"])["items"]
    assert [(one["account_id"], one["reason"], one["format"]) for one in record] == [
        (str(office.coordinator.account_id), "Rappel individuel promis.", "csv")
    ]
    with pytest.raises(Invalid):
        office.ask("export_named", **asked | {"reason": ""})
    with pytest.raises(Forbidden):
        office.ask("export_named", office.researcher, **asked)
    with pytest.raises(Conflict, match="no-identities"):
        office.ask("export_named", **asked | {"survey_id": whole["id"]})
    assert len(office.ask("list_named_exports", survey_id=named["id"])["items"]) == 1


def test_figures_are_exported_whole(office: Office, whole: View) -> None:
    survey = office.ranked(audience_roles=["learner"])
    results = office.ask("get_results", survey_id=survey["id"])
    assert json.loads(data_of(office, survey, "figures-json", office.researcher)) == results
    rows = csv_rows(data_of(office, survey, "figures-csv"))
    assert [row["code"] for row in rows] == ["c1", "c4", "c2", "c3"]
    for row, expected in zip(rows, results["items"], strict=True):
        for method in ("mwds", "rds", "pni", "gap"):
            for name, value in expected[method].items():
                assert row[f"{method}_{name}"] == ("" if value is None else str(value))
        assert (row["n"], row["p_holm"]) == (str(expected["n"]), str(expected["p_holm"]))
    with pytest.raises(Conflict, match="nothing-ranked"):
        data_of(office, whole, "figures-csv")


def test_files_that_nobody_takes_are_swept(office: Office, whole: View) -> None:
    found = office.ask("export_survey", survey_id=whole["id"], format="csv")
    storage = office.service.storage
    assert sweep(storage, office.harness.clock.now()) == 0
    office.harness.clock.advance(timedelta(hours=2))
    assert sweep(storage, office.harness.clock.now()) == 1
    assert not storage.exists(found["storage_key"])


def test_before_closing_nothing_is_exported_and_learners_export_nothing(office: Office, whole: View) -> None:
    survey = office.launched(elements=KINDS)
    with pytest.raises(Conflict, match="results-after-closing"):
        office.ask("export_survey", survey_id=survey["id"], format="csv")
    with pytest.raises(Forbidden):
        office.ask("export_survey", office.harness.actor("learner"), survey_id=whole["id"], format="csv")
    tiny = survey_of(office, [GIVEN] * 4)
    with pytest.raises(Conflict, match="too-few-to-export"):
        office.ask("export_survey", survey_id=tiny["id"], format="csv")
    assert csv_rows(data_of(office, tiny, "codebook"))
