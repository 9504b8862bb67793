"""The results of a closed survey as pages: groups, other answers, weights, languages, options, the public summary."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from services.surveys import tables
from shared.actor import system_actor
from shared.testing.harness import Harness
from tests.unit.web.browsing import Browser
from tests.unit.web.test_survey_pages import KEY, World

View = dict[str, Any]


def text(fr: str, en: str) -> View:
    return {"fr": fr, "en": en}


NEEDS: list[View] = [
    {"code": f"need-{i}", "kind": "pair", "required": True, "text": text(f"Besoin {i}", f"Need {i}")}
    for i in range(4)
]
MORE: list[View] = [
    {"code": "format", "kind": "single", "text": text("Quel format ?", "Which format?"),
     "options": [{"code": c, "text": text(f"Format {c}", f"Kind {c}")} for c in "abc"]},
    {"code": "days", "kind": "number", "text": text("Combien de jours ?", "How many days?"), "min": 0, "max": 30},
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    yield World(harness)
    harness.close()


@pytest.fixture(scope="module")
def closed(world: World) -> View:
    """Forty people in two provinces, one of which finds one need harder."""
    chance = random.Random(4)
    groups = ["province", "language"]
    survey = world.launched(elements=[*NEEDS, *MORE], groups=groups, anonymity="anonymous")
    for number in range(40):
        person = world.harness.actor("learner")
        province, language = ("QC", "fr") if number % 5 < 3 else ("ON", "en")
        member = {"account_id": person.account_id, "roles": 1, "active": True, "version": 0}
        with world.harness.services["surveys"].db.tx(system_actor("surveys")) as tx:
            place = {"province": province, "sector": "health", "language": language}
            tx.session.execute(insert(tables.members).values(member | place))
        answers: View = {
            need["code"]: {
                "importance": 5 - at % 2,
                "ability": chance.choice((1, 2) if province == "QC" else (4, 5)),
            }
            for at, need in enumerate(NEEDS)
        }
        answers["format"] = {"choice": chance.choice("aaabbc")}
        answers["days"] = {"value": chance.randrange(30)}
        world.ask("submit_response", person, survey_id=survey["id"], answers=answers, language=language)
    closing = {"survey_id": survey["id"]}
    found: View = world.harness.bus.call(
        "surveys", "close_survey", closing, actor=world.coordinator, timeout=90
    )
    return found


@pytest.mark.parametrize(("role", "language"), [("learner", "fr"), ("trainer", "en")])
def test_results_show_groups_answers_weights_and_languages(
    world: World, closed: View, role: str, language: str
) -> None:
    browser = world.browser(role)
    browser.open(f"/surveys/{closed['id']}/results?by=province")
    assert browser.page.language.startswith(language)
    said = browser.text
    assert not KEY.findall(said)
    assert "analysis." not in said
    words = {
        "fr": (
            "Québec (24)",
            "se distingue de l’ensemble",
            "Quel format",
            "réponses non pondérées",
            "Par groupe",
        ),
        "en": ("Quebec (24)", "stands apart from the whole", "Which format", "unweighted ones", "By group"),
    }
    for word in words[language]:
        assert word in said, word
    assert {
        "top",
        "ranking",
        "quadrant",
        "groups",
        "methods",
        "answers",
        "weighted",
        "languages",
    } <= browser.page.ids
    gaps = browser.charts[-1]
    assert words[language][0] in [axis.get("name") for axis in gaps["yAxis"]]
    assert sum(len(gaps["series"][at]["data"]) for at in gaps["cercle"]["points"]) > 0


def test_every_table_has_its_file(world: World, closed: View) -> None:
    browser = world.browser("learner")
    for name in ("ranking", "quadrant", "groups", "agreement", "tables", "weighted", "languages"):
        file = browser.client.get(f"/surveys/{closed['id']}/results/{name}.csv")
        assert file.status_code == 200, name
        rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
        assert len(rows) > 4
        assert {len(row) for row in rows} == {len(rows[0])}, name
    assert browser.client.get(f"/surveys/{closed['id']}/results/raw.csv").status_code == 404


def test_summary_is_public_only_once_a_coordinator_says_so(world: World, closed: View) -> None:
    path = f"/surveys/{closed['id']}/summary"
    visitor = Browser(world.app)
    assert visitor.client.get(path).status_code == 404
    world.ask("publish_summary", survey_id=closed["id"])
    shown = visitor.client.get(path)
    assert shown.status_code == 200
    assert "40" in shown.text
    assert "analysis." not in shown.text
    world.ask("withdraw_summary", survey_id=closed["id"])
    assert visitor.client.get(path).status_code == 404


def test_figures_that_were_stored_before_something_was_told_are_shown_still(
    world: World, closed: View
) -> None:
    table = tables.figures
    mine = (table.c.survey_id == UUID(closed["id"])) & (table.c.kind == "weighted")
    database, me = world.harness.services["surveys"].db, system_actor("surveys")
    with database.tx(me) as tx:
        content = tx.session.execute(select(table.c.content).where(mine)).scalar_one()
        older = {name: value for name, value in content.items() if name != "unreached"}
        assert older != content
        tx.session.execute(update(table).where(mine).values(content=older))
    try:
        browser = world.browser("learner")
        browser.open(f"/surveys/{closed['id']}/results")
        assert (browser.status, "weighted" in browser.page.ids) == (200, True)
    finally:
        with database.tx(me) as tx:
            tx.session.execute(update(table).where(mine).values(content=content))
