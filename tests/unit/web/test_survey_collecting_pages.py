"""Pages about who is asked, reminded and reached, as a browser without JavaScript sees them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.testing.harness import Harness
from tests.unit.web.test_survey_pages import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Identity and surveys; the courses service is down, which takes nothing but the names of cohorts away."""
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    made = World(harness)
    harness.drain()
    yield made
    harness.close()


def test_audience_is_chosen_counted_saved_and_said(world: World) -> None:
    agency = world.harness.call(
        "identity", "add_agency", {"name": {"fr": "La Rive", "en": "Riverside"}}, actor=world.coordinator
    )
    browser = world.browser("coordinator")
    browser.open("/surveys/new")
    browser.press("template", "borich")
    assert "Moins de 5 membres sont consultés" in browser.text  # the demo's four
    form = browser.form("/edit")
    form.fields += [
        ("audience-province", "QC"),
        ("audience-province", "NB"),
        ("audience-agency", agency["id"]),
    ]
    browser.press("do", "save")
    saved = world.ask("list_surveys")["items"][0]
    survey = world.ask("get_survey", survey_id=saved["id"])
    assert (survey["audience"]["province"], survey["audience"]["agency"]) == (["NB", "QC"], [agency["id"]])
    assert "Personne ne répond à tous ces choix" in browser.text
    form = browser.form("/edit")
    form.fields = [(name, value) for name, value in form.fields if name != "audience-agency"]
    browser.press("do", "review")
    assert "Nouveau-Brunswick ou Québec" in browser.text
    browser.submit("/launch")
    assert "Nouveau-Brunswick ou Québec" in browser.text
    other = world.browser("trainer")  # of Ontario
    other.open(f"/surveys/{survey['id']}")
    assert other.status == 404


def test_count_alone_is_for_coordinators_and_warns_of_few(world: World) -> None:
    browser = world.browser("coordinator")
    browser.open("/surveys/audience-people?audience-province=QC&anonymity=anonymous")
    assert (browser.status, "Moins de 5" in browser.text, "Peu de personnes" in browser.text) == (
        200,
        True,
        True,
    )
    browser.open("/surveys/audience-people?audience-province=QC&anonymity=named")
    assert "Peu de personnes" not in browser.text
    browser.open("/surveys/audience-people?audience-province=ZZ")
    assert (browser.status, "ne peut pas être compté" in browser.text) == (200, True)
    other = world.browser("learner")
    other.open("/surveys/audience-people")
    assert other.status == 403
