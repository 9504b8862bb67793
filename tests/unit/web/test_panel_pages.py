"""Pages of the board, of Delphi panels and of nominal groups, as a browser without JavaScript sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from gateway.demo.people import LEADS, MEMBERS
from gateway.web import panel_results
from gateway.web.charts.rounds_option import option
from services.surveys import panel_store
from services.surveys.methods.lazy import stats
from shared.actor import Actor
from shared.testing.harness import Harness
from tests.unit.web.browsing import Browser
from tests.unit.web.test_survey_pages import KEY, World

stats()  # imported at first use, which on a busy machine takes longer than a call may

SAID = "Parler du retour en classe avec une école inquiète"
WORDS = re.compile(r"\bpanels\.[a-z_]+\.[a-z_.]+")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    yield World(harness)
    harness.close()


def opened(browser: Any, path: str) -> None:
    browser.open(path)
    assert (path, browser.status, KEY.findall(browser.text), WORDS.findall(browser.text)) == (
        path,
        200,
        [],
        [],
    )


def test_a_need_is_said_supported_and_taken_up(world: World) -> None:
    learner, trainer, coordinator = (world.browser(role) for role in ("learner", "trainer", "coordinator"))
    opened(learner, "/needs/board")
    learner.follow("/needs/board/new")
    learner.form("/board/new").fill(text="Trop bref")
    learner.submit("/board/new")
    assert (learner.status, "text-error" in learner.page.ids) == (422, True)
    learner.form("/board/new").fill(text=SAID)
    learner.submit("/board/new")
    path = learner.path

    trainer.open("/needs/board/new")
    trainer.form("/board/new").fill(text="parler à une école inquiète du retour en classe")
    trainer.submit("/board/new")
    assert "Said already" in trainer.text
    trainer.submit(f"{path}/support")
    assert trainer.path == path
    assert "2 supporters" in trainer.text  # a trainer may know

    opened(coordinator, path)
    coordinator.form("/edit").fill(statement_fr=SAID, statement_en="Talk about a return to class")
    coordinator.submit("/edit")
    coordinator.submit("/adopt")
    assert coordinator.path.startswith("/needs/")
    opened(learner, path)
    assert coordinator.path in learner.page.links
    for page in ("/needs", coordinator.path, "/needs/board?standing=taken-up&sort=newest"):
        opened(coordinator, page)
        opened(trainer, page)
    opened(coordinator, "/programme")
    coordinator.open("/needs/board/nonsense")
    assert coordinator.status == 404


def test_an_entry_links_to_what_takes_it_up_only_where_the_reader_may_go(world: World) -> None:
    learner = world.browser("learner")
    learner.open("/needs/board/new")
    learner.form("/board/new").fill(text="Accueillir une famille qui arrive")
    learner.submit("/board/new")
    hidden = world.ask("create_survey", template_id="borich")
    entry = world.ask("get_board_entry", entry_id=learner.path.rpartition("/")[2])
    link = {"kind": "survey", "id": hidden["id"]}
    world.ask("link_board_entry", entry_id=entry["id"], version=entry["version"], link=link)
    coordinator, href = world.browser("coordinator"), f"/surveys/{hidden['id']}"
    for browser, may in ((coordinator, True), (learner, False)):
        opened(browser, f"/needs/board/{entry['id']}")
        assert (href in browser.page.links, "Repris ici" in browser.text) == (may, True)


def panel_id(path: str) -> str:
    return path.split("/")[2]


def raters(world: World, panel: str) -> list[Actor]:
    """The panel's people, as the service knows them."""
    with world.harness.services["surveys"].db.read(world.coordinator) as tx:
        people = panel_store.members_of(tx, UUID(panel))
    return [Actor(one, frozenset({"learner"}), "fr", "America/Halifax", None) for one in people]


def invite(world: World, browser: Browser) -> None:
    """Tick five learners by name, the demo learner among them."""
    listed = world.harness.call("identity", "list_members", {"limit": 200}, actor=world.coordinator)["items"]
    known = {one["display_name"]: one["id"] for one in listed}
    leads = [person.display_name for person in LEADS]
    chosen = [known[name] for name in leads] + [one for name, one in known.items() if name not in leads][
        : 5 - len(leads)
    ]
    form = next(form for form in browser.page.forms if form.action.endswith(("/new", "/edit")))
    form.fields += [("members", one) for one in chosen]


def build(world: World, coordinator: Browser, panel: str) -> None:
    """Close the open round; make items of its idea and of the bank; open the next round."""
    opened(coordinator, f"/panels/{panel}/close")
    coordinator.submit("/close")
    opened(coordinator, f"/panels/{panel}/items")
    idea = world.ask("get_panel_feed", panel_id=panel)["ideas"][0]["ref"]
    form = coordinator.form("/items")
    form.fields.append(("add_idea", idea))
    form.fields += [
        ("add_bank", one["ref"]) for one in world.ask("get_panel_feed", panel_id=panel)["bank"][:2]
    ]
    coordinator.press("do", "add")
    coordinator.form("/items").fill(**{"item-0_en": "Talking with families"})
    coordinator.press("do", "down-0")
    coordinator.press("do", "save")
    assert [item["sources"][0]["kind"] for item in world.ask("get_panel_feed", panel_id=panel)["items"]] == [
        "bank",
        "idea",
        "bank",
    ]
    coordinator.submit("/open")
    assert "Tour 2 ouvert" in coordinator.text


def rate_and_close(world: World, coordinator: Browser, panel: str) -> None:
    """All five rate: agreed on the first item, apart on the others."""
    for place, person in enumerate(raters(world, panel)):
        now = world.ask("get_panel_sheet", person, panel_id=panel)["items"]
        ratings = {
            item["id"]: {"points": 8 if at == 0 else 1 + (3 * at + 2 * place) % 9}
            for at, item in enumerate(now)
        }
        world.ask("save_ratings", person, panel_id=panel, ratings=ratings, language="fr")
    coordinator.open(f"/panels/{panel}")
    coordinator.follow(f"/panels/{panel}/close")
    coordinator.submit("/close")


def begun(coordinator: Browser, world: World, kind: str) -> str:
    """Start a panel from the form, in five clicks or fewer; its id."""
    coordinator.open(f"/panels/new?kind={kind}")
    invite(world, coordinator)
    coordinator.press("do", "start")
    assert (coordinator.status, coordinator.clicks <= 5) == (200, True)
    return panel_id(coordinator.path)


def rounds_shown(browser: Browser, panel: str) -> None:
    """Three items over two rounds, each in its own row."""
    opened(browser, f"/panels/{panel}/results")
    assert len({dot["value"][1] for dot in browser.charts[0]["series"][1]["data"]}) == 6


def test_delphi_from_the_form_to_the_needs(world: World) -> None:
    world.harness.call("identity", "seed_account", MEMBERS[0].profile())
    world.harness.drain()
    coordinator, learner = world.browser("coordinator"), world.browser("learner")
    panel = begun(coordinator, world, "delphi")
    assert "Tour 1 ouvert" in coordinator.text

    opened(learner, "/")
    assert f"/panels/{panel}" in learner.page.links
    opened(learner, f"/panels/{panel}")
    learner.form("/ideas").fields = [
        ("csrf_token", learner.form("/ideas").get("csrf_token") or ""),
        ("idea", "Parler aux familles"),
    ]
    learner.submit("/ideas")
    assert "Parler aux familles" in (learner.form("/ideas").get("idea") or "")

    build(world, coordinator, panel)
    opened(learner, f"/panels/{panel}")
    sheet = world.ask("get_panel_sheet", panel_id=panel)["items"]
    learner.form("/ratings").fill(**{f"points-{sheet[0]['id']}": "8", f"comment-{sheet[0]['id']}": "Oui"})
    learner.submit("/ratings")
    assert learner.form("/ratings").get(f"points-{sheet[0]['id']}") == "8"
    assert not [link for link in learner.page.links if link.endswith(("/items", "/close"))]
    rate_and_close(world, coordinator, panel)
    coordinator.submit("/open")
    opened(learner, f"/panels/{panel}")
    assert "Médiane du groupe" in learner.text
    rate_and_close(world, coordinator, panel)
    assert "Ce panel est terminé" in coordinator.text
    opened(learner, "/panels")
    for browser in (learner, world.browser("trainer")):
        rounds_shown(browser, panel)
    need = world.ask("list_needs", panel_id=panel)["items"][0]
    opened(learner, f"/needs/{need['id']}")
    answer = learner.client.get(f"/panels/{panel}/results.csv")
    assert (answer.status_code, answer.text.startswith("\ufeff"), len(answer.text.splitlines())) == (
        200,
        True,
        7,
    )


def test_a_hidden_round_has_no_figure_in_the_live_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_results, "say", lambda key, **_values: key)
    hidden = {"number": 1, "suppressed": True, "q1": 5.5, "median": 6.5, "q3": 7.5, "iqr": 2.0, "n": 3}
    row = {"statement": {"fr": "Écouter", "en": "Listen"}, "sources": [], "rounds": [hidden], "last": None}
    monkeypatch.setattr(panel_results, "chosen", lambda pair: pair["fr"])
    found = option([panel_results._item(row)], 9, (7, 9), "fr")
    assert all(series["data"] == [] for series in found["series"])
    words = [part["style"]["text"] for part in found["graphic"] if part["type"] == "text"]
    assert words == ["Écouter", "panels.figure.round", "surveys.figure.suppressed"]


def test_group_votes_without_javascript(world: World) -> None:
    world.harness.call("identity", "seed_account", MEMBERS[0].profile())
    world.harness.drain()
    coordinator, learner = world.browser("coordinator"), world.browser("learner")
    panel = begun(coordinator, world, "nominal-group")
    opened(learner, f"/panels/{panel}")
    before = learner.client.get(f"/panels/{panel}/pulse").json()
    coordinator.press("do", "sharing")
    assert learner.client.get(f"/panels/{panel}/pulse").json() != before
    for number in range(5):
        coordinator.form("/turn").fill(text=f"Idée {number}")
        coordinator.press("do", "say")
    opened(learner, f"/panels/{panel}")
    assert "Idée 4" in learner.text
    coordinator.press("do", "clarify")
    opened(learner, f"/panels/{panel}")
    coordinator.press("do", "vote")
    opened(learner, f"/panels/{panel}")
    items = [item["id"] for item in world.ask("get_panel_sheet", panel_id=panel)["items"]]
    for button in (
        f"add-{items[2]}",
        f"add-{items[0]}",
        f"up-{items[0]}",
        f"add-{items[1]}",
        f"remove-{items[2]}",
    ):
        learner.press("do", button)
    for person in raters(world, panel):
        if world.ask("get_panel_sheet", person, panel_id=panel)["ballot"] != [items[0], items[1]]:
            world.ask("save_ballot", person, panel_id=panel, items=items[:5])
    coordinator.open(f"/panels/{panel}")
    coordinator.press("do", "results")
    opened(learner, f"/panels/{panel}")
    assert "5 bulletins" in learner.text
    coordinator.press("do", "ended")
    for page in (f"/panels/{panel}", f"/panels/{panel}/results", "/panels?standing=ended", "/needs"):
        opened(learner, page)
    assert world.ask("list_needs", panel_id=panel)["items"][0]["metric"]["points"] == 25
