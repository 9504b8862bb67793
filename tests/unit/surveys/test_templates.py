"""The eight templates and the bank of statements."""

from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from services.surveys.domain.instrument import definition_problems, launch_gaps
from services.surveys.domain.instrument.items import ranking_problems
from services.surveys.methods.designs import block_design
from services.surveys.templates import bank, bank_entries, bank_topics, designs, templates
from shared.errors import Forbidden, Invalid
from tests.unit.surveys.support import PAIR, Desk

SURVEYS = [entry for entry in templates().values() if entry["leads_to"] == "survey"]


def test_eight_methods_of_which_two_lead_to_a_panel(desk: Desk) -> None:
    listed = desk.ask("list_templates")["items"]
    assert [(entry["id"], entry["leads_to"], entry["method"]) for entry in listed] == [
        ("borich", "survey", "mwds"), ("ranked-discrepancy", "survey", "rds"), ("hennessy-hicks-method", "survey", "gap"),
        ("pni-modified", "survey", "pni"), ("importance-performance", "survey", "gap"), ("maxdiff", "survey", "maxdiff"),
        ("delphi", "panel", None), ("nominal-group", "panel", None),
    ]  # fmt: skip
    assert {entry["id"] for entry in listed if entry["chart"] == "quadrant"} == {"importance-performance"}
    with pytest.raises(Invalid) as caught:
        desk.draft(template_id="delphi")
    assert [problem.code for problem in caught.value.fields] == ["leads-to-panel"]


@pytest.mark.parametrize("entry", SURVEYS, ids=lambda entry: entry["id"])
def test_survey_template_could_be_launched_as_it_is(desk: Desk, entry: dict[str, Any]) -> None:
    elements = entry["elements"]
    assert (definition_problems(elements), launch_gaps(elements)) == ([], [])
    assert ranking_problems(elements, entry["method"]) == []
    survey = desk.launched(template_id=entry["id"])
    assert (survey["status"], survey["method"], len(survey["items"])) == (
        "open", entry["method"], len(entry["items"]),
    )  # fmt: skip
    # Untouched statements keep the bank's codes.
    assert [item["code"] for item in survey["items"]] == [item["code"] for item in entry["items"]]


def test_sets_of_the_maxdiff_template_are_a_balanced_design() -> None:
    (element,) = templates()["maxdiff"]["elements"]
    codes = [option["code"] for option in element["options"]]
    design = block_design(len(codes), 4, appearances=4)
    assert design.balanced
    assert element["sets"] == [[codes[place] for place in members] for members in design.sets]


def test_maxdiff_sets_are_made_where_none_are_given(desk: Desk) -> None:
    options = [{"code": code, "text": PAIR} for code in "abcdefg"]
    element = {"code": "most", "kind": "maxdiff", "text": PAIR, "options": options}
    draft = desk.draft(template_id="maxdiff", elements=[element])
    sets = draft["elements"][0]["sets"]
    designed = desk.ask("design_sets", options=list("abcdefg"))
    assert (sets, designed["balanced"], designed["appearances"]) == (designed["sets"], True, 4)
    assert [item["code"] for item in draft["items"]] == list("abcdefg")
    more = [*options, {"code": "h", "text": PAIR}]
    stale = [element | {"options": more, "sets": sets}]
    draft = desk.ask("edit_survey", survey_id=draft["id"], version=1, elements=stale)
    with pytest.raises(Invalid) as caught:
        desk.ask("launch_survey", survey_id=draft["id"], version=2)
    assert [(p.path, p.code) for p in caught.value.fields] == [("elements.0.sets", "option-in-no-set")]
    again = desk.ask("edit_survey", survey_id=draft["id"], version=2, elements=[element | {"options": more}])
    assert {code for members in again["elements"][0]["sets"] for code in members} == set("abcdefgh")
    assert desk.ask("launch_survey", survey_id=draft["id"], version=3)["status"] == "open"


def test_cut_rule_is_chosen_before_the_launch_and_used(desk: Desk) -> None:
    survey = desk.table_survey(template_id="importance-performance", cut_rule="midpoint")
    assert survey["cut_rule"] == "midpoint"
    desk.answer_table(survey)
    desk.close(survey)
    cuts = desk.ask("get_results", survey_id=survey["id"])["cuts"]
    assert cuts == {"importance": 3.0, "ability": 3.0, "rule": "midpoint"}


def test_every_statement_of_the_bank_has_a_topic_and_both_languages() -> None:
    assert len(bank_entries()) == len(bank()) == sum(topic["items"] for topic in bank_topics())
    assert all(entry["statement"]["fr"] and entry["statement"]["en"] for entry in bank_entries())


def test_bank_is_searched_in_both_languages_and_by_topic(desk: Desk) -> None:
    assert len(desk.ask("list_bank")["items"]) == len(bank())
    found = desk.ask("list_bank", q="traumas VECUS")["items"]
    assert [entry["code"] for entry in found] == ["pve.trauma.informed"]
    assert desk.ask("list_bank", q="history trauma")["items"] == found
    assert {entry["topic"] for entry in desk.ask("list_bank", topic="care")["items"]} == {"care"}
    with pytest.raises(Forbidden):
        desk.ask("list_bank", desk.harness.actor("trainer"))


def test_reworded_bank_statement_gets_a_code_of_its_own_at_launch(desk: Desk) -> None:
    draft = desk.draft()
    first, second = draft["elements"][:2]
    seen = {"item": first["code"], "part": "importance", "is": "at-least", "value": 3}
    mark = {"fr": f"Après {{{{{first['code']}:importance}}}}", "en": "Next"}
    elements = [first | {"text": PAIR}, second | {"show_if": seen, "help": mark}]
    desk.ask("edit_survey", survey_id=draft["id"], version=1, elements=elements)
    survey = desk.ask("launch_survey", survey_id=draft["id"], version=2)
    own, kept = survey["elements"]
    assert own["code"].startswith(f"{first['code']}.own-")
    assert kept["code"] == second["code"]
    assert kept["show_if"] == seen | {"item": own["code"]}
    assert kept["help"]["fr"] == f"Après {{{{{own['code']}:importance}}}}"
    assert [item["code"] for item in survey["items"]] == [own["code"], kept["code"]]


def test_stored_designs_show_every_option_alike_and_pairs_as_evenly_as_may_be() -> None:
    assert sorted(designs()) == list(range(4, 41))
    assert designs()[7] == [list(members) for members in block_design(7, 4, appearances=4).sets]
    for options, sets in designs().items():
        shown = Counter(place for members in sets for place in members)
        assert set(shown) == set(range(options))
        assert len(set(shown.values())) == 1
        pairs = Counter(pair for members in sets for pair in combinations(sorted(members), 2))
        met = [pairs[pair] for pair in combinations(range(options), 2)]
        assert max(met) - min(met) <= (2 if options == 8 else 1), options
