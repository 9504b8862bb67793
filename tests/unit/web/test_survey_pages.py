"""Pages of surveys, needs, proposals and the programme, as a browser without JavaScript sees them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel.dates import format_date
from flask import Flask

from gateway.asgi import build_gateway
from gateway.context import CURRENT, RequestContext
from gateway.demo.people import LEADS
from gateway.demo.ratings import ratings_of
from gateway.web import pages
from gateway.web import survey_forms as forms
from shared.actor import Actor
from shared.errors import Invalid
from shared.testing.harness import Harness
from tests.unit.web.browsing import Browser

View = dict[str, Any]
TEMPLATES = pages.STATIC.parent / "templates"
PAIR = {"fr": "Atelier", "en": "Workshop"}
PROPOSAL: View = {"title": PAIR, "rationale": PAIR, "audience": PAIR, "format": "live", "effort_hours": 2}
KEY = re.compile(r"\b(?:surveys|shell|errors|today|identity)\.[a-z_]+\.[a-z_.]+")


class World:
    """Identity and surveys behind the real gateway, four demo people, and a coordinator's desk."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        # Pages read the machine's clock (dates are prefilled from it), services the harness's: set one by the other.
        harness.clock.advance(datetime.now(UTC) - harness.clock.now())
        for person in LEADS:
            harness.call("identity", "seed_account", person.profile())
        self.app = build_gateway(harness.settings, harness.bus)
        self.coordinator = harness.actor("coordinator")

    def browser(self, role: str) -> Browser:
        browser = Browser(self.app)
        browser.sign_in(role)
        return browser

    def ask(self, method: str, actor: Actor | None = None, **payload: Any) -> Any:
        return self.harness.call("surveys", method, payload, actor=actor or self.coordinator)

    def launched(self, template: str = "borich", **given: Any) -> View:
        closes = (self.harness.clock.now() + timedelta(days=7)).isoformat()
        draft = self.ask("create_survey", template_id=template, closes_at=closes, **given)
        found: View = self.ask("launch_survey", survey_id=draft["id"], version=draft["version"])
        return found

    def ranked(self, people: int = 24, template: str = "borich", **given: Any) -> View:
        survey = self.launched(template, **given)
        items = [item["code"] for item in survey["items"]]
        for number in range(people):
            answers = ratings_of(number, items, 7)
            person = self.harness.actor("learner")
            self.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
        found: View = self.ask("close_survey", survey_id=survey["id"])
        return found

    def needs(self, survey: View) -> list[View]:
        found: list[View] = self.ask("list_needs", survey_id=survey["id"])["items"]
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One platform for the module: starting it is slow, and every test brings its own surveys."""
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    yield World(harness)
    harness.close()


def answered(browser: Browser, survey: View, but: int = 0) -> None:
    """Fill in the answer form; the last `but` items get an importance and no ability."""
    form = browser.form("/answer")
    for item in survey["items"]:
        form.fill(**{f"importance-{item['code']}": "4", f"ability-{item['code']}": "2"})
    for item in survey["items"][len(survey["items"]) - but :] if but else []:
        form.fields = [(name, value) for name, value in form.fields if name != f"ability-{item['code']}"]


def test_launch_takes_five_clicks_or_fewer_without_javascript(world: World) -> None:
    browser = world.browser("coordinator")
    browser.open("/needs")
    browser.follow("/surveys/new")
    browser.press("template", "borich")
    browser.press("do", "review")
    browser.submit("/launch")

    survey = world.ask("list_surveys")["items"][0]
    assert (browser.status, browser.path) == (200, f"/surveys/{survey['id']}")
    assert survey["status"] == "open"
    assert browser.clicks == 4
    local = forms.local_parts(survey["closes_at"], "America/Halifax")
    assert local["time"] == "17:00"


def test_review_lists_what_is_missing_with_links_to_the_fields(world: World) -> None:
    browser = world.browser("coordinator")
    browser.open("/surveys/new")
    browser.press("template", "borich")
    code = world.ask("get_template", template_id="borich")["items"][2]["code"]
    browser.form("/edit").fill(title_fr="")
    browser.press("do", f"go:{code}")
    browser.form("/edit").fill(text_en="")
    browser.press("do", "review")
    base = browser.path.removesuffix("/review")
    links = [href for href in browser.page.links if "check=1#" in href]
    assert {f"{base}/edit?check=1#title_fr", f"{base}/edit?at={code}&check=1#text_en"} <= set(links)
    assert (
        "Français\xa0: 13 textes sur 14" in browser.html,
        "Anglais\xa0: 13 textes sur 14" in browser.html,
    ) == (True, True)

    browser.submit("/launch")
    assert browser.status == 422
    browser.follow(f"{base}/edit?at={code}&check=1#text_en")
    assert "text_en-error" in browser.page.ids


def test_a_stale_edit_keeps_the_values_and_says_so(world: World) -> None:
    mine, other = world.browser("coordinator"), world.browser("admin")
    mine.open("/surveys/new")
    mine.press("template", "borich")
    other.open(mine.path)
    other.form("/edit").fill(title_en="Theirs")
    other.press("do", "save")
    mine.form("/edit").fill(title_fr="À moi", title_en="Mine")
    mine.press("do", "save")

    assert mine.status == 412
    assert "version plus récente" in mine.text
    assert (mine.form("/edit").get("title_fr"), mine.form("/edit").get("title_en")) == ("À moi", "Mine")
    assert world.ask("list_surveys")["items"][0]["title"]["en"] == "Theirs"
    mine.press("do", "save")
    assert (mine.status, world.ask("list_surveys")["items"][0]["title"]["en"]) == (200, "Mine")


def test_an_unreadable_date_comes_back_beside_its_field(world: World) -> None:
    browser = world.browser("coordinator")
    browser.open("/surveys/new")
    browser.press("template", "borich")
    browser.form("/edit").fill(closes_at_date="2026-13-45", title_fr="Gardé")
    browser.press("do", "save")

    assert browser.status == 422
    assert "closes_at-error" in browser.page.ids
    assert (browser.form("/edit").get("title_fr"), browser.form("/edit").get("closes_at_date")) == (
        "Gardé", "2026-13-45",
    )  # fmt: skip


def test_a_missing_answer_is_listed_with_a_link_and_kept_answers(world: World) -> None:
    survey = world.launched()
    last = survey["items"][-1]["code"]
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    answered(browser, survey, but=1)
    browser.press("do", "send")

    assert browser.status == 422
    assert [href for href in browser.page.links if href.startswith("#ability-")] == [f"#ability-{last}"]
    assert f"ability-{last}" in browser.page.ids
    form = browser.form("/answer")
    assert form.get(f"importance-{last}") == "4"
    form.fill(**{f"na-{last}": "1"})
    browser.press("do", "send")
    assert (browser.status, browser.path) == (200, f"/surveys/{survey['id']}/thanks")
    browser.open(f"/surveys/{survey['id']}/answer")
    assert "Vous avez déjà répondu" in browser.text


def test_a_draft_is_saved_and_resumed(world: World) -> None:
    survey = world.launched()
    first, second = (item["code"] for item in survey["items"][:2])
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    form = browser.form("/answer")
    form.fill(**{f"importance-{first}": "5", f"ability-{first}": "1", f"na-{second}": "1"})
    browser.press("do", "later")
    assert browser.path == f"/surveys/{survey['id']}"

    browser.follow(f"/surveys/{survey['id']}/answer")
    form = browser.form("/answer")
    assert [form.get(f"{side}-{first}") for side in ("importance", "ability")] == ["5", "1"]
    assert form.get(f"na-{second}") == "1"
    assert "2 sur 12" in browser.text


@pytest.mark.parametrize(("anonymity", "status"), [("named", 200), ("anonymous", 404)])
def test_own_answers_are_read_again_where_they_are_named(world: World, anonymity: str, status: int) -> None:
    survey = world.launched(anonymity=anonymity)
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    answered(browser, survey)
    browser.press("do", "send")
    browser.open(f"/surveys/{survey['id']}")
    assert (f"/surveys/{survey['id']}/mine" in browser.page.links) == (status == 200)
    browser.open(f"/surveys/{survey['id']}/mine")
    assert (browser.status, browser.text.count(" 4 – ")) == (status, 12 if status == 200 else 0)


def test_autosave_answers_with_the_time(world: World) -> None:
    survey = world.launched()
    first = survey["items"][0]["code"]
    browser = world.browser("trainer")
    browser.open(f"/surveys/{survey['id']}/answer")
    form = browser.form("/answer")
    form.fill(**{f"importance-{first}": "3", f"ability-{first}": "3"})
    answer = browser.client.post(
        f"/surveys/{survey['id']}/draft", data=dict(form.fields), headers={"Accept": "application/json"}
    )
    body = answer.json()
    assert (answer.status_code, body["answered"], body["total"]) == (200, 1, 12)
    assert re.fullmatch(r"\d{1,2}:\d\d\xa0[ap]\.m\.", body["saved"])

    world.ask("close_survey", survey_id=survey["id"])
    late = browser.client.post(
        f"/surveys/{survey['id']}/draft", data=dict(form.fields), headers={"Accept": "application/json"}
    )
    assert (late.status_code, late.json()["code"]) == (409, "survey-closed")


def test_the_language_changes_midway_and_answers_stay(world: World) -> None:
    survey = world.launched()
    first = survey["items"][0]
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    assert (browser.page.language, first["statement"]["fr"] in browser.text) == ("fr-CA", True)
    browser.form("/answer").fill(**{f"importance-{first['code']}": "5", f"ability-{first['code']}": "2"})
    browser.press("do", "switch")

    assert (browser.page.language, first["statement"]["en"] in browser.text) == ("en-CA", True)
    form = browser.form("/answer")
    assert [form.get(f"{side}-{first['code']}") for side in ("importance", "ability")] == ["5", "2"]
    browser.press("do", "switch")
    assert (browser.page.language, browser.form("/answer").get(f"ability-{first['code']}")) == ("fr-CA", "2")


def test_a_closed_survey_is_not_answered(world: World) -> None:
    survey = world.launched()
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    answered(browser, survey)
    world.ask("close_survey", survey_id=survey["id"])
    browser.press("do", "send")

    assert browser.status == 409
    assert "Ce sondage est clos" in browser.text


def test_the_list_says_when_a_survey_was_closed_and_not_when_it_would_have_been(world: World) -> None:
    survey = world.launched()
    closed = world.ask("close_survey", survey_id=survey["id"])["closed_at"]
    listed = next(one for one in world.ask("list_surveys")["items"] if one["id"] == survey["id"])
    assert listed["closed_at"] == closed < listed["closes_at"]
    browser = world.browser("learner")
    browser.open("/surveys")
    day = format_date(datetime.fromisoformat(closed), "d MMMM y", locale="fr_CA")
    assert f"Clos le {day}" in browser.text


@pytest.mark.parametrize(("role", "language"), [("learner", "fr"), ("trainer", "en")])
def test_every_page_has_its_words_in_both_languages(world: World, role: str, language: str) -> None:
    survey = world.ranked(template="ranked-discrepancy", title={"fr": "Besoins", "en": "Wants"})
    few, running = world.ranked(people=3), world.launched(anonymity="named")
    need = world.needs(survey)[0]
    proposal = world.ask("open_proposal", need_id=need["id"], **PROPOSAL)
    paths = [
        "/needs", "/surveys", "/proposals", f"/surveys/{survey['id']}", f"/surveys/{survey['id']}/results",
        f"/surveys/{few['id']}/results", f"/surveys/{running['id']}", f"/surveys/{running['id']}/results",
        f"/surveys/{running['id']}/answer", f"/surveys/{survey['id']}/answer", f"/needs/{need['id']}",
        f"/proposals/{proposal['id']}", f"/needs?survey={survey['id']}&status=drafted",
    ]  # fmt: skip
    browser = world.browser(role)
    for path in paths:
        browser.open(path)
        assert (path, browser.status, browser.page.language) == (path, 200, f"{language}-CA")
        assert (path, KEY.findall(browser.text)) == (path, [])


def test_the_coordinators_pages_have_their_words(world: World) -> None:
    survey, running = world.ranked(), world.launched(anonymity="named")
    draft = world.ask("create_survey", template_id="borich")
    needs = world.needs(survey)
    proposal = world.ask("open_proposal", need_id=needs[0]["id"], **PROPOSAL)
    paths = [
        "/needs", "/programme", "/surveys/new", f"/surveys/{draft['id']}/edit?check=1", f"/surveys/{draft['id']}/review",
        f"/surveys/{draft['id']}/discard", f"/surveys/{running['id']}", f"/surveys/{running['id']}/close",
        f"/surveys/{running['id']}/participants", f"/surveys/{survey['id']}/results", f"/proposals/{proposal['id']}",
        f"/proposals/{proposal['id']}/edit", f"/needs/{needs[1]['id']}/proposals/new",
    ]  # fmt: skip
    for role in ("coordinator", "admin"):
        browser = world.browser(role)
        for path in paths:
            browser.open(path)
            assert (path, browser.status, KEY.findall(browser.text)) == (path, 200, [])


def test_results_say_their_message_and_give_csv(world: World) -> None:
    survey = world.ranked()
    browser = world.browser("trainer")
    browser.open(f"/surveys/{survey['id']}/results")
    assert "needs stand out" in browser.text
    assert world.ask("get_results", survey_id=survey["id"])["manifest"]["data_sha256"] in browser.text

    for name, columns in (("ranking", 8), ("quadrant", 5)):
        answer = browser.client.get(f"/surveys/{survey['id']}/results/{name}.csv")
        lines = answer.text.removeprefix("\ufeff").splitlines()
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert (name, len(lines)) == (name, 13)
        assert (name, lines[0].count(",") + 1 >= columns) == (name, True)
    assert browser.client.get(f"/surveys/{survey['id']}/results/other.csv").status_code == 404


def test_small_groups_are_never_counted(world: World) -> None:
    """Three who feel no gap among six: the counts 3, 0 and 3 would tell on them."""
    survey = world.launched(items=[{"code": f"c{n}", "statement": PAIR} for n in range(3)])
    for number in range(6):
        pair = {"importance": 4, "ability": 4 if number < 3 else 2}
        answers = {item["code"]: pair for item in survey["items"]}
        person = world.harness.actor("learner")
        world.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
    world.ask("close_survey", survey_id=survey["id"])
    browser = world.browser("trainer")
    browser.open(f"/surveys/{survey['id']}/results")

    assert browser.text.count("at least one group under five") == 3
    assert "Read this as an indication" in browser.text
    counts = re.search(r"Ability above\s*n(.*?)Reproduce", browser.text)
    assert counts is not None
    assert re.findall(r"\b\d+\b", counts.group(1)) == ["6", "6", "6"]


def test_a_proposal_is_opened_endorsed_edited_and_decided(world: World) -> None:
    need = world.needs(world.ranked())[0]
    coordinator, member = world.browser("coordinator"), world.browser("learner")
    coordinator.open(f"/needs/{need['id']}")
    coordinator.follow(f"/needs/{need['id']}/proposals/new")
    form = coordinator.form("/proposals/new")
    texts = {
        f"{name}_{code}": f"{name} {code}"
        for name in ("title", "rationale", "audience")
        for code in ("fr", "en")
    }
    form.fill(**texts | {"effort_hours": "1,5", "title_en": ""})
    coordinator.submit("/proposals/new")
    assert (coordinator.status, "title_en-error" in coordinator.page.ids) == (422, True)
    coordinator.form("/proposals/new").fill(title_en="title en")
    coordinator.submit("/proposals/new")
    path = coordinator.path

    member.open(path)
    member.submit("/endorse")
    member.submit("/withdraw")
    member.submit("/endorse")
    proposal = world.ask("get_proposal", proposal_id=path.rsplit("/", 1)[1])
    assert (proposal["endorsements"], proposal["effort_hours"]) == (1, 1.5)

    coordinator.open(path)
    coordinator.form("/decide").fill(outcome="approved", reason_fr="Parce que.")
    coordinator.submit("/decide")
    assert (coordinator.status, "reason_en-error" in coordinator.page.ids) == (422, True)
    assert coordinator.form("/decide").get("reason_fr") == "Parce que."
    coordinator.form("/decide").fill(reason_en="Because.")
    coordinator.submit("/decide")
    assert "formation est approuvée" in coordinator.text
    member.open(f"/needs/{need['id']}")
    assert ("Parce que." in member.text, "Sylvie Arsenault" in member.text) == (True, True)


def test_because_you_asked_names_the_need_of_a_course(world: World) -> None:
    need = world.needs(world.ranked())[0]
    flask = Flask("gateway", template_folder=str(TEMPLATES), static_folder=None)
    pages.prepare(flask, world.harness.settings)
    token = CURRENT.set(RequestContext(world.harness.bus, "request", "en"))
    with flask.test_request_context("/courses/1"):
        shown, _ = pages.render("needs/because.html", asked={"need": need, "proposal": None})
        nothing, _ = pages.render("needs/because.html", asked=None)
    CURRENT.reset(token)

    assert (f'href="/needs/{need["id"]}"' in shown, "Because you asked" in shown) == (True, True)
    assert need["statement"]["en"] in html.unescape(shown)
    assert nothing.strip() == ""


def test_a_stale_proposal_edit_keeps_the_values(world: World) -> None:
    need = world.needs(world.ranked())[0]
    proposal = world.ask("open_proposal", need_id=need["id"], **PROPOSAL)
    browser = world.browser("coordinator")
    browser.open(f"/proposals/{proposal['id']}/edit")
    world.ask("edit_proposal", proposal_id=proposal["id"], version=1, **PROPOSAL | {"effort_hours": 9})
    browser.form("/edit").fill(title_fr="À moi")
    browser.submit("/edit")

    assert (browser.status, browser.form("/edit").get("title_fr")) == (412, "À moi")


@pytest.mark.parametrize(
    "path",
    [
        "/surveys/new",
        "/programme",
        "/surveys/{draft}/edit",
        "/surveys/{open}/close",
        "/needs/{need}/proposals/new",
    ],
)
def test_coordinators_pages_are_closed_to_learners(world: World, path: str) -> None:
    need = world.needs(world.ranked())[0]
    draft = world.ask("create_survey", template_id="borich")
    browser = world.browser("learner")
    browser.open(path.format(draft=draft["id"], open=world.launched()["id"], need=need["id"]))

    assert browser.status in (403, 404)
    assert "borich" not in browser.html


@pytest.mark.parametrize(
    "path", ["/surveys/{}", "/surveys/{}/answer", "/needs/{}", "/proposals/{}", "/surveys/{}/results"]
)
@pytest.mark.parametrize("ident", ["nonsense", "01a20233-f08f-7750-883f-1a3aba793e8a"])
def test_unknown_and_impossible_ids_look_alike(world: World, path: str, ident: str) -> None:
    browser = world.browser("learner")
    browser.open(path.format(ident))
    assert browser.status == 404


def test_dates_are_read_in_the_members_zone() -> None:
    typed = {"date": "2026-12-06", "time": "17:00"}
    assert forms.instant_of(typed, "America/St_Johns", "closes_at") == "2026-12-06T20:30:00+00:00"
    assert forms.local_parts("2026-12-06T20:30:00+00:00", "America/St_Johns") == typed
    with pytest.raises(Invalid) as caught:
        forms.instant_of({"date": "9999-99-01", "time": ""}, "America/Toronto", "closes_at")
    assert [(problem.path, problem.code) for problem in caught.value.fields] == [("closes_at", "bad-instant")]
