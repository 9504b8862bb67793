"""Building, trying out, answering and revising a survey of every kind of question, as a browser without JavaScript does."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.web.survey_elements.kinds import KINDS
from tests.unit.web.browsing import Browser
from tests.unit.web.instrument import FIELDS, INSTRUMENT
from tests.unit.web.test_survey_pages import KEY, PAIR, World, world

__all__ = ["world"]
View = dict[str, Any]
TEXTS: View = {"title": PAIR, "intro": PAIR}


def drafted(world: World, **given: Any) -> View:
    found: View = world.ask(
        "create_survey", template_id="borich", **TEXTS, elements=copy.deepcopy(INSTRUMENT), **given
    )
    return found


def elements_of(world: World, survey: View) -> list[View]:
    found: list[View] = world.ask("get_survey", survey_id=survey["id"])["elements"]
    return found


def opened(browser: Browser, survey: View, at: str = "") -> None:
    browser.open(f"/surveys/{survey['id']}/edit?at={at}")
    assert (browser.status, KEY.findall(browser.text)) == (200, [])


def launched(world: World, draft: View) -> View:
    closes = (world.harness.clock.now() + timedelta(days=7)).isoformat()
    ready = world.ask("edit_survey", survey_id=draft["id"], version=draft["version"], closes_at=closes)
    found: View = world.ask("launch_survey", survey_id=draft["id"], version=ready["version"])
    return found


def codes(elements: list[View]) -> list[str]:
    return [element["code"] for element in elements]


@pytest.mark.parametrize("role", ["coordinator", "admin"])
def test_each_editor_gives_back_what_it_was_given(world: World, role: str) -> None:
    """Both languages: the coordinator reads French, the administrator English."""
    survey, browser = drafted(world), world.browser(role)
    for element in INSTRUMENT:
        opened(browser, survey, element["code"])
        browser.press("do", "save")
        assert browser.path.endswith("/edit")
    assert elements_of(world, survey) == INSTRUMENT


def test_every_kind_is_added_filled_in_and_taken_away(world: World) -> None:
    survey, browser = (
        world.ask("create_survey", template_id="borich", **TEXTS, elements=[]),
        world.browser("coordinator"),
    )
    opened(browser, survey)
    for kind in KINDS:
        browser.press("do", f"add:{kind}")
        browser.form("/edit").fill(text_fr=f"Question {kind}", text_en=f"Question {kind} (en)")
        browser.press("do", "save")
    made = elements_of(world, survey)
    assert [element["kind"] for element in made] == list(KINDS)
    assert {element["text"]["fr"] for element in made} == {f"Question {kind}" for kind in KINDS}

    last = made[-1]["code"]
    browser.press("do", f"delete:{last}")
    assert codes(elements_of(world, survey)) == codes(made)[:-1]
    browser.press("do", "undo")
    assert elements_of(world, survey) == made
    opened(browser, survey, "single-1")
    browser.press("do", "copy:single-1")
    browser.press("do", "up:single-1-2")
    assert codes(elements_of(world, survey))[2:4] == ["single-1-2", "single-1"]


def test_lists_conditions_and_jumps_are_made_of_selects(world: World) -> None:
    survey, browser = drafted(world), world.browser("coordinator")
    opened(browser, survey, "word")
    browser.press("do", "test-add")
    form = browser.form("/edit")
    assert (form.get("if-0_place"), form.get("if-0_is")) == ("when", "equals")
    form.fill(**{"if-0_place": "ways", "if-0_is": "equals", "if-0_value": "nothing"})
    browser.press("do", "save")  # the word stays, the value becomes the first of that question
    assert elements_of(world, survey)[12]["show_if"] == {"item": "ways", "is": "equals", "value": "w1"}
    browser.press("do", "test-add")
    browser.form("/edit").fill(
        **{"if-1_place": "need.one:ability", "if-1_is": "at-most", "if-1_value": "2", "show": "any"}
    )
    browser.press("do", "save")
    assert elements_of(world, survey)[12]["show_if"] == {"any": [
        {"item": "ways", "is": "equals", "value": "w1"}, {"item": "need.one", "part": "ability", "is": "at-most", "value": 2}]}  # fmt: skip
    browser.press("do", "test-remove:0")
    browser.form("/edit").fill(show="always")
    browser.press("do", "jump-add")
    assert "show_if" not in elements_of(world, survey)[12]
    assert elements_of(world, survey)[12]["go_to"] == [
        {"if": {"item": "word", "is": "equals", "value": ""}, "to": "end"}
    ]


def test_options_values_and_sets_are_edited_without_script(world: World) -> None:
    survey, browser = drafted(world), world.browser("coordinator")
    opened(browser, survey, "order")
    browser.press("do", "entry-add:options")
    browser.form("/edit").fill(**{"options-3_fr": "Quatre", "options-3_en": "Four"})
    browser.press("do", "entry-up:options:3")
    browser.press("do", "entry-remove:options:0")
    assert [entry["code"] for entry in elements_of(world, survey)[9]["options"]] == ["o2", "o4", "o3"]
    opened(browser, survey, "gap")
    browser.form("/edit").fill(op="mean", of="need.two:importance")
    browser.press("do", "save")
    assert elements_of(world, survey)[6]["compute"] == {"mean": [{"item": "need.two", "part": "importance"}]}
    opened(browser, survey, "best")
    browser.form("/edit").fill(set_size="3")
    browser.press("do", "set-make")
    assert {len(members) for members in elements_of(world, survey)[10]["sets"]} == {3}


def test_what_cannot_be_is_said_and_nothing_typed_is_lost(world: World) -> None:
    survey, browser = drafted(world), world.browser("admin")
    opened(browser, survey, "years")
    browser.press("do", "up:years")  # its condition looks at the question it would pass
    assert (browser.status, codes(elements_of(world, survey))) == (422, codes(INSTRUMENT))
    assert "Question 3, condition: " in browser.text
    browser.form("/edit").fill(text_fr="Combien", max="-4")
    browser.press("do", "save")
    assert (browser.status, browser.form("/edit").get("text_fr"), "max-error" in browser.page.ids) == (
        422,
        "Combien",
        True,
    )
    browser.form("/edit").fill(max="70", code="Des Années")
    browser.press("do", "save")
    assert "code-error" in browser.page.ids
    browser.form("/edit").fill(code="seniority")
    browser.press("do", "save")
    assert codes(elements_of(world, survey))[2] == "seniority"


def test_trying_out_shows_conditions_at_work_and_keeps_nothing(world: World) -> None:
    survey, browser = drafted(world), world.browser("coordinator")
    browser.open(f"/surveys/{survey['id']}/preview?in=en")
    assert 'data-element="years" hidden' in browser.html
    browser.form("/preview?in=en").fill(
        **{"choice:role": "field", "importance-need.one": "5", "ability-need.one": "2"}
    )
    browser.press("do", "continue")
    assert 'data-element="years" hidden' not in browser.html
    assert "Say more about field (en)" in browser.text
    assert '<output class="num" data-computed>3</output>' in browser.html
    browser.open(f"/surveys/{survey['id']}/review?in=fr")
    assert ("Français" in browser.text, KEY.findall(browser.text)) == (True, [])


@pytest.mark.parametrize("anonymity", ["named", "confidential"])
def test_every_kind_is_answered_page_by_page_and_read_again(world: World, anonymity: str) -> None:
    survey = launched(world, drafted(world, anonymity=anonymity, groups=["province"]))
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    assert (
        "votre province ou territoire" in browser.text,
        'data-element="years" hidden' in browser.html,
    ) == (True, True)
    browser.form("/answer").fill(**{"choice:role": "field", "value:years": "beaucoup"})
    browser.press("do", "continue")
    assert (browser.status, "fault:years-error" in browser.page.ids) == (422, True)
    browser.form("/answer").fill(**{"value:years": "4,5"})
    browser.press("do", "continue")
    assert browser.form("/answer").get("value:years") == "4,5"
    browser.form("/answer").fill(**FIELDS)
    browser.press("do", "send")
    # "grid" opened with these answers: need.two has no importance, so it stays hidden; everything asked was given.
    assert (browser.status, browser.path) == (200, f"/surveys/{survey['id']}/thanks")
    browser.follow(f"/surveys/{survey['id']}/mine")
    for said in (
        "1. o3 (fr)",
        "4,5 years (fr)",
        "le plus : b1 (fr); le moins : b3 (fr)",
        "Un <b>mot</b>",
        "J’accepte",
    ):
        assert said in browser.text, said


def test_what_is_missing_is_named_question_by_question(world: World) -> None:
    survey = launched(world, drafted(world))
    browser = world.browser("learner")
    browser.open(f"/surveys/{survey['id']}/answer")
    browser.form("/answer").fill(**{"choices:ways": "other", "importance-need.one": "5", "best:best:0": "b1"})
    browser.press("do", "send")
    links = [href for href in browser.page.links if href.startswith("#")]
    assert links[1:] == ["#value:agree", "#choice:role", "#ability-need.one", "#importance-need.two", "#text:ways", "#rank:order",
                         "#worst:best:0" if "#worst:best:0" in links else "#best:best:0"]  # fmt: skip
    assert {href[1:] for href in links[1:]} <= browser.page.ids
    browser.form("/answer").fill(**FIELDS)
    browser.press("do", "later")
    browser.follow(f"/surveys/{survey['id']}/answer")
    again = browser.form("/answer")
    assert {name: again.get(name) for name in FIELDS} == FIELDS


def test_statements_of_the_bank_are_taken_several_at_once(world: World) -> None:
    survey, browser = drafted(world), world.browser("coordinator")
    browser.open("/surveys/bank?q=risque")
    assert (browser.status, "pve.risk." in browser.text, KEY.findall(browser.text)) == (200, True, [])
    opened(browser, survey)
    browser.press("do", "bank")
    form = next(form for form in browser.page.forms if form.get("version"))
    form.fields += [("code", "pve.risk.tools"), ("code", "pve.risk.formulation")]
    browser.send(form)
    added = codes(elements_of(world, survey))
    assert added[6:8] == ["pve.risk.formulation", "pve.risk.tools"]
    browser.open(f"/surveys/{survey['id']}/bank")
    assert browser.html.count("checked disabled") == 2


def test_an_instrument_goes_out_as_a_file_and_comes_in_again(world: World) -> None:
    survey, browser = drafted(world), world.browser("coordinator")
    file = browser.client.get(f"/surveys/{survey['id']}/instrument")
    assert file.headers["content-disposition"].endswith('.json"')
    browser.open("/surveys/new")
    body = {name: value for name, value in browser.form("/import").fields if name != "file"}
    for content, status in ((file.content, 200), (b"{", 422), (b"", 422)):
        answer = browser.client.post(
            "/surveys/import",
            data=body | {"idem": f"key-{len(content)}"},
            files={"file": ("a.json", content)},
        )
        assert answer.status_code == status
        if status == 200:
            made = answer.url.path.split("/")[2]
            assert (
                json.loads(browser.client.get(f"/surveys/{made}/instrument").content)["elements"]
                == INSTRUMENT
            )


def test_a_running_survey_is_revised_with_its_mapping(world: World) -> None:
    survey = launched(world, drafted(world))
    browser = world.browser("coordinator")
    browser.open(f"/surveys/{survey['id']}/revise?at=when")
    browser.form("/revise").fill(code="day")
    browser.press("do", "go:more")
    browser.press("do", "delete:more")
    browser.press("do", "add:short-text")
    browser.form("/revise").fill(text_fr="Encore?", text_en="Anything else?")
    browser.press("do", "compare")
    assert (
        "Renommée" in browser.text,
        "Retirée" in browser.text,
        browser.form("/revise").get("becomes-day"),
    ) == (True, True, "when")
    assert world.ask("get_survey", survey_id=survey["id"])["instrument_version"] == 1
    browser.press("do", "publish")
    assert (browser.status, "note_fr-error" in browser.page.ids) == (422, True)
    browser.form("/revise").fill(note_fr="Plus clair", note_en="Clearer")
    browser.press("do", "publish")
    found = world.ask("get_survey", survey_id=survey["id"])
    assert (found["instrument_version"], codes(found["elements"])[11]) == (2, "day")
    browser.follow(f"/surveys/{survey['id']}/versions?n=2")
    assert ("Plus clair" in browser.text, "Ajoutée" in browser.text, KEY.findall(browser.text)) == (
        True,
        True,
        [],
    )
    newest = world.ask("list_instrument_versions", survey_id=survey["id"])["items"][0]
    assert newest["mapping"] == {"when": "day", "more": None}


@pytest.mark.parametrize(
    "path",
    [
        "/surveys/bank",
        "/surveys/{}/bank",
        "/surveys/{}/preview",
        "/surveys/{}/revise",
        "/surveys/{}/versions",
        "/surveys/{}/instrument",
    ],
)
def test_pages_of_authors_are_closed_to_learners(world: World, path: str) -> None:
    survey = launched(world, drafted(world))
    browser = world.browser("learner")
    browser.open(path.format(survey["id"]))
    assert browser.status in (403, 404)
