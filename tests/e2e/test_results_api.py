"""From answers to what leaves the platform, through the REST API in both modes: figures protected together, written
answers coded by two people, files, and stored figures that the command line makes again from the rows.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.demo.answers import API
from tests.e2e.client import Client, until
from tests.e2e.product import ROOT, Product
from tests.e2e.test_story_api import launch

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
PAIR = {"fr": "texte", "en": "text"}
PEOPLE = 12
ELEMENTS = [
    {"code": "talk", "kind": "pair", "text": PAIR, "required": True},
    {"code": "risk", "kind": "pair", "text": PAIR, "required": True},
    {"code": "place", "kind": "single", "text": PAIR, "options": [
        {"code": "clinic", "text": PAIR}, {"code": "police", "text": PAIR}]},
    {"code": "why", "kind": "long-text", "text": PAIR},
]  # fmt: skip


@pytest.fixture
def people(product: Product) -> Iterator[dict[str, Client]]:
    found = {who: Client(product.url, who) for who in ("coordinator", "trainer", "learner")}
    yield found
    for client in found.values():
        client.close()


def given(number: int) -> dict[str, Any]:
    """Ten of twelve work in a clinic: two in the police are too few to show."""
    return {
        "talk": {"importance": 5, "ability": 1 + number % 3},
        "risk": {"importance": 3 + number % 2, "ability": 3},
        "place": {"choice": "clinic" if number < 10 else "police"},
        "why": {"value": f"raison-{number}"},
    }


def answered(product: Product, coordinator: Client) -> str:
    """A closed survey that twelve people without account answered."""
    survey = launch(coordinator, elements=ELEMENTS)
    path = f"/surveys/{survey['id']}"
    secrets = coordinator.post(f"{path}/links", {"count": PEOPLE, "label": "E2E"}, status=201)["secrets"]
    with httpx.Client(base_url=f"{product.url}{API}", timeout=60) as nobody:
        for number, secret in enumerate(secrets):
            body = {"secret": secret, "answers": given(number), "language": "en" if number % 2 else "fr"}
            assert nobody.post("/survey-links/submit", json=body).status_code == 201
    until(lambda: coordinator.get(f"{path}/progress")["responses"] == PEOPLE)
    coordinator.post(f"{path}/close")
    until(lambda: coordinator.http.get(f"{API}{path}/figures", headers=coordinator.headers).is_success)
    return path


def coded(people: dict[str, Client], path: str) -> str:
    """Two people code the reasons apart, differ on one answer, and the coordinator settles it; the coding's address."""
    coordinator, coders = people["coordinator"], (people["trainer"], people["coordinator"])
    accounts = [coder.get("/me")["id"] for coder in coders]
    asked = {"question": "why", "first_coder": accounts[0], "second_coder": accounts[1]}
    coding = f"/codings/{coordinator.post(f'{path}/codings', asked, status=201)['id']}"
    for label in ("time", "fear"):
        words = {"fr": label, "en": label}
        coordinator.post(f"{coding}/codes", {"label": words, "definition": words}, status=201)
    book = coordinator.get(coding)
    codes = [code["id"] for code in book["codes"] if code["status"] == "live"]
    assert book["agreement"] is None
    for place, coder in enumerate(coders):
        for row in coder.get(f"{coding}/answers", limit=200)["items"]:
            differs = place == 1 and row["number"] == 6
            mark = {"codes": [codes[0 if row["number"] <= 6 and not differs else 1]], "nothing": False}
            coder.send("PUT", f"{coding}/answers/{row['id']}", mark, status=200)
        coder.post(f"{coding}/finish", {"finished": True}, status=200)
    (open_one,) = coordinator.get(f"{coding}/disagreements")["items"]
    settled = {"codes": [codes[0]], "nothing": False, "reason": "Read again together"}
    coordinator.send("PUT", f"{coding}/disagreements/{open_one['id']}", settled, status=200)
    coordinator.post(f"{coding}/complete", status=200)
    return coding


def file_of(client: Client, path: str, kind: str, **more: Any) -> bytes:
    found = client.http.get(f"{API}{path}/export", params={"format": kind, **more}, headers=client.headers)
    assert found.status_code == 200, found.text
    return found.content


def cercle(product: Product, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of the command line over the product's own data."""
    command = [sys.executable, "-m", "gateway", *words, "--json"]
    found = subprocess.run(command, cwd=ROOT, env=product.env, capture_output=True, timeout=120, check=False)
    assert found.stdout, found.stderr.decode()[-2000:]
    return found.returncode, json.loads(found.stdout)


def test_answers_become_figures_themes_files_and_a_verified_report(
    product: Product, people: dict[str, Client]
) -> None:
    coordinator, learner = people["coordinator"], people["learner"]
    path = answered(product, coordinator)

    results = learner.get(f"{path}/results")
    first, second = results["items"]
    assert (first["code"], first["rank"], first["tied"]) == ("talk", 1, False)
    assert first["gap"]["low"] <= first["gap"]["value"] == 3.0 <= first["gap"]["high"]
    assert second["gap"]["value"] == 0.5
    tables = learner.get(f"{path}/tables")["tables"]
    place = [one for one in tables["questions"] if one["code"] == "place"]
    # Two people of the police are told by none of the tables, nor by what is missing from a sum of ten.
    assert all(category["count"] >= 5 for one in place for category in one["categories"])
    assert 2 not in {category["count"] for one in place for category in one["categories"]}

    coding = coded(people, path)
    agreement = coordinator.get(coding)["agreement"]["overall"]
    assert agreement["n"] == PEOPLE
    themes = learner.get(f"{path}/themes")
    assert "raison" not in json.dumps(themes)
    counts = {theme["label"]["en"]: theme["n"] for one in themes["questions"] for theme in one["themes"]}
    assert counts == {"time": 6, "fear": 6}

    sheet = file_of(coordinator, path, "csv", texts=True).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet, newline="")))
    assert sorted(row["why"] for row in rows) == sorted(f"raison-{number}" for number in range(PEOPLE))
    assert file_of(coordinator, path, "xlsx")[:2] == b"PK"
    assert file_of(coordinator, path, "sav", language="fr")[:4] == b"$FL2"
    document = json.loads(file_of(coordinator, path, "json"))
    assert len(document["rows"]) == PEOPLE
    assert "raison" not in json.dumps(document)
    assert learner.http.get(f"{API}{path}/export?format=csv", headers=learner.headers).status_code == 403

    code, told = cercle(product, "report", "verify", path.rpartition("/")[2])
    assert (code, set(told["outcomes"].values())) == (0, {"ok"})
    assert {"ranking", "coding why", "tables", "groups"} <= set(told["outcomes"])
