"""A MaxDiff survey from its template to its needs: REST checked against the contract, every page in both languages."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.asgi import build_gateway
from gateway.demo.people import LEADS, PASSWORD
from shared.ids import new_id
from shared.testing.harness import Harness
from tests.unit.web.browsing import Browser
from tests.unit.web.test_survey_pages import PROPOSAL, World

View = dict[str, Any]
PEOPLE = 9
KEY = re.compile(r"\b(?:surveys|analysis|shell|errors|today|proof|panels)\.[a-z_]+(?:\.[a-z_-]+)*")
ROLES = {"fr": "coordinator", "en": "admin"}


class Rest:
    """One of the demo people at the API; every answer is checked against the contract."""

    def __init__(self, app: Any, role: str) -> None:
        self.client = TestClient(app, base_url="https://testserver")
        email = next(person.email for person in LEADS if person.key == role)
        session = self.client.post("/api/v1/session", json={"email": email, "password": PASSWORD})
        self.client.headers["Authorization"] = f"Bearer {session.json()['session']}"

    def __call__(self, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
        headers = {"Idempotency-Key": str(new_id())} if method == "POST" else {}
        headers |= {"If-Match": f'"{version}"'} if version is not None else {}
        found = self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert found.status_code in (200, 201), f"{path}: {found.text[:500]}"
        return found.json()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    made = World(harness)
    made.app = build_gateway(harness.settings, harness.bus, validate_responses=True)
    yield made
    harness.close()


@pytest.fixture(scope="module")
def rest(world: World) -> Rest:
    return Rest(world.app, "coordinator")


@pytest.fixture(scope="module")
def asked(world: World, rest: Rest) -> tuple[View, list[View]]:
    """The survey as it closed, and what its nine people chose: set by set, the same order of preference with slips."""
    closes = (world.harness.clock.now() + timedelta(days=7)).isoformat()
    draft = rest("POST", "/surveys", {"template_id": "maxdiff", "closes_at": closes})
    survey = rest("POST", f"/surveys/{draft['id']}/launch", version=draft["version"])
    (element,) = survey["elements"]
    order = [option["code"] for option in element["options"]]
    chance = random.Random(12)
    given = []
    for _ in range(PEOPLE):
        liking = {code: place + chance.gauss(0, 4) for place, code in enumerate(order)}
        sets = {
            str(at): {"best": min(members, key=liking.__getitem__), "worst": max(members, key=liking.__getitem__)}
            for at, members in enumerate(element["sets"])
        }  # fmt: skip
        given.append(sets)
    body = {"answers": {element["code"]: {"sets": given[0]}}, "language": "fr"}
    Rest(world.app, "learner")("POST", f"/surveys/{survey['id']}/responses", body)
    for sets in given[1:]:
        answers = {element["code"]: {"sets": sets}}
        person = world.harness.actor("learner")
        world.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="en")
    closed = rest("POST", f"/surveys/{survey['id']}/close")
    world.harness.services["surveys"].run_due_jobs()
    return closed, given


def test_figures_are_those_of_the_choices(rest: Rest, asked: tuple[View, list[View]]) -> None:
    survey, given = asked
    results = rest("GET", f"/surveys/{survey['id']}/results")
    best = Counter(chosen["best"] for sets in given for chosen in sets.values())
    worst = Counter(chosen["worst"] for sets in given for chosen in sets.values())
    shown = 4 * PEOPLE  # each of the thirteen stands in four sets
    assert (results["method"], results["n"], results["indicative"], len(results["items"])) == (
        "maxdiff", PEOPLE, True, 13,
    )  # fmt: skip
    standard = {row["code"]: row["value"] for row in results["items"]}
    for row in results["items"]:
        code, more = row["code"], row["maxdiff"]
        counts = (more["best"], more["worst"], more["appearances"], more["difference"])
        assert counts == (best[code], worst[code], shown, best[code] - worst[code])
        assert row["value"] == pytest.approx(more["difference"] / shown)
        half = 0.5 if not worst[code] else 0.0
        assert more["root"] == pytest.approx(((best[code] + half) / (worst[code] + half)) ** 0.5)
        assert row["ci_low"] <= row["value"] <= row["ci_high"]
        assert row["rank"] == 1 + sum(value > row["value"] for value in standard.values())
        assert row["tied"] is (list(standard.values()).count(row["value"]) > 1)
    logits = [row["maxdiff"] for row in results["items"]]
    assert logits[0]["logit"] > logits[-1]["logit"]
    assert all(more["logit_low"] <= more["logit"] <= more["logit_high"] for more in logits)
    assert sum(row["p_top3"] for row in results["items"]) == pytest.approx(3)
    manifest = results["manifest"]
    assert (len(manifest["data_sha256"]), manifest["seed"]) == (64, results["seed"])


def test_needs_are_needs_like_any_other(rest: Rest, asked: tuple[View, list[View]]) -> None:
    survey, _ = asked
    needs = rest("GET", f"/needs?survey_id={survey['id']}")["items"]
    assert [need["method"] for need in needs] == ["maxdiff"] * 13
    first = rest("GET", f"/needs/{needs[0]['id']}")
    assert first["manifest"]["data_sha256"]
    assert rest("GET", f"/needs/{first['id']}/loop")["figures"]["value"] == first["metric"]["value"]
    assert len(rest("GET", f"/loops?survey_id={survey['id']}")["items"]) == 13
    figures = rest("GET", f"/surveys/{survey['id']}/figures")
    assert figures["groups"] == {"refused": {"code": "no-pairs"}}
    tables = rest("GET", f"/surveys/{survey['id']}/tables")["tables"]
    assert tables["total"] == PEOPLE
    for name in ("ranking", "tables", "agreement", "groups", "weighted", "languages"):
        file = rest.client.get(f"/api/v1/surveys/{survey['id']}/figures-csv?name={name}")
        assert file.status_code == 200, name
    proposal = rest("POST", f"/needs/{first['id']}/proposals", PROPOSAL)
    assert rest("GET", f"/proposals/{proposal['id']}")["need_id"] == first["id"]
    assert rest("GET", f"/needs/{first['id']}")["open_proposal_id"] == proposal["id"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_show_choices_where_others_show_ratings(
    world: World, rest: Rest, asked: tuple[View, list[View]], language: str
) -> None:
    survey, _ = asked
    browser = Browser(world.app)
    browser.sign_in(ROLES[language])
    needs = rest("GET", f"/needs?survey_id={survey['id']}")["items"]
    top, other = needs[0], needs[1]
    pages = ("/", "/needs", "/programme", "/needs/answers", "/proposals", f"/surveys/{survey['id']}",
             f"/needs?survey={survey['id']}", f"/needs/{other['id']}/proposals/new", f"/surveys/{survey['id']}/export",
             f"/surveys/{survey['id']}/themes")  # fmt: skip
    for path in pages:
        assert shown(browser, path, language), path
    results = shown(browser, f"/surveys/{survey['id']}/results", language)
    loop = shown(browser, f"/needs/{top['id']}", language)
    more = top["metric"]["maxdiff"]
    words = {
        "fr": f"Le plus : {more['best']} des 36 présentations; le moins : {more['worst']}",
        "en": f"Most: {more['best']} of 36 showings; least: {more['worst']}",
    }
    assert words[language] in loop
    for column in {"fr": ("Logit", "Racine"), "en": ("Logit", "Square root")}[language]:
        assert column in results
    assert top["statement"][language] in results
    assert "MaxDiff" in results


def test_files_of_the_pages(world: World, asked: tuple[View, list[View]]) -> None:
    survey, _ = asked
    browser = Browser(world.app)
    browser.sign_in("coordinator")
    ranking = browser.client.get(f"/surveys/{survey['id']}/results/ranking.csv").text
    rows = list(csv.reader(io.StringIO(ranking.removeprefix("\ufeff"))))
    assert (len(rows), {len(row) for row in rows}) == (14, {14})
    programme = browser.client.get("/programme.csv")
    assert (programme.status_code, len(programme.text.splitlines())) == (200, 14)
    assert browser.client.get(f"/surveys/{survey['id']}/results/quadrant.csv").status_code == 404


def shown(browser: Browser, path: str, language: str) -> str:
    """The words of a page, which stands and says no key."""
    browser.open(path)
    assert (browser.status, browser.page.language[:2]) == (200, language), path
    said = browser.text
    assert not KEY.findall(said), (path, KEY.findall(said))
    return said
