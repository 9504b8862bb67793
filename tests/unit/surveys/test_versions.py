"""Another version of a running survey: what is kept, what is pooled, what is refused."""

from typing import Any
from uuid import UUID

import pytest

from services.surveys.domain.instrument.versions import carried, mapping_problems, newest_codes, whole_mapping
from services.surveys.queries.responses import GivenResponse, load_responses
from shared.actor import VISITOR, system_actor
from shared.errors import Conflict, Invalid, NotFound, Stale
from tests.unit.surveys.support import PAIR, Desk, View

NOTE = {"fr": "Précisé", "en": "Clearer"}


def pair(code: str, **more: Any) -> View:
    return {"code": code, "kind": "pair", "text": PAIR, "required": True} | more


def choice(code: str, *options: str, **more: Any) -> View:
    listed = [{"code": option, "text": PAIR} for option in options]
    return {"code": code, "kind": "single", "text": PAIR, "options": listed} | more


FIRST = [pair("a"), pair("b"), pair("c"), choice("role", "x", "y"), choice("old", "x", "y")]
SECOND = [pair("a"), pair("b2"), pair("d"), choice("role2", "x", "y", "z")]
MAPPING = {"b": "b2", "c": None, "role": "role2", "old": None}


def responses(desk: Desk, survey: View) -> list[GivenResponse]:
    with desk.harness.services["surveys"].db.read(system_actor("surveys")) as tx:
        return load_responses(tx, UUID(survey["id"]))


def revise(desk: Desk, survey: View, elements: list[View], mapping: View, **more: Any) -> View:
    payload = {"survey_id": survey["id"], "version": survey["version"], "elements": elements, "note": NOTE}
    found: View = desk.ask("revise_survey", **payload, mapping=mapping, **more)
    return found


def send(desk: Desk, survey: View, answers: View, **more: Any) -> None:
    payload = {"survey_id": survey["id"], "answers": answers, "language": "fr"} | more
    desk.ask("submit_response", desk.harness.actor("learner"), **payload)


def rated(*codes: str, importance: int = 5) -> View:
    return {code: {"importance": importance, "ability": 2} for code in codes}


def test_answers_to_two_versions_are_pooled_and_none_is_lost(desk: Desk) -> None:
    survey = desk.launched(elements=FIRST)
    ids = {item["code"]: item["id"] for item in survey["items"]}
    for _ in range(6):
        send(desk, survey, rated("a", "b", "c") | {"role": {"choice": "x"}, "old": {"choice": "y"}})
    revised = revise(desk, survey, SECOND, MAPPING, title={"fr": "Titre 2", "en": "Title 2"})
    assert (revised["instrument_version"], revised["title"]["en"]) == (2, "Title 2")
    # The row of an item, and so its answers, stays with what the question became.
    assert {item["code"]: item["id"] for item in revised["items"]}["b2"] == ids["b"]
    for _ in range(4):
        send(desk, survey, rated("a", "b2", "d", importance=4) | {"role2": {"choice": "z"}})
    found = responses(desk, survey)
    assert sorted(one.version for one in found) == [1] * 6 + [2] * 4
    by_version = {one.version: set(one.answers) for one in found}
    # What was dropped keeps the code it was asked by: its column is not lost.
    assert by_version == {1: {"a", "b2", "c", "role2", "old"}, 2: {"a", "b2", "d", "role2"}}
    assert [one.answers["role2"]["choice"] for one in found if one.version == 1] == ["x"] * 6
    desk.close(survey)
    assert sorted(one.version for one in responses(desk, survey)) == [1] * 6 + [2] * 4
    results = desk.ask("get_results", survey_id=survey["id"])
    rows = {row["code"]: row for row in results["items"]}
    assert (results["received"], results["n"], set(rows)) == (10, 10, {"a", "b2", "d"})
    assert [rows[code]["n"] for code in ("a", "b2")] == [10, 10]
    assert rows["d"]["suppressed"]
    assert rows["a"]["mean_importance"] == pytest.approx(4.6)


def test_history_is_readable_and_never_changes(desk: Desk) -> None:
    survey = desk.launched(elements=FIRST)
    send(desk, survey, rated("a", "b", "c"))
    revised = revise(desk, survey, SECOND, MAPPING)
    third = revise(desk, revised, [*SECOND, pair("e")], {})
    listed = desk.ask("list_instrument_versions", survey_id=survey["id"])["items"]
    assert [(one["number"], one["responses"], one["note"]) for one in listed] == [
        (3, 0, NOTE), (2, 0, NOTE), (1, 1, {"fr": "", "en": ""}),
    ]  # fmt: skip
    assert (listed[1]["mapping"], listed[0]["mapping"], third["instrument_version"]) == (MAPPING, {}, 3)
    first = desk.ask("get_instrument_version", survey_id=survey["id"], number=1)
    assert first["elements"] == FIRST
    learner = desk.harness.actor("learner")
    seen = desk.ask("list_instrument_versions", learner, survey_id=survey["id"])["items"]
    assert {(one["made_by"], one["responses"]) for one in seen} == {(None, None)}
    with pytest.raises(NotFound):
        desk.ask("get_instrument_version", learner, survey_id=survey["id"], number=4)


def test_drafts_move_on_and_late_answers_count_for_the_version_they_saw(desk: Desk) -> None:
    survey, person = desk.launched(elements=FIRST, anonymity="named"), desk.harness.actor("learner")
    late, of_survey = desk.harness.actor("learner"), {"survey_id": survey["id"], "language": "fr"}
    draft = rated("a", "b", "c") | {"role": {"choice": "y"}, "old": {"choice": "x"}}
    desk.ask("save_draft", person, answers=draft, **of_survey)
    revise(desk, survey, SECOND, MAPPING)
    saved = desk.ask("get_draft", person, survey_id=survey["id"])["answers"]
    assert saved == rated("a", "b2") | {"role2": {"choice": "y"}}
    more = desk.ask(
        "save_draft", person, answers=rated("b", "c", importance=1), instrument_version=1, **of_survey
    )
    assert more["answers"]["b2"]["importance"] == 1
    desk.ask("submit_response", person, answers=rated("d"), **of_survey)
    # Written offline before the change, sent after it.
    desk.ask("submit_response", late, answers=rated("a", "b", "c"), instrument_version=1, **of_survey)
    own = desk.ask("get_own_response", late, survey_id=survey["id"])
    assert own["instrument_version"] == 1
    assert {one.version: set(one.answers) for one in responses(desk, survey)} == {
        1: {"a", "b2", "c"}, 2: {"a", "b2", "d", "role2"},
    }  # fmt: skip
    with pytest.raises(Invalid):
        desk.ask("save_draft", desk.harness.actor("learner"), answers={}, instrument_version=3, **of_survey)


def test_who_answers_by_a_link_loses_nothing_to_a_change_either(desk: Desk) -> None:
    survey = desk.launched(elements=FIRST)
    secrets = desk.ask("make_links", survey_id=survey["id"], count=2)["secrets"]
    early, late = ({"secret": secret, "language": "fr"} for secret in secrets)
    desk.ask("save_link_draft", VISITOR, answers=rated("a"), **early)
    revise(desk, survey, SECOND, MAPPING)
    seen = desk.ask("open_link", VISITOR, secret=early["secret"], instrument_version=1)
    assert ([one["code"] for one in seen["asked"]], len(seen["survey"]["elements"])) == (
        ["a", "b", "c", "role", "old"], 4,
    )  # fmt: skip
    kept = desk.ask("save_link_draft", VISITOR, answers=rated("b", "c"), instrument_version=1, **early)
    assert kept["answers"] == rated("a", "b2")
    desk.ask("submit_by_link", VISITOR, answers=rated("d"), **early)
    desk.ask("submit_by_link", VISITOR, answers=rated("a", "b", "c"), instrument_version=1, **late)
    assert {one.version: set(one.answers) for one in responses(desk, survey)} == {
        1: {"a", "b2", "c"}, 2: {"a", "b2", "d"},
    }  # fmt: skip
    with pytest.raises(Invalid):
        desk.ask("open_link", VISITOR, secret=late["secret"], instrument_version=3)


@pytest.mark.parametrize(
    ("elements", "mapping", "problems"),
    [
        (SECOND, {}, [("mapping.b", "missing"), ("mapping.c", "missing"), ("mapping.role", "missing"), ("mapping.old", "missing")]),
        (SECOND, MAPPING | {"c": "b2"}, [("mapping.c", "repeated")]),
        (SECOND, MAPPING | {"c": "role2"}, [("mapping.c", "not-compatible"), ("mapping.role", "repeated")]),
        (SECOND, MAPPING | {"c": "nowhere"}, [("mapping.c", "unknown-item")]),
        (SECOND, MAPPING | {"zz": None}, [("mapping.zz", "unknown-item")]),
        ([*FIRST[:3], choice("role", "x"), FIRST[4]], {}, [("mapping.role", "not-compatible")]),
        ([*FIRST[:2], pair("d"), *FIRST[3:], pair("c")], {"c": "d"}, [("elements.5.code", "code-taken")]),
        ([pair("a", text={"fr": "x", "en": ""}), *FIRST[1:]], {}, [("elements.0.text.en", "missing")]),
    ],
)  # fmt: skip
def test_revision_that_would_lose_answers_is_refused(
    desk: Desk, elements: list[View], mapping: View, problems: list[tuple[str, str]]
) -> None:
    survey = desk.launched(elements=FIRST)
    with pytest.raises(Invalid) as caught:
        revise(desk, survey, elements, mapping)
    assert [(problem.path, problem.code) for problem in caught.value.fields] == problems
    assert desk.ask("get_survey", survey_id=survey["id"])["elements"] == FIRST


def test_revision_is_for_running_surveys_and_the_version_that_was_read(desk: Desk) -> None:
    draft, survey = desk.draft(elements=FIRST), desk.launched(elements=FIRST)
    with pytest.raises(Conflict) as caught:
        revise(desk, draft, FIRST, {})
    assert caught.value.code == "not-launched"
    revised = revise(desk, survey, FIRST, {})
    with pytest.raises(Stale):
        revise(desk, survey, FIRST, {})
    desk.close(survey)
    with pytest.raises(Conflict) as caught:
        revise(desk, revised, FIRST, {})
    assert caught.value.code == "survey-closed"


def test_reworded_bank_statement_is_mapped_to_a_code_of_its_own(desk: Desk) -> None:
    survey = desk.launched()
    elements = [survey["elements"][0] | {"text": PAIR}, *survey["elements"][1:]]
    revised = revise(desk, survey, elements, {})
    code = survey["items"][0]["code"]
    assert revised["items"][0]["code"].startswith(f"{code}.own-")
    assert revised["items"][0]["id"] == survey["items"][0]["id"]
    listed = desk.ask("list_instrument_versions", survey_id=survey["id"])["items"]
    assert listed[0]["mapping"] == {code: revised["items"][0]["code"]}
    # Once its own, it may be reworded again under the same code.
    third = revise(desk, revised, [revised["elements"][0] | {"text": NOTE}, *revised["elements"][1:]], {})
    assert third["items"][0]["code"] == revised["items"][0]["code"]


def test_codes_are_followed_through_several_versions() -> None:
    found = newest_codes({1: {}, 2: {"a": "b", "x": None}, 3: {"b": "c", "y": "z"}})
    assert found == {1: {"a": "c", "b": "c", "y": "z"}, 2: {"b": "c", "y": "z"}, 3: {}}


def test_what_nobody_answers_needs_no_mapping() -> None:
    section = {"code": "s", "kind": "section", "text": PAIR}
    old, new = [section, pair("a")], [pair("a"), section]
    assert mapping_problems(old, new, whole_mapping(old, new, {}), {"s", "a"}) == []
    taken = mapping_problems(
        old, [pair("a"), pair("s")], whole_mapping(old, [pair("a"), pair("s")], {}), {"s", "a"}
    )
    assert [(problem.path, problem.code) for problem in taken] == [("elements.1.code", "code-taken")]


def test_carried_leaves_out_what_the_new_element_refuses() -> None:
    number = {"code": "n", "kind": "number", "max": 3}
    assert carried({"n": {"value": 9}, "a": {"importance": 1}}, {"a": "b"}, [number, pair("b")]) == {
        "b": {"importance": 1}
    }
