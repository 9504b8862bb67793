"""Forms that come back: nothing typed is lost, every fault leads to its field, and odd digits break nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.demo.people import LEADS, MEMBERS
from gateway.demo.ratings import ratings_of
from services.surveys.methods.lazy import stats
from shared.actor import Actor
from shared.ids import new_id
from shared.testing.harness import Harness
from tests.unit.surveys.office import ASKED
from tests.unit.surveys.support import Desk
from tests.unit.surveys.test_follow_up import Course
from tests.unit.web.browsing import Browser, Form
from tests.unit.web.instrument import FIELDS, INSTRUMENT
from tests.unit.web.test_coding_pages import Site
from tests.unit.web.test_survey_pages import PAIR, PROPOSAL, World

stats()  # imported at first use, which on a busy machine takes longer than a call may

View = dict[str, Any]
ODD = ("²", "٣", "1" * 5000, "-1", "1e400", "nan", "inf")
"""What `isdigit` or `float` take for a number, and a form's reader must not."""
IDS = re.compile(r'\sid="([^"]+)"')
SUMMARY = re.compile(r"data-error-summary.*?</ul>", re.DOTALL)
LINK = re.compile(r'<a href="#([^"]*)">([^<]*)</a>')
GONE = str(new_id())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("forms"), ("identity", "surveys"))
    made = World(harness)
    harness.drain()
    for person in MEMBERS[:2]:
        harness.call("identity", "seed_account", person.profile())
    harness.drain()
    yield made
    harness.close()


@pytest.fixture(scope="module")
def asked(world: World) -> View:
    """A survey with every kind of element."""
    return world.launched(elements=INSTRUMENT)


def came_back(browser: Browser, status: int = 422) -> list[tuple[str, str]]:
    """(id, text) of the links of the summary, after looking that the page is whole: each leads to a field, and names it."""
    assert browser.status == status
    twice = [name for name, count in Counter(IDS.findall(browser.html)).items() if count > 1]
    assert twice == []
    found = SUMMARY.search(browser.html)
    assert found is not None
    assert "<li></li>" not in found.group(0)
    links = LINK.findall(found.group(0))
    assert len(links) == found.group(0).count("<li>")
    assert [name for name, _ in links if name not in browser.page.ids] == []
    assert [text for _, text in links if ":" not in text] == []
    return links


def sent(browser: Browser, form: Form, **values: Any) -> None:
    """Send a form with other values, lists too."""
    body: dict[str, Any] = {}
    for name, value in form.fields:
        body.setdefault(name, []).append(value)
    browser._show(browser.client.post(form.action, data=body | values))


# --- surveys


def test_a_members_page_left_open_over_a_revision_loses_nothing(world: World) -> None:
    survey = world.launched(elements=INSTRUMENT)
    learner = world.browser("learner")
    learner.open(f"/surveys/{survey['id']}/answer")
    form = learner.form("/answer")
    renamed = [{**one, "code": "task.renamed"} if one["code"] == "need.one" else one for one in INSTRUMENT]
    renamed = [
        {**one, "compute": {"minus": [{"item": "task.renamed", "part": part} for part in ("importance", "ability")]}}
        if one["code"] == "gap" else one for one in renamed
    ]  # fmt: skip
    world.ask("revise_survey", survey_id=survey["id"], version=survey["version"], elements=renamed,
              mapping={"need.one": "task.renamed"}, note=PAIR)  # fmt: skip
    fields = {name: value for name, value in FIELDS.items() if name != "ability-need.one"}
    sent(learner, form, do="send", **fields)
    assert learner.status == 422
    shown = learner.form("/answer")
    assert shown.get("importance-task.renamed") == "5"  # what was answered, under the new code
    assert shown.get("ability-task.renamed") is None
    assert shown.get("value:more") == "Deux\nlignes"
    shown.fill(**{"ability-task.renamed": "2", "do": "send"})
    learner.send(shown)
    assert learner.path.endswith("/thanks")


@pytest.mark.parametrize("odd", [one for one in ODD if one != "٣"])  # which Python reads as the 3 that it is
@pytest.mark.parametrize("name", ["importance-need.one", "rank:order:o3", "value:years"])
def test_odd_digits_in_answers_are_refused(world: World, asked: View, name: str, odd: str) -> None:
    survey = asked
    learner = world.browser("learner")
    learner.open(f"/surveys/{survey['id']}/answer")
    sent(learner, learner.form("/answer"), **{**FIELDS, name: odd, "do": "send"})
    assert learner.status == 422


@pytest.mark.parametrize("odd", ODD)
def test_odd_digits_in_the_builder_change_nothing(world: World, odd: str) -> None:
    survey = world.ask("create_survey", template_id="borich", elements=INSTRUMENT)
    browser = world.browser("coordinator")
    for at, buttons in {
        "ways": ("entry-up:options:", "entry-remove:options:", "jump-remove:"),
        "years": ("test-remove:",),
        "grid": ("test-remove:",),
        "best": ("set-remove:",),
    }.items():
        browser.open(f"/surveys/{survey['id']}/edit?at={at}")
        form = browser.form("/edit")
        same = {name: odd for name, _ in form.fields if name.endswith("_same")}
        numbers = {
            name: odd for name, _ in form.fields if re.fullmatch(r"(if|go)-\d+_value|min|max|set_size", name)
        }
        for button in buttons:
            sent(browser, form, do=f"{button}{odd}", **same)
            assert browser.status < 500
        sent(browser, form, **numbers, do="save")
        assert browser.status < 500


def test_a_need_links_to_its_survey_only_where_the_reader_was_asked(world: World) -> None:
    hidden, other = (world.launched(audience_roles=[role]) for role in ("facilitator", "trainer"))
    for survey, role in ((hidden, "facilitator"), (other, "trainer")):
        for number in range(6):
            answers = ratings_of(number, [item["code"] for item in survey["items"]], 7)
            person = world.harness.actor(role)
            world.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
        closing = {"survey_id": survey["id"]}
        world.harness.bus.call("surveys", "close_survey", closing, actor=world.coordinator, timeout=60)
    browser = world.browser("trainer")
    for survey, may in ((hidden, False), (other, True)):
        need, href = world.needs(survey)[0], f"/surveys/{survey['id']}"
        for page in (f"/needs?survey={survey['id']}", f"/needs/{need['id']}"):
            browser.open(page)
            assert browser.status == 200
            assert any(link.startswith(href) for link in browser.page.links) is may


def test_crumbs_of_readers_who_were_not_asked_lead_somewhere(world: World) -> None:
    survey = world.launched(elements=ASKED, audience_roles=["trainer"])
    for number in range(6):
        answers = {
            "p.one": {"importance": 5, "ability": 2},
            "role": {"choice": "a"},
            "why": {"value": f"mot {number}"},
        }
        person = world.harness.actor("trainer")
        world.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
    world.harness.bus.call(
        "surveys", "close_survey", {"survey_id": survey["id"]}, actor=world.coordinator, timeout=60
    )
    for role, may in (("researcher", False), ("coordinator", True)):
        browser = readers(world, role)
        for page in ("open-answers", "export", "themes"):
            browser.open(f"/surveys/{survey['id']}/{page}")
            crumb = re.search(r'class="crumbs"[^>]*><a href="([^"]+)"', browser.html)
            assert crumb is not None
            assert (crumb.group(1) == f"/surveys/{survey['id']}") is may
            browser.open(crumb.group(1))
            assert browser.status == 200


def readers(world: World, role: str) -> Browser:
    """A browser of one of the demo's people, or of a new person who has the role."""
    if any(person.key == role for person in LEADS):
        return world.browser(role)
    profile = {"email": f"{role}@example.org", "password": "correct horse battery staple 9", "display_name": role,
               "roles": [role], "language": "fr", "time_zone": "America/Toronto"}  # fmt: skip
    world.harness.call("identity", "seed_account", profile)
    world.harness.drain()
    browser = Browser(world.app)
    browser.open("/sign-in")
    form = next(form for form in browser.page.forms if any(name == "password" for name, _ in form.fields))
    sent(browser, form, email=profile["email"], password=profile["password"])
    return browser


# --- the board


def entry(world: World, words: str, who: Any = None) -> View:
    who = who or world.harness.actor("learner")
    found: View = world.ask("express_need", who, text=words, language="fr")
    return found


BOARD: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("edit", {"statement_fr": "Mots gardés", "statement_en": "x" * 401, "topic": "law"}, {}, "statement_en"),
    ("edit", {"statement_fr": "Mots gardés", "topic": "nonsense"}, {"topic": ""}, "topic"),
    ("merge", {"into": GONE[:8]}, {"into": ""}, "into"),
    ("link", {"link": f"need|{GONE}"}, {"link": ""}, "link"),
    ("close", {"reason_fr": "Raison gardée", "reason_en": "", "outcome": "survey", "link": f"need|{GONE}"}, {"link": ""}, "reason_en"),
    ("close", {"reason_fr": "Oui", "reason_en": "Yes", "outcome": "survey", "link": f"need|{GONE}"}, {"link": ""}, "close-link"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "typed", "unknown", "field"), BOARD)
def test_forms_of_an_entry_keep_what_was_typed(
    world: World, action: str, typed: dict[str, str], unknown: dict[str, str], field: str
) -> None:
    """unknown: what a list does not have, so that it cannot be kept."""
    world.ranked(6)  # something to link to
    found, _ = entry(world, "Un besoin à reformuler"), entry(world, "Un autre besoin du tableau")
    browser = world.browser("coordinator")
    browser.open(f"/needs/board/{found['id']}")
    sent(browser, browser.form(f"/{action}"), **typed)
    assert field in [name for name, _ in came_back(browser)]
    kept = dict(browser.form(f"/{action}").fields)
    assert {name: kept[name] for name in typed if name not in unknown} == {
        name: value for name, value in typed.items() if name not in unknown
    }
    assert f'id="{field}-error"' in browser.html
    inside = browser.html.split(f'id="{field}-error"')[0]
    assert inside.rfind('<details class="disclosure" open>') > inside.rfind('<details class="disclosure">')


def test_an_entry_withdrawn_twice_is_withdrawn(world: World) -> None:
    learner = world.browser("learner")
    learner.open("/needs/board/new")
    learner.form("/board/new").fill(text="Un besoin qui s’en va aussitôt")
    learner.submit("/board/new")
    form = learner.form("/withdraw")
    for _ in range(2):
        learner.send(form)
        assert (learner.status, learner.path) == (200, "/needs/board")
    other = entry(world, "Le besoin de quelqu’un d’autre")
    form.action = f"/needs/board/{other['id']}/withdraw"
    learner.send(form)
    assert learner.status == 404
    assert world.ask("get_board_entry", entry_id=other["id"])["status"] == "open"


# --- panels


def running(world: World, kind: str = "delphi", **more: Any) -> View:
    """A panel in its first round, or phase, on which the demo's people sit."""
    listed = world.harness.call("identity", "list_members", {"limit": 200}, actor=world.coordinator)["items"]
    names = {person.display_name for person in (*LEADS, *MEMBERS[:2])}
    seats = [one["id"] for one in listed if one["display_name"] in names]
    fields: View = {"title": PAIR, "intro": PAIR, "question": PAIR, "member_ids": seats}
    if kind == "delphi":
        fields["closes_at"] = (world.harness.clock.now() + timedelta(days=7)).isoformat()
    made = world.ask("create_panel", kind=kind, **fields | more)
    if more.get("first_round") == "rating":
        items = [{"statement": {"fr": f"énoncé {n}", "en": f"item {n}"}} for n in range(3)]
        world.ask("set_panel_items", panel_id=made["id"], version=made["version"], items=items)
        made = world.ask("get_panel", panel_id=made["id"])
    found: View = world.ask("start_panel", panel_id=made["id"], version=made["version"])
    return found


def phase(world: World, panel: View, *phases: str) -> View:
    for name in phases:
        panel = world.ask("get_panel", panel_id=panel["id"])
        panel = world.ask("advance_panel", panel_id=panel["id"], version=panel["version"], phase=name)
    return panel


PREPARED: list[tuple[str, dict[str, str], str, dict[str, str]]] = [
    ("delphi", {"do": "start", "title_fr": ""}, "title_fr", {"title_fr": ""}),
    ("delphi", {"do": "start", "title_en": "x" * 900}, "title_en", {"title_en": "x" * 900}),
    ("delphi", {"do": "save", "rule_agreement": "²", "rule_moved": "12,5", "rule_rounds": "4", "rule_convention": "hazen"},
     "rule_agreement", {"rule_moved": "12,5", "rule_rounds": "4", "rule_convention": "hazen", "rule_agreement": "²"}),
    ("delphi", {"do": "save", "rule_rounds": "99", "rule_gain": "0,2"}, "rule_rounds", {"rule_rounds": "99", "rule_gain": "0,2"}),
    ("delphi", {"do": "save", "closes_at_date": "nonsense"}, "closes_at", {"closes_at_date": "nonsense"}),
    ("delphi", {"do": "save", "members": "nonsense"}, "members-list", {}),
    ("delphi", {"do": "start", "first_round": "rating"}, "first_round", {}),
    ("delphi", {"do": "start"}, "audience", {}),
    ("nominal-group", {"do": "save", "minutes": "²"}, "minutes", {"minutes": "²"}),
    ("nominal-group", {"do": "start", "question_en": " "}, "question_en", {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "field", "kept"), PREPARED)
def test_the_form_of_a_panel_comes_back_whole(
    world: World, kind: str, typed: dict[str, str], field: str, kept: dict[str, str]
) -> None:
    browser = world.browser("coordinator")
    browser.open(f"/panels/new?kind={kind}")
    sent(
        browser,
        browser.page.forms[-1] if browser.page.forms[-1].action == "/panels/new" else new_form(browser),
        **typed,
    )
    assert field in [name for name, _ in came_back(browser)]
    assert f'id="{field}-error"' in browser.html
    shown = dict(new_form(browser).fields)
    assert {name: shown.get(name) for name in kept} == kept


def new_form(browser: Browser) -> Form:
    return next(
        form
        for form in browser.page.forms
        if form.action.startswith("/panels/") and form.get("title_fr") is not None
    )


def test_faults_of_items_are_counted_with_rows_that_are_empty(world: World) -> None:
    panel = running(world)
    panel = world.ask("close_round", panel_id=panel["id"], version=panel["version"])
    browser = world.browser("coordinator")
    browser.open(f"/panels/{panel['id']}/items")
    rows = {"items": "3", "item-0_fr": "", "item-0_en": "", "item-1_fr": "Bon", "item-1_en": "Good",
            "item-2_fr": "Gardé", "item-2_en": "x" * 601}  # fmt: skip
    sent(browser, browser.form("/items"), **rows, do="save")
    assert [name for name, _ in came_back(browser)] == ["item-2_en"]
    assert browser.form("/items").get("item-2_fr") == "Gardé"
    for odd in ODD:
        for verb in ("remove", "up", "down"):
            sent(
                browser,
                browser.form("/items"),
                items="1",
                **{"item-0_fr": "Un", "item-0_en": "One"},
                do=f"{verb}-{odd}",
            )
            assert browser.status < 500
        sent(browser, browser.form("/items"), items=odd, do="save")
        assert browser.status < 500
        browser.open(f"/panels/{panel['id']}/items")
    world.ask("set_panel_items", panel_id=panel["id"], items=[],
              version=world.ask("get_panel", panel_id=panel["id"])["version"])  # fmt: skip
    browser.open(f"/panels/{panel['id']}")
    browser.submit("/open")
    assert [name for name, _ in came_back(browser)] == ["panel-items"]


def test_ideas_come_back_each_with_its_fault(world: World) -> None:
    panel = running(world)
    learner = world.browser("learner")
    learner.open(f"/panels/{panel['id']}")
    sent(learner, learner.form("/ideas"), idea=["Une idée", "", "x" * 601])
    assert [name for name, _ in came_back(learner)] == ["idea-2"]
    ideas = [value for name, value in learner.form("/ideas").fields if name == "idea"]
    assert ideas[:2] == ["Une idée", "x" * 601]


@pytest.mark.parametrize("kind", ["delphi", "nominal-group"])
def test_ideas_sent_after_the_end_are_shown_to_their_author(world: World, kind: str) -> None:
    panel = running(world, kind)
    learner = world.browser("learner")
    learner.open(f"/panels/{panel['id']}")
    form = learner.form("/ideas")
    if kind == "delphi":
        world.ask("close_round", panel_id=panel["id"], version=panel["version"])
    else:
        phase(world, panel, "sharing")
    sent(learner, form, idea=["Une idée qui arrive tard", "<b>Une autre</b>"])
    assert learner.status == 409
    assert "Une idée qui arrive tard" in learner.text
    assert "&lt;b&gt;Une autre&lt;/b&gt;" in learner.html


def test_ratings_keep_what_was_typed_and_lead_to_their_item(world: World) -> None:
    panel = running(world, first_round="rating")
    learner = world.browser("learner")
    learner.open(f"/panels/{panel['id']}")
    one, two, three = (item["id"] for item in world.ask("get_panel_sheet", panel_id=panel["id"])["items"])
    typed = {f"points-{one}": "7", f"comment-{one}": "Mon mot", f"comment-{two}": "x" * 601}
    for odd in (*ODD, "0", "10"):
        sent(learner, learner.form("/ratings"), **typed, **{f"points-{three}": odd})
        assert [name for name, _ in came_back(learner)] in (["c2", "p3"], ["p3", "c2"])
    shown = learner.form("/ratings")
    assert {name: shown.get(name) for name in typed} == typed
    world.ask("close_round", panel_id=panel["id"], version=panel["version"])
    sent(learner, shown, **typed | {f"comment-{two}": "Un mot tardif"})
    assert learner.status == 409
    assert "Un mot tardif" in learner.text


def test_nothing_said_is_no_turn_taken(world: World) -> None:
    panel = phase(world, running(world, "nominal-group"), "sharing")
    browser = world.browser("coordinator")
    browser.open(f"/panels/{panel['id']}")
    stale = next(form for form in browser.page.forms if form.get("text") is not None)
    sent(browser, stale, text="  ", do="say")
    assert [name for name, _ in came_back(browser)] == ["text"]
    assert world.ask("get_panel", panel_id=panel["id"])["turn"] == panel["turn"]
    sent(browser, stale, text="y" * 601, do="say")
    assert ([name for name, _ in came_back(browser)], browser_text(browser)) == (["text"], "y" * 601)
    sent(browser, stale, text="Idée", do="say")
    assert browser.status == 200
    sent(
        browser, stale, text="La même fois", do="say", idem=str(new_id())
    )  # another window, on the page of before
    assert (browser.status, browser_text(browser)) == (409, "La même fois")
    sent(browser, stale, text="x", do="say", turn="²")
    assert browser.status < 500


def browser_text(browser: Browser) -> str | None:
    return next(form for form in browser.page.forms if form.get("text") is not None).get("text")


def test_clarifying_keeps_words_beside_their_idea(world: World) -> None:
    panel = phase(world, running(world, "nominal-group"), "sharing")
    for number in range(5):
        world.ask("take_turn", panel_id=panel["id"], text=f"idée {number}", language="fr")
    phase(world, panel, "clarify")
    items = [item["id"] for item in world.ask("get_panel_sheet", panel_id=panel["id"])["items"]]
    browser = world.browser("coordinator")
    browser.open(f"/panels/{panel['id']}")
    assert [name for name, count in Counter(IDS.findall(browser.html)).items() if count > 1] == []
    second = [form for form in browser.page.forms if form.action.endswith("/word")][1]
    sent(browser, second, statement_fr="Mots gardés", statement_en="x" * 601)
    assert [name for name, _ in came_back(browser)] == [f"statement-{items[1]}_en"]
    words = [form.get("statement_fr") for form in browser.page.forms if form.action.endswith("/word")]
    assert words == ["idée 0", "Mots gardés", "idée 2", "idée 3", "idée 4"]
    merging = [form for form in browser.page.forms if form.action.endswith("/merge")][2]
    sent(browser, merging, into=items[2])
    assert [name for name, _ in came_back(browser)] == ["into-3"]
    phase(world, panel, "vote")
    sent(browser, second, statement_fr="Mots tardifs", statement_en="Late words")
    assert browser.status == 409
    assert "Mots tardifs" in browser.text


# --- votes and follow-up


def vote(world: World, method: str, count: int = 1) -> View:
    needs = world.needs(world.ranked(6))
    made = [world.ask("open_proposal", need_id=need["id"], **PROPOSAL)["id"] for need in needs[:count]]
    terms = {"method": method, "proposal_ids": made, "quorum": 0, "threshold": 0.4 if method == "dots" else 0,
             "closes_at": (world.harness.clock.now() + timedelta(days=3)).isoformat()}  # fmt: skip
    found: View = world.harness.call("surveys", "open_vote", terms, actor=world.coordinator)
    return found


def test_a_fault_in_dots_is_said_beside_its_proposal(world: World) -> None:
    found = vote(world, "dots", 2)
    first, second = (f"dots-{one['id']}" for one in found["proposals"])
    learner = world.browser("learner")
    for typed in (*ODD, "6"):
        learner.open(f"/votes/{found['id']}")
        sent(learner, learner.form("/ballot"), **{first: "1", second: typed})
        assert [name for name, _ in came_back(learner)] == [second]
        assert f'id="{second}-error"' in learner.html
        assert learner.form("/ballot").get(second) == typed
    sent(learner, learner.form("/ballot"), **{first: "4", second: "4"})
    assert [name for name, _ in came_back(learner)] == [first]


def test_an_objection_needs_its_reason(world: World) -> None:
    found = vote(world, "consent")
    learner = world.browser("learner")
    learner.open(f"/votes/{found['id']}")
    sent(learner, learner.form("/ballot"), position="object")
    assert [name for name, _ in came_back(learner)] == ["reason"]


def test_odd_digits_in_the_follow_up_question_are_refused(make_harness: Callable[..., Harness]) -> None:
    harness = make_harness("identity", "surveys")
    made = World(harness)
    harness.drain()
    desk = Desk(harness)
    desk.coordinator = made.coordinator
    course = Course(desk, people=0)
    listed = harness.call("identity", "list_members", {"limit": 200}, actor=made.coordinator)["items"]
    learner_id = next(one["id"] for one in listed if one["display_name"] == LEADS[0].display_name)
    course.enrol(Actor(UUID(learner_id), frozenset({"learner"}), "fr", "America/Toronto", None))
    learner = made.browser("learner")
    learner.open(f"/needs/{course.need}/follow-up/before")
    for odd in ODD:
        form = next(form for form in learner.page.forms if form.action.endswith("/before"))
        sent(learner, form, importance=odd, ability="2")
        assert [name for name, _ in came_back(learner)] == ["importance"]


# --- coding and exports


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    harness = Harness(tmp_path_factory.mktemp("coding"), ("identity", "surveys"))
    yield Site(harness)
    harness.close()


@pytest.fixture(scope="module")
def survey(office: Site) -> View:
    return office.closed()


def test_the_code_book_keeps_words_beside_their_code(office: Site, survey: View) -> None:
    lead = office.browser("coordinator")
    lead.open(f"/surveys/{survey['id']}/open-answers/why/coding")
    sent(lead, lead.form("/coding"), first_coder="", second_coder="")
    assert [name for name, _ in came_back(lead)] == ["first_coder", "second_coder"]
    lead.form("/coding").fill(
        first_coder=coder(office, "Sylvie Arsenault"), second_coder=coder(office, "Daniel Okoye")
    )
    lead.submit("/coding")
    address = lead.path
    sent(lead, lead.form("/codes"), label_fr="Gardé", label_en="", definition_fr="Un sens", definition_en="")
    assert [name for name, _ in came_back(lead)] == ["label_en"]
    assert (lead.form("/codes").get("label_fr"), lead.form("/codes").get("definition_fr")) == (
        "Gardé",
        "Un sens",
    )
    for label in ("Temps", "Peur", "Loi"):
        sent(lead, lead.form("/codes"), label_fr=label, label_en=label, definition_fr="", definition_en="")
        assert lead.status == 200
    codes = [one["id"] for one in office.ask("get_coding", coding_id=address.rsplit("/", 1)[1])["codes"]]
    second = lead.form(f"/codes/{codes[1]}")
    sent(lead, second, label_fr="Mots gardés", label_en=" ", definition_fr="Sens gardé", do="edit")
    assert [name for name, _ in came_back(lead)] == [f"label-{codes[1]}_en"]
    shown = {code: lead.form(f"/codes/{code}") for code in codes}
    assert [shown[code].get("label_fr") for code in codes] == ["Temps", "Mots gardés", "Loi"]
    assert shown[codes[1]].get("definition_fr") == "Sens gardé"
    assert (lead.form("/codes").get("label_fr"), lead.form("/codes").get("label_en")) == ("", "")
    merging = [form for form in lead.page.forms if form.action.endswith(codes[1])][1]
    sent(lead, merging, into=codes[1], do="merge")
    assert [name for name, _ in came_back(lead)] == [f"into-{codes[1]}"]


def coder(office: Site, name: str) -> str:
    listed = office.harness.call("identity", "list_members", {"limit": 200}, actor=office.coordinator)[
        "items"
    ]
    return str(next(one["id"] for one in listed if one["display_name"] == name))


def test_a_decision_without_its_reason_keeps_the_codes(office: Site) -> None:
    survey = office.closed()
    sylvie, daniel = (coder(office, name) for name in ("Sylvie Arsenault", "Daniel Okoye"))
    coding = office.ask(
        "start_coding", survey_id=survey["id"], question="why", first_coder=sylvie, second_coder=daniel
    )
    for label in ("time", "fear"):
        coding = office.ask("add_code", coding_id=coding["id"], label=PAIR, definition=PAIR | {"fr": label})
    actors = [
        Actor(UUID(one), frozenset({"learner", "trainer"}), "fr", "America/Toronto", None)
        for one in (sylvie, daniel)
    ]
    for actor, rule in zip(actors, (lambda _: [0], lambda n: [1] if n == 1 else [0]), strict=True):
        office.code(coding, actor, rule)
    lead = office.browser("coordinator")
    lead.open(f"/codings/{coding['id']}/disagreements")
    form = next(form for form in lead.page.forms if "/disagreements/" in form.action)
    codes = [code["id"] for code in coding["codes"]]
    sent(lead, form, codes=[codes[1]], reason="")
    assert lead.status == 422
    assert ("codes", codes[1]) in next(one for one in lead.page.forms if one.action == form.action).fields
    sent(lead, form, codes=[], reason="Une raison gardée")
    assert lead.status == 422
    shown = next(one for one in lead.page.forms if one.action == form.action)
    assert (shown.get("reason"), shown.get("codes")) == ("Une raison gardée", None)


def test_an_export_with_names_keeps_its_reason(office: Site) -> None:
    survey = office.closed(anonymity="named")
    lead = office.browser("coordinator")
    lead.open(f"/surveys/{survey['id']}/export")
    by_name = next(form for form in lead.page.forms if form.get("identities"))
    sent(lead, by_name, reason="Bref", format="csv", texts="1")
    assert [name for name, _ in came_back(lead)] == ["reason"]
    shown = next(form for form in lead.page.forms if form.get("identities"))
    assert (shown.get("reason"), shown.get("format"), shown.get("texts")) == ("Bref", "csv", "1")
    assert lead.form("/export").get("format") == "xlsx"  # the other form is as it was
    sent(lead, by_name, reason="Une bonne raison", format="nonsense")
    assert [name for name, _ in came_back(lead)] == ["named-format"]
    sent(lead, lead.form("/export"), format="nonsense", language="xx")
    assert [name for name, _ in came_back(lead)] == ["format", "language"]
