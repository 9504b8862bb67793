"""Instruments over REST: export and import, preview, versions."""

from __future__ import annotations

import base64
from io import BytesIO

import httpx
import pytest
from openpyxl import Workbook

from services.surveys.templates import templates
from tests.unit.surveys.site import Site, etag, got
from tests.unit.surveys.support import PAIR, Desk, View
from tests.unit.surveys.test_elements import ELEMENTS, FULL

COUNT = {"count": [{"item": "p.one", "part": "importance"}]}
WHOLE = [*ELEMENTS, {"code": "sum", "kind": "computed", "compute": COUNT, "text": PAIR},
         *templates()["maxdiff"]["elements"]]  # fmt: skip


@pytest.fixture(scope="module")
def coordinator(site: Site) -> httpx.Client:
    return site.client("coordinator")


def launched(site: Site, coordinator: httpx.Client, elements: list[View]) -> View:
    body = {"template_id": "borich", "elements": elements, "closes_at": Desk(site.harness).days(5)}
    draft = got(coordinator.post("/surveys", json=body), 201)
    found: View = got(coordinator.post(f"/surveys/{draft['id']}/launch", headers=etag(1)))
    return found


def test_exported_and_imported_instrument_is_the_same(site: Site, coordinator: httpx.Client) -> None:
    survey = launched(site, coordinator, WHOLE)
    document = got(coordinator.get(f"/surveys/{survey['id']}/instrument"))
    assert document["elements"] == WHOLE
    made = coordinator.post("/survey-imports", json={"document": document})
    imported = got(made, 201)
    assert made.headers["Location"] == f"/api/v1/surveys/{imported['id']}"
    for name in ("title", "intro", "elements"):
        assert imported["survey"][name] == survey[name]
    assert (imported["warnings"], imported["survey"]["status"]) == ([], "draft")
    raw = base64.b64encode(coordinator.get(f"/surveys/{survey['id']}/instrument").content).decode()
    again = got(coordinator.post("/survey-imports", json={"file": raw}), 201)
    assert again["survey"]["elements"] == WHOLE
    problem = got(coordinator.post("/survey-imports", json={"document": {"cercle-instrument": 9}}), 422)
    assert (problem["code"], problem["errors"][0]["code"]) == ("instrument-refused", "unknown-version")
    got(site.client("trainer").post("/survey-imports", json={"document": document}), 403)


def test_xlsform_becomes_a_draft_with_warnings(coordinator: httpx.Client) -> None:
    book = Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    for row in (["type", "name", "label::Français (fr)", "label::English (en)"],
                ["select_one yn", "Role", "Votre rôle?", "Your role?"], ["geopoint", "where", "Où?", "Where?"]):  # fmt: skip
        survey.append(row)
    choices = book.create_sheet("choices")
    for row in (
        ["list_name", "name", "label::Français (fr)", "label::English (en)"],
        ["yn", "y", "Oui", "Yes"],
    ):
        choices.append(row)
    out = BytesIO()
    book.save(out)
    body = {"file": base64.b64encode(out.getvalue()).decode()}
    imported = got(coordinator.post("/survey-imports", json=body), 201)
    (element,) = imported["survey"]["elements"]
    assert (element["kind"], element["text"]) == ("single", {"fr": "Votre rôle?", "en": "Your role?"})
    assert [(one["row"], one["code"]) for one in imported["warnings"]] == [(3, "type-left-out")]
    for file, code in (("%%%", "wrong-type"), (base64.b64encode(b"PK\x03\x04no").decode(), "not-a-workbook")):
        assert got(coordinator.post("/survey-imports", json={"file": file}), 422)["errors"][0]["code"] == code


def test_preview_says_what_is_seen_computed_piped_and_missing(site: Site, coordinator: httpx.Client) -> None:
    person, survey = site.client("learner"), launched(site, coordinator, WHOLE)
    answers = {"role": {"choice": "other", "text": "Parent"}, "p.one": FULL}
    body = {"answers": answers, "language": "fr"}
    seen = got(person.post(f"/surveys/{survey['id']}/preview", json=body))
    assert seen["visible"] == ["agree", "role", "p.one", "p.three", "why", "sum", "training.priority"]
    assert (seen["computed"], seen["texts"]["why"]["text"]) == ({"sum": 1.0}, "Parent")
    assert [problem["path"] for problem in seen["problems"]][:1] == ["items.agree"]
    assert (seen["answered"], seen["total"]) == (2, 6)
    same = got(coordinator.post("/survey-previews", json=body | {"elements": WHOLE}))
    assert same == seen
    wrong = got(
        coordinator.post(
            "/survey-previews", json=body | {"elements": WHOLE, "answers": {"role": {"choice": 3}}}
        )
    )
    assert [(p["path"], p["code"]) for p in wrong["problems"]] == [("items.role.choice", "unknown-option")]
    got(person.post("/survey-previews", json=body | {"elements": WHOLE}), 403)
    assert got(person.get(f"/surveys/{survey['id']}/draft"))["saved_at"] is None


def test_versions_and_bank_over_rest(site: Site, coordinator: httpx.Client) -> None:
    survey = launched(site, coordinator, ELEMENTS)
    path = f"/surveys/{survey['id']}"
    body = {"elements": ELEMENTS[:4], "mapping": {"p.three": None, "why": None}, "note": PAIR}
    revised = got(coordinator.post(f"{path}/versions", json=body, headers=etag(survey["version"])))
    assert (revised["instrument_version"], revised["elements"]) == (2, ELEMENTS[:4])
    got(coordinator.post(f"{path}/versions", json=body, headers=etag(survey["version"])), 412)
    got(site.client("trainer").post(f"{path}/versions", json=body, headers=etag(3)), 403)
    listed = got(coordinator.get(f"{path}/versions"))
    assert [(one["number"], one["mapping"]) for one in listed["items"]] == [(2, body["mapping"]), (1, {})]
    assert got(coordinator.get(f"{path}/versions/1"))["elements"] == ELEMENTS
    assert got(coordinator.get(f"{path}/instrument", params={"number": 1}))["elements"] == ELEMENTS
    assert got(coordinator.get(f"{path}/versions/3"), 404)["code"] == "not-found"
    assert got(coordinator.get("/survey-bank", params={"topic": "care"}))["items"]
    assert got(coordinator.get("/survey-designs", params={"options": "a,b,c,d,e,f,g"}))["balanced"]
    assert (
        got(coordinator.get("/survey-designs", params={"options": "a,b"}), 422)["errors"][0]["code"]
        == "too-few"
    )
