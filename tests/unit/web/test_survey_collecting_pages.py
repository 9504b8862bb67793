"""Pages about who is asked, reminded and reached, as a browser without JavaScript sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from shared.actor import Actor
from shared.contracts.identity import AccountRegistered
from shared.messaging.envelope import envelope_of
from shared.testing.harness import Harness
from tests.unit.surveys.support import answers_of
from tests.unit.web.browsing import Browser
from tests.unit.web.test_survey_pages import View, World


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
    assert "Moins de 5 personnes consultées" in browser.text  # the demo's four
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
    assert "Aucun membre ne correspond à tous ces choix" in browser.text
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


def made_link(desk: Browser, survey: View) -> str:
    """Where a new link leads, as the page shows it this once."""
    desk.open(f"/surveys/{survey['id']}")
    desk.follow(f"/surveys/{survey['id']}/links")
    desk.form("/links").fill(count="0")
    desk.submit("/links")
    assert (desk.status, "count-error" in desk.page.ids) == (422, True)
    desk.form("/links").fill(count="2", label="Réunion")
    desk.submit("/links")
    link = re.search(r"http[^<\s]*(/link/[\w-]+)", desk.html)
    assert (desk.status, link is not None) == (201, True)
    assert link is not None
    return link[1]


def test_a_link_is_made_answered_and_spent_without_an_account(world: World) -> None:
    survey, desk = world.launched(), world.browser("coordinator")
    link = made_link(desk, survey)
    person = Browser(world.app)
    person.open(link)
    assert (person.status, person.path) == (200, "/link/answer")
    assert link.removeprefix("/link/") not in person.html
    code = survey["items"][0]["code"]
    name = next(key for key, _ in _named(person, code))
    person.form("/link/answer").fill(**{name: "4"})
    person.press("do", "later")
    other = Browser(world.app)
    other.open(link)
    assert dict(other.form("/link/answer").fields)[name] == "4"
    answers = answers_of(survey)
    world.harness.call(
        "surveys", "submit_by_link", {"secret": link[6:], "answers": answers, "language": "fr"}
    )
    other.open("/link/answer")
    assert (
        other.status,
        "Rien ne les rattache à ce lien" in other.text or "Nothing ties them" in other.text,
    ) == (200, True)
    person.open("/link/nothing-of-the-kind")
    assert person.status == 410
    desk.open(f"/surveys/{survey['id']}/links")
    assert link not in desk.html
    desk.submit("/revoke")
    assert "n’ouvrent plus rien" in desk.text


def test_a_page_left_open_by_a_link_is_read_as_it_was_asked(world: World) -> None:
    survey = world.launched()
    person = Browser(world.app)
    person.open(made_link(world.browser("coordinator"), survey))
    code, renamed = survey["items"][0]["code"], "renamed"
    name = next(key for key, _ in _named(person, code))
    first, *others = survey["elements"]
    assert first["code"] == code
    world.ask(
        "revise_survey", survey_id=survey["id"], version=survey["version"], mapping={code: renamed},
        elements=[first | {"code": renamed}, *others], note={"fr": "Autrement", "en": "Otherwise"},
    )  # fmt: skip
    person.form("/link/answer").fill(**{name: "4"})
    person.press("do", "later")
    person.open("/link/answer")
    kept = {key: value for key, value in person.form("/link/answer").fields if value == "4"}
    assert [key.replace(renamed, code) for key in kept] == [name]


def _named(browser: Browser, code: str) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in re.findall(r'name="([^"]*)"[^>]*value="(4)"', browser.html)
        if code in name and "importance" in name
    ]


def test_coverage_has_pictures_tables_and_files_and_reminders_a_button(world: World) -> None:
    survey = world.launched(anonymity="confidential")
    people = [member(world, province) for province in ["QC"] * 7 + ["ON"] * 6 + ["NB"]]
    desk = world.browser("coordinator")
    desk.open(f"/surveys/{survey['id']}")
    assert "à partir de cinq réponses" in desk.text
    for person in [*people[:6], *people[7:13]]:
        world.ask(
            "submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr"
        )
    service: Any = world.harness.services["surveys"]
    service.refresh_coverage()
    desk.open(f"/surveys/{survey['id']}/coverage")
    assert "Alberta" in desk.text
    assert "Réponses par province et territoire\u00a0: " in desk.html
    provinces = desk.charts[0]
    names, figures = (axis["data"] for axis in provinces["yAxis"])
    said = [bar["name"] for bar in provinces["series"][1]["data"]]
    assert "Québec\nOnt répondu\u00a0: 6 sur 8 (75\u00a0%)" in said
    assert len(said) == len(names) - figures.count("caché") < len(names)
    desk.open(f"/surveys/{survey['id']}/coverage/province.csv")
    assert (desk.status, "Québec,8,6" in desk.html.replace(";", ",")) == (200, True)
    desk.open(f"/surveys/{survey['id']}")
    desk.submit("/remind")
    assert "Le rappel est parti" in desk.text
    assert "pourra partir à compter du" in desk.text


def member(world: World, province: str) -> Actor:
    person = world.harness.actor("learner", province=province)
    assert person.account_id is not None
    told = AccountRegistered(person.account_id, ["learner"], "fr", "America/Toronto", province, "health")
    envelope = envelope_of(told, source="identity", subject=person.account_id, version=1,
                           time=world.harness.clock.now())  # fmt: skip
    world.harness.deliver("surveys", "on_account_registered", envelope)
    return person
