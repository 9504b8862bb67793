"""A survey repeated on its page, the builder's word about it, and what changed, in both languages."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from typing import Any

import pytest

from shared.actor import Actor
from shared.testing.harness import Harness
from tests.unit.web.test_survey_pages import KEY, World

View = dict[str, Any]


def pair(code: str, fr: str, en: str) -> View:
    return {"code": code, "kind": "pair", "required": False, "text": {"fr": fr, "en": en}}


NEEDS = [
    pair("one", "Besoin un", "Need one"),
    pair("two", "Besoin deux", "Need two"),
    pair("old", "Vieux", "Aged"),
]
TITLE = {"fr": "Sondage d’automne <b>", "en": "Fall survey <b>"}
WORDS = {
    "fr": (
        "Ce qui a changé depuis « Sondage d’automne <b> »", "À titre indicatif : un écart a nettement diminué", "Écart avant",
        "les mêmes personnes", "toutes celles de chaque vague", "Un changement ne prouve pas sa cause",
        "Posés pour la première fois", "Tout neuf", "Retirés", "Vieux", "Kirkpatrick 1, LTEM 3", "2,00 (n = 12)",
    ),
    "en": (
        "What changed since “Fall survey <b>”", "Indicative only: one gap clearly shrank", "Gap before", "the same people",
        "everyone in each wave", "A change is not proof of its cause", "Asked for the first time", "Brand new",
        "No longer asked", "Aged", "Kirkpatrick 1, LTEM 3", "2.00 (n = 12)",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    yield World(harness)
    harness.close()


@pytest.fixture(scope="module")
def people(world: World) -> list[Actor]:
    return [world.harness.actor("learner") for _ in range(12)]


@pytest.fixture(scope="module")
def first(world: World, people: list[Actor]) -> View:
    survey = world.launched(elements=NEEDS, anonymity="named", title=TITLE)
    for at, person in enumerate(people):
        given = {"one": (5, 3), "two": (4, 2 + at % 3), "old": (3, 3)}
        answer(world, survey, person, given)
    return closed(world, survey)


def answer(world: World, survey: View, person: Actor, given: dict[str, tuple[int, int]]) -> None:
    answers = {
        code: {"importance": importance, "ability": ability} for code, (importance, ability) in given.items()
    }
    world.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")


def closed(world: World, survey: View) -> View:
    closing = {"survey_id": survey["id"]}
    found: View = world.harness.bus.call(
        "surveys", "close_survey", closing, actor=world.coordinator, timeout=90
    )
    return found


@pytest.fixture(scope="module")
def later(world: World, people: list[Actor], first: View) -> View:
    """Everybody rates "one" again, with less of a gap; three leave "two" out."""
    chance = random.Random(3)
    draft = world.ask("repeat_survey", survey_id=first["id"])
    closes = world.launched(elements=NEEDS)["closes_at"]
    fields = {"elements": [*NEEDS[:2], pair("new", "Tout neuf", "Brand new")], "closes_at": closes}
    draft = world.ask("edit_survey", survey_id=draft["id"], version=draft["version"], **fields)
    survey = world.ask("launch_survey", survey_id=draft["id"], version=draft["version"])
    for at, person in enumerate(people):
        given = {"one": (5, 4 + at % 2), "two": (4, chance.randint(1, 4)), "new": (5, 1)}
        answer(
            world, survey, person, {code: points for code, points in given.items() if at > 2 or code != "two"}
        )
    return closed(world, survey)


@pytest.mark.parametrize(("role", "language"), [("learner", "fr"), ("trainer", "en")])
def test_the_results_say_what_changed(world: World, later: View, role: str, language: str) -> None:
    browser = world.browser(role)
    browser.open(f"/surveys/{later['id']}/results")
    assert browser.status == 200
    assert browser.page.language.startswith(language)
    said = browser.text
    assert not KEY.findall(said)
    assert "analysis." not in said
    for word in WORDS[language]:
        assert word in said, word
    assert {"waves", "changes"} <= browser.page.ids
    assert "#waves" in browser.page.links
    changes = next(chart for chart in browser.charts if len(chart.get("grid", ())) == 2)
    assert len(changes["series"][5]["data"]) == 2
    assert "<b>" not in browser.html
    assert "/repeat" not in browser.html
    file = browser.client.get(f"/surveys/{later['id']}/results/waves.csv")
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert [(row[2], row[3]) for row in rows[1:]] == [("12", "12"), ("12", "9")]
    assert {len(row) for row in rows} == {17}


def test_the_first_wave_has_no_such_part_and_leads_to_the_next(
    world: World, first: View, later: View
) -> None:
    browser = world.browser("coordinator")
    browser.open(f"/surveys/{first['id']}/results")
    assert "waves" not in browser.page.ids
    browser.open(f"/surveys/{first['id']}")
    assert f"/surveys/{later['id']}" in browser.page.links
    browser.open(f"/surveys/{later['id']}")
    assert f"/surveys/{first['id']}" in browser.page.links


@pytest.mark.parametrize("start", ["", "/results"])
def test_a_coordinator_repeats_a_survey_and_may_cut_the_tie(world: World, first: View, start: str) -> None:
    browser = world.browser("coordinator")
    browser.open(f"/surveys/{first['id']}{start}")
    browser.submit("/repeat")
    assert browser.status == 200
    assert browser.path.endswith("/edit")
    draft_id = browser.path.split("/")[2]
    assert world.ask("get_survey", survey_id=draft_id)["follows"]["id"] == first["id"]
    assert world.ask("get_survey", survey_id=draft_id)["closes_at"] is not None
    sentence = {"fr": "nouvelle vague de", "en": "further wave of"}[browser.page.language[:2]]
    assert sentence in browser.text
    browser.form("/edit").fill(title_fr="Autre titre")
    browser.press("do", "unfollow")
    assert browser.status == 200
    assert sentence not in browser.text
    found = world.ask("get_survey", survey_id=draft_id)
    assert (found["follows"], found["title"]["fr"]) == (None, "Autre titre")


def test_an_open_survey_cannot_be_repeated_from_its_page(world: World) -> None:
    survey = world.launched(elements=NEEDS)
    browser = world.browser("coordinator")
    browser.open(f"/surveys/{survey['id']}")
    assert "/repeat" not in browser.html
