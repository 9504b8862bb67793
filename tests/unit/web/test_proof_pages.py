"""Pages of votes, decisions, follow-up questions and the board, as a browser without JavaScript sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.people import LEADS
from shared.i18n import Catalogue
from shared.testing.harness import Harness
from tests.unit.surveys.support import Desk
from tests.unit.surveys.test_follow_up import AFTER, BEFORE, Course
from tests.unit.surveys.test_follow_up import THEN as JUDGED
from tests.unit.web.browsing import Browser
from tests.unit.web.test_survey_pages import KEY, PROPOSAL, World

TEMPLATES = Path(__file__).parents[3] / "gateway" / "web" / "templates"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    harness = Harness(tmp_path_factory.mktemp("var"), ("identity", "surveys"))
    harness.drain()
    made = World(harness)
    harness.drain()
    yield made
    harness.close()


def proposal(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.ask(
        "open_proposal", need_id=Desk(world.harness).first_need()["id"], **PROPOSAL
    )
    return found


def test_a_vote_is_opened_cast_changed_and_taken_back(world: World) -> None:
    made = proposal(world)
    coordinator, learner = world.browser("coordinator"), world.browser("learner")
    coordinator.open(f"/proposals/{made['id']}")
    coordinator.follow(f"/votes/new?proposal={made['id']}")
    coordinator.form("/votes/new").fill(quorum="101")
    coordinator.submit("/votes/new")
    assert (coordinator.status, coordinator.form("/votes/new").get("quorum")) == (422, "101")
    coordinator.form("/votes/new").fill(quorum="25")
    coordinator.submit("/votes/new")
    assert coordinator.path.startswith("/votes/")
    vote_id = coordinator.path.rsplit("/", 1)[-1]
    learner.open("/")
    assert f"/votes/{vote_id}" in learner.html
    cast(learner, vote_id, position="object")
    assert (learner.status, 'name="reason"' in learner.html) == (422, True)
    cast(learner, vote_id, position="object", reason="Trop court.")
    cast(learner, vote_id, position="agree")
    assert world.ask("get_vote", vote_id=vote_id)["turnout"]["ballots"] == {"value": None, "fewer_than": 5}
    learner.submit("/withdraw")
    assert "/withdraw" not in learner.html
    coordinator.open(f"/votes/{vote_id}")
    coordinator.submit("/cancel")
    assert coordinator.path == f"/proposals/{made['id']}"


def cast(browser: Browser, vote_id: str, **given: str) -> None:
    if browser.path != f"/votes/{vote_id}":
        browser.open(f"/votes/{vote_id}")
    browser.form("/ballot").fill(**given)
    browser.submit("/ballot")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_decision_is_on_the_page_with_its_reason(world: World, language: str) -> None:
    made = proposal(world)
    reason = {"fr": "La raison en français.", "en": "The reason in English."}
    world.ask("decide_proposal", proposal_id=made["id"], version=1, outcome="declined", reason=reason)
    browser = world.browser("learner" if language == "fr" else "trainer")
    browser.open("/needs/answers")
    assert all(text in browser.html for text in reason.values())
    assert f'id="proposal-{made["id"]}"' in browser.html
    browser.open("/needs/answers?outcome=approved")
    assert made["id"] not in browser.html


REASON = {"fr": "La **raison** du tableau.", "en": "The **reason** on the board."}
READERS = {"fr": "learner", "en": "trainer"}
SHOWN = {
    "fr": ("Un besoin dit", "Moins de 5 appuis", "1 besoin réuni à celui-ci"),
    "en": ("A need told", "2 supporters", "1 need joined to this one"),  # a trainer may know
}


def closed_entry(world: World, **link: Any) -> dict[str, Any]:
    """An entry of two people, merged with another one, and closed."""
    authors = [world.harness.actor("learner") for _ in range(2)]
    texts = {"text": "Un besoin dit au tableau", "other": "A need told on the board"}
    entry, same = (world.ask("express_need", one, language="fr", **texts) for one in authors)
    world.ask("merge_board_entry", into_id=entry["id"], entry_id=same["id"])
    closing: dict[str, Any] = {"version": 1, "outcome": "survey", "reason": REASON, "link": link or None}
    world.ask("close_board_entry", entry_id=entry["id"], **closing)
    return dict(entry) | {"author": str(authors[0].account_id)}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_answers_to_the_board_are_on_the_same_page_with_reason_and_link(world: World, language: str) -> None:
    texts: dict[str, Any] = Catalogue(language).texts
    need = Desk(world.harness).first_need()
    entry = closed_entry(world, kind="need", id=need["id"])
    browser = world.browser(READERS[language])
    browser.open("/needs/answers")
    assert (browser.status, browser.page.language[:2], KEY.findall(browser.text)) == (200, language, [])
    shown = browser.html.split(f'id="entry-{entry["id"]}"')[1].split("</li>")[0]
    words = [texts[f"proof.answers.{key}"] for key in ("kind.board", "other_language")]
    for said in (
        *SHOWN[language],
        *words,
        texts["panels.board.outcome.survey"],
        f'href="/needs/{need["id"]}"',
        "<strong>raison</strong>",
        "<strong>reason</strong>",
    ):
        assert said in shown
    assert entry["author"] not in browser.html
    browser.follow(f"/needs/board/{entry['id']}")
    assert (browser.status, texts["panels.board.closed_on"] in browser.text) == (200, True)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_chips_part_decisions_from_answers_to_the_board(world: World, language: str) -> None:
    texts: dict[str, Any] = Catalogue(language).texts
    need = Desk(world.harness).first_need()
    entry, made = closed_entry(world, kind="need", id=need["id"]), proposal(world)
    world.ask("decide_proposal", proposal_id=made["id"], version=1, outcome="declined", reason=REASON)
    browser = world.browser(READERS[language])

    def seen() -> tuple[bool, bool]:
        ids = browser.page.ids
        return f"entry-{entry['id']}" in ids, f"proposal-{made['id']}" in ids

    browser.open("/needs/answers")
    assert (seen(), texts["proof.answers.kind.decision"] in browser.text) == (
        (True, True),
        True,
    )
    browser.follow("/needs/answers?kind=board")
    assert seen() == (True, False)
    browser.follow("/needs/answers?outcome=declined")
    assert seen() == (False, True)
    browser.follow("/needs/answers")
    browser.open(f"/needs/answers?need={need['id']}")
    assert seen() == (True, False)
    browser.open("/needs/answers?kind=nonsense&outcome=nonsense")
    assert seen() == (True, True)


def test_a_signed_answer_has_its_name_and_a_hidden_one_no_link(world: World) -> None:
    learner, trainer = world.browser("learner"), world.browser("trainer")
    learner.open("/needs/board/new")
    learner.form("/board/new").fill(text="Un besoin signé, avec un sondage encore caché", signed="1")
    learner.submit("/board/new")
    entry_id, draft = learner.path.rsplit("/", 1)[-1], world.ask("create_survey", template_id="borich")
    world.ask(
        "close_board_entry", entry_id=entry_id, version=1, outcome="survey", reason={"fr": "Oui.", "en": "Yes."},
        link={"kind": "survey", "id": draft["id"]},
    )  # fmt: skip
    trainer.open("/needs/answers?kind=board")
    shown = trainer.html.split(f'id="entry-{entry_id}"')[1].split("</li>")[0]
    name = next(person for person in LEADS if person.key == "learner").display_name
    assert (name in shown, f"/surveys/{draft['id']}" in shown) == (True, False)
    assert 'lang="fr">Un besoin signé' in shown  # said in French alone, to a reader of English


def test_the_loop_shows_the_measured_change_and_the_board_whom_it_waits_for(world: World) -> None:
    desk = Desk(world.harness)
    desk.coordinator = world.coordinator
    course = Course(desk)
    browser = world.browser("coordinator")
    browser.open(f"/needs/{course.need}")
    browser.form("/rule").fill(gap_left="0,1")
    browser.submit("/rule")
    course.lived(AFTER)
    browser = world.browser("coordinator")  # after ninety days one signs in again
    browser.open(f"/needs/{course.need}")
    change = sum(b[1] - a[1] + a[0] - b[0] for b, a in zip(BEFORE, AFTER, strict=True)) / 6
    assert f"{change:.2f}".replace(".", ",").replace("-", "−") in browser.html
    assert ("/rule" in browser.html, "LTEM 3" in browser.html, len(JUDGED)) == (False, True, 6)
    browser.open(f"/needs/{course.need}/waves.csv")
    assert browser.html.splitlines()[-1].startswith("90-days,6,6,1,6,")
    browser.open("/programme?waiting=coordination")
    assert str(course.need) in browser.html
    browser.open("/programme.csv?status=partly-met")
    assert "partly-met,coordination,carry-over" in browser.html
    browser.open("/programme")
    browser.submit("/carry-over")
    assert "/edit" in browser.path


LEARNING = {
    "fr": re.compile(r"(apprentissage|appris|maîtris)", re.IGNORECASE),
    "en": re.compile(r"(learned|learnt|learning gain|mastered)", re.IGNORECASE),
}
COMPLETION = {
    "fr": re.compile(r"(achev|termin|complét)", re.IGNORECASE),
    "en": re.compile(r"complet", re.IGNORECASE),
}
DENIES = re.compile(r"(\bne\b|\bn’|\bpas\b|\bnot\b|\bnothing\b|\brien\b)", re.IGNORECASE)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_words_call_a_completion_learning(language: str) -> None:
    texts = Catalogue(language).texts
    said = [
        (key, form)
        for key, value in texts.items()
        for form in ([value] if isinstance(value, str) else value)
        for sentence in re.split(r"(?<=[.;!?])\s", form)
        if COMPLETION[language].search(sentence)
        and LEARNING[language].search(sentence)
        and not DENIES.search(sentence)
    ]
    assert said == []
    shown = [path.name for path in TEMPLATES.rglob("*.html") if "count.completions" in path.read_text()]
    assert shown  # the sentence that denies it stands wherever the loop shows completions
    assert "surveys.loop.not_learning" in (TEMPLATES / "needs" / "loop.html").read_text()
