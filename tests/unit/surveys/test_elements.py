"""A survey of many kinds of element: drafted, launched, answered with conditions, read again."""

from typing import Any
from uuid import UUID

import pytest

from services.surveys.queries.responses import load_responses
from shared.actor import system_actor
from shared.errors import Invalid
from tests.unit.surveys.support import PAIR, Desk, View

FAMILY = {"item": "role", "is": "equals", "value": "family"}
ELEMENTS: list[View] = [
    {"code": "agree", "kind": "consent", "text": PAIR, "required": True},
    {"code": "role", "kind": "single", "text": PAIR, "required": True, "other": True, "options": [
        {"code": "family", "text": PAIR}, {"code": "justice", "text": PAIR}]},
    {"code": "p.one", "kind": "pair", "text": PAIR, "required": True},
    {"code": "p.two", "kind": "pair", "text": PAIR, "required": True, "show_if": FAMILY},
    {"code": "p.three", "kind": "pair", "text": PAIR},
    {"code": "why", "kind": "long-text", "text": {"fr": "{{role}}", "en": "{{role}}"}},
]  # fmt: skip
FULL = {"importance": 5, "ability": "na"}
GIVEN = {"agree": {"value": True}, "role": {"choice": "family"}, "p.one": FULL, "p.two": FULL}


def problems(caught: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in caught.value.fields]


def opened(desk: Desk, **given: Any) -> View:
    return desk.launched(elements=ELEMENTS, **given)


def test_elements_are_kept_as_given_and_items_are_their_pairs(desk: Desk) -> None:
    draft = desk.draft(elements=ELEMENTS, groups=["language", "province", "language"])
    assert draft["elements"] == ELEMENTS
    assert [(item["code"], item["position"]) for item in draft["items"]] == [
        ("p.one", 1), ("p.two", 2), ("p.three", 3),
    ]  # fmt: skip
    assert (draft["groups"], draft["instrument_version"]) == (["language", "province"], 1)
    ids = {item["code"]: item["id"] for item in draft["items"]}
    edited = desk.ask("edit_survey", survey_id=draft["id"], version=1, elements=[ELEMENTS[2], ELEMENTS[4]])
    assert [(item["code"], item["id"]) for item in edited["items"]] == [
        (code, ids[code]) for code in ("p.one", "p.three")
    ]


def test_items_replace_the_pairs_and_leave_the_rest(desk: Desk) -> None:
    draft = desk.draft(elements=ELEMENTS)
    items = [{"code": "new", "statement": PAIR}, {"id": draft["items"][1]["id"], "statement": PAIR}]
    edited = desk.ask("edit_survey", survey_id=draft["id"], version=1, items=items)
    assert [element["code"] for element in edited["elements"]] == ["agree", "role", "new", "p.two", "why"]
    assert edited["elements"][3]["show_if"] == FAMILY


@pytest.mark.parametrize(
    ("elements", "path", "code"),
    [
        ({}, "elements", "wrong-type"),
        ([{"code": "a", "kind": "song"}], "elements.0.kind", "unknown-option"),
        ([ELEMENTS[3], ELEMENTS[1]], "elements.0.show_if", "refers-forward"),
        ([ELEMENTS[2], ELEMENTS[2]], "elements.1.code", "repeated"),
        ([{"code": f"p{n}", "kind": "pair"} for n in range(61)], "elements", "too-many-items"),
    ],
)
def test_unsound_elements_are_refused_where_they_are(desk: Desk, elements: Any, path: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        desk.draft(elements=elements)
    assert problems(caught) == [(path, code)]


def test_launch_names_every_text_that_one_language_lacks(desk: Desk) -> None:
    half = [ELEMENTS[0] | {"text": {"fr": "Oui"}}, *ELEMENTS[1:]]
    half[1] = half[1] | {"options": [{"code": "a", "text": {"fr": "", "en": "A"}}]}
    half = [element for element in half if element["code"] != "p.two"]
    draft = desk.draft(elements=half)
    with pytest.raises(Invalid) as caught:
        desk.ask("launch_survey", survey_id=draft["id"], version=1)
    assert problems(caught) == [
        ("elements.1.options.0.text.fr", "missing"), ("elements.0.text.en", "missing"),
    ]  # fmt: skip


def test_answers_count_only_where_the_question_is_seen(desk: Desk) -> None:
    survey = opened(desk, anonymity="named", groups=["language"])
    person = desk.harness.actor("learner")
    of_survey = {"survey_id": survey["id"], "language": "fr"}
    assert survey["mine"] == {"state": "none", "answered": 0, "total": 5}
    saved = desk.ask("save_draft", person, answers=GIVEN | {"why": {"value": "so"}}, **of_survey)
    assert (saved["answered"], saved["total"]) == (5, 6)
    # Hidden now, but not lost while it is a draft.
    saved = desk.ask("save_draft", person, answers={"role": {"choice": "justice"}}, **of_survey)
    assert (saved["answered"], saved["total"], saved["answers"]["p.two"]) == (4, 5, FULL)
    desk.ask("submit_response", person, answers={"p.three": {"importance": 1, "ability": 2}}, **of_survey)
    expected = {
        "agree": {"value": True}, "role": {"choice": "justice"}, "p.one": FULL,
        "p.three": {"importance": 1, "ability": 2}, "why": {"value": "so"},
    }  # fmt: skip
    own = desk.ask("get_own_response", person, survey_id=survey["id"])
    assert (own["answers"], own["instrument_version"]) == (expected, 1)
    with desk.harness.services["surveys"].db.read(system_actor("surveys")) as tx:
        (response,) = load_responses(tx, UUID(survey["id"]))
    assert response.answers == expected
    assert (response.language, response.version, response.groups) == ("fr", 1, {"language": "fr"})


def test_missing_answers_are_named_by_code_and_part(desk: Desk) -> None:
    survey, person = opened(desk), desk.harness.actor("learner")
    answers = {"agree": {"value": False}, "role": {"choice": "family"}, "p.three": {"importance": 1}}
    with pytest.raises(Invalid) as caught:
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
    assert problems(caught) == [
        ("items.agree", "consent-needed"),
        ("items.p.one.importance", "missing"), ("items.p.one.ability", "missing"),
        ("items.p.two.importance", "missing"), ("items.p.two.ability", "missing"),
        ("items.p.three.ability", "missing"),
    ]  # fmt: skip


@pytest.mark.parametrize("anonymity", ["anonymous", "confidential"])
def test_closing_keeps_every_answer_and_no_account(desk: Desk, anonymity: str) -> None:
    survey = opened(desk, anonymity=anonymity, groups=["language"])
    for place in range(6):
        answers = GIVEN | {"why": {"value": f"reason {place}"}, "p.one": {"importance": 5, "ability": 2}}
        desk.ask("submit_response", desk.harness.actor("learner"), survey_id=survey["id"], answers=answers,
                 language="en")  # fmt: skip
    desk.close(survey)
    with desk.harness.services["surveys"].db.read(system_actor("surveys")) as tx:
        responses = load_responses(tx, UUID(survey["id"]))
        accounts = tx.session.connection().exec_driver_sql("SELECT account_id FROM responses").all()
    assert {response.answers["why"]["value"] for response in responses} == {f"reason {n}" for n in range(6)}
    assert [response.answers["p.one"] for response in responses] == [{"importance": 5, "ability": 2}] * 6
    assert [response.groups for response in responses] == [{"language": "en"}] * 6
    assert [tuple(row) for row in accounts] == [(None,)] * 6
