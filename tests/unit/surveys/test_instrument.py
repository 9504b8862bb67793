"""Instruments: every kind of element, conditions and jumps, computed values, piping; and that nothing odd breaks them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.surveys.domain.instrument import (
    KINDS,
    complete_answers,
    computed_values,
    definition_problems,
    language_gaps,
    launch_gaps,
    piped,
    read_answers,
    visible,
)
from shared.errors import Invalid

BOTH = {"fr": "Texte", "en": "Text"}


def entries(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "text": {"fr": f"Le {code}", "en": f"The {code}"}} for code in codes]


OWN: dict[str, dict[str, Any]] = {
    "matrix": {"rows": entries("r1", "r2"), "points": entries("1", "2", "3")},
    "single": {"options": entries("a", "b"), "other": True},
    "multiple": {"options": entries("a", "b", "c"), "min": 1, "max": 2},
    "ranking": {"options": entries("a", "b", "c"), "top": 2},
    "maxdiff": {"options": entries("a", "b", "c", "d"), "sets": [["a", "b", "c"], ["b", "c", "d"]]},
    "number": {"min": 0, "max": 10, "decimals": 1, "unit": {"fr": "h", "en": "h"}},
    "date": {"min": "2026-01-01", "max": "2026-12-31"},
    "computed": {"compute": {"sum": [1, 2]}},
}


def element(kind: str, code: str = "q", **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "text": BOTH, "required": True} | OWN.get(kind, {}) | more


WHOLE: dict[str, Any] = {
    "pair": {"importance": 5, "ability": "na"},
    "matrix": {"r1": "1", "r2": "na"},
    "single": {"choice": "other", "text": "Autre chose"},
    "multiple": {"choices": ["b", "a"]},
    "ranking": {"order": ["c", "a"]},
    "maxdiff": {"sets": {"0": {"best": "a", "worst": "b"}, "1": {"best": "d", "worst": "b"}}},
    "number": {"value": 2.5},
    "date": {"value": "2026-11-22"},
    "short-text": {"value": "é"},
    "long-text": {"value": "ligne\nligne"},
    "consent": {"value": True},
}
WRONG: dict[str, list[tuple[Any, str]]] = {
    "pair": [({"importance": 6}, "out-of-range"), ({"importance": True}, "out-of-range"), ({"x": 1}, "unknown-field")],
    "matrix": [({"r1": "9"}, "unknown-option"), ({"r9": "1"}, "unknown-field"), ({"r1": ["1"]}, "unknown-option")],
    "single": [({"choice": "z"}, "unknown-option"), ({"choice": ["a"]}, "unknown-option"), ([], "wrong-type")],
    "multiple": [
        ({"choices": ["a", "a"]}, "repeated"), ({"choices": ["a", "b", "c"]}, "too-many"),
        ({"choices": "a"}, "wrong-type"), ({"choices": ["a"], "text": "x"}, "unknown-field"),
    ],
    "ranking": [({"order": ["a", "b", "c"]}, "too-many"), ({"order": [1]}, "unknown-option")],
    "maxdiff": [
        ({"sets": {"0": {"best": "d"}}}, "unknown-option"), ({"sets": {"0": {"best": "a", "worst": "a"}}}, "repeated"),
        ({"sets": {"7": {}}}, "unknown-item"), ({"sets": []}, "wrong-type"),
    ],
    "number": [
        ({"value": 11}, "out-of-range"), ({"value": 1.25}, "too-many-decimals"), ({"value": "3"}, "wrong-type"),
        ({"value": float("nan")}, "wrong-type"),
    ],
    "date": [({"value": "2025-12-31"}, "out-of-range"), ({"value": "2026-02-30"}, "bad-date"), ({"value": 5}, "bad-date")],
    "short-text": [({"value": "x" * 501}, "too-long"), ({"value": "\x00"}, "bad-character"), ({"value": 4}, "wrong-type")],
    "long-text": [({"value": "x" * 5001}, "too-long")],
    "consent": [({"value": "yes"}, "wrong-type")],
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_whole_answer_of_every_kind_is_taken_as_it_is(kind: str) -> None:
    asked = [element(kind)]
    assert definition_problems(asked) == []
    read = read_answers({"q": WHOLE[kind]}, asked)
    assert complete_answers(asked, read) == {"q": WHOLE[kind]}


@pytest.mark.parametrize(
    ("kind", "answer", "code"), [(k, a, c) for k, cases in WRONG.items() for a, c in cases]
)
def test_wrong_answer_is_refused_with_its_reason(kind: str, answer: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_answers({"q": answer}, [element(kind)])
    assert [problem.code for problem in caught.value.fields] == [code]


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_nothing_is_a_gap_where_required_and_none_where_not(kind: str) -> None:
    with pytest.raises(Invalid) as caught:
        complete_answers([element(kind)], {})
    assert {problem.code for problem in caught.value.fields} <= {"missing", "consent-needed"}
    assert complete_answers([element(kind, required=False)], {}) == {}


@pytest.mark.parametrize(("kind", "answer"), [
    ("pair", {"importance": 3}), ("matrix", {"r1": "1"}), ("single", {"choice": "other"}),
    ("ranking", {"order": ["a"]}), ("maxdiff", {"sets": {"0": {"best": "a"}}}),
])  # fmt: skip
def test_half_an_answer_is_no_answer_even_where_not_required(kind: str, answer: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        complete_answers([element(kind, required=False)], {"q": answer})


ROUTE = [
    element("single", "role", options=entries("clinic", "police")),
    element("number", "years", required=False, show_if={"item": "role", "is": "equals", "value": "clinic"}),
    element("section", "intro", show_if={"all": [{"item": "years", "is": "more", "value": 5}]}),
    element("multiple", "tools", required=False, go_to=[
        {"if": {"item": "tools", "is": "includes", "value": "a"}, "to": "last"},
        {"if": {"item": "tools", "is": "answered"}, "to": "end"},
    ]),
    element("short-text", "why", required=False),
    element("long-text", "last", required=False, text={"fr": "Vous, {{role}}, depuis {{years}} ans", "en": "{{role}}"}),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "shown"), [
    ({}, ["role", "tools", "why", "last"]),
    ({"role": {"choice": "clinic"}}, ["role", "years", "tools", "why", "last"]),
    ({"role": {"choice": "clinic"}, "years": {"value": 6}}, ["role", "years", "intro", "tools", "why", "last"]),
    ({"role": {"choice": "police"}, "years": {"value": 6}}, ["role", "tools", "why", "last"]),
    ({"tools": {"choices": ["a"]}}, ["role", "tools", "last"]),
    ({"tools": {"choices": ["b"]}}, ["role", "tools"]),
])  # fmt: skip
def test_conditions_and_jumps_choose_what_is_shown(answers: dict[str, Any], shown: list[str]) -> None:
    assert definition_problems(ROUTE) == []
    assert visible(ROUTE, answers) == shown


def test_answer_that_went_out_of_sight_does_not_count() -> None:
    answers: dict[str, Any] = {"role": {"choice": "police"}, "years": {"value": 6}, "why": {"value": "x"}}
    assert set(complete_answers(ROUTE, answers)) == {"role", "why"}


def test_values_are_computed_from_what_is_seen() -> None:
    gap = {"minus": [{"item": "p", "part": "importance"}, {"item": "p", "part": "ability"}]}
    asked = [
        element("pair", "p"), element("number", "n", required=False),
        element("computed", "gap", compute=gap),
        element("computed", "mean", compute={"mean": [{"item": "n"}, {"item": "gap"}]}),
        element("computed", "share", compute={"over": [{"item": "gap"}, {"item": "n"}]}),
        element("computed", "many", compute={"count": [{"item": "n"}, 4]}),
        element("section", "praise", show_if={"item": "gap", "is": "at-most", "value": 0}),
    ]  # fmt: skip
    assert definition_problems(asked) == []
    answers = {"p": {"importance": 5, "ability": 2}, "n": {"value": 0}}
    assert computed_values(asked, answers) == {"gap": 3, "mean": 1.5, "share": None, "many": 2}
    assert "praise" not in visible(asked, answers)
    without = {"p": {"importance": 5, "ability": "na"}}
    assert computed_values(asked, without) == {"gap": None, "mean": None, "share": None, "many": 1}


def test_texts_take_up_earlier_answers_in_the_readers_language() -> None:
    answers: dict[str, Any] = {"role": {"choice": "clinic"}, "years": {"value": 6.5}}
    assert piped(ROUTE[-1]["text"]["fr"], "fr", ROUTE, answers) == "Vous, Le clinic, depuis 6.5 ans"
    assert (
        piped("{{role}} {{years}} {{nobody}}", "en", ROUTE, {"role": {"choice": "other", "text": "<b>me"}})
        == "<b>me … …"
    )


@pytest.mark.parametrize(("change", "path", "code"), [
    ({"kind": "essay"}, "kind", "unknown-option"),
    ({"code": "Q 1"}, "code", "bad-code"),
    ({"code": "end"}, "code", "repeated"),
    ({"options": entries("a")}, "options", "unknown-field"),
    ({"text": {"de": "x"}}, "text", "wrong-type"),
    ({"min": 5, "max": 1}, "max", "below-minimum"),
    ({"show_if": {"item": "later", "is": "answered"}}, "show_if", "refers-forward"),
    ({"show_if": {"item": "q", "is": "matches", "value": ".*"}}, "show_if", "bad-condition"),
    ({"show_if": {"all": []}}, "show_if", "bad-condition"),
    ({"go_to": [{"if": {"item": "q", "is": "answered"}, "to": "q"}]}, "go_to.0", "jumps-back"),
    ({"text": {"fr": "{{later}}", "en": ""}}, "text.fr", "refers-forward"),
])  # fmt: skip
def test_fault_of_a_definition_is_named_with_its_place(change: dict[str, Any], path: str, code: str) -> None:
    found = definition_problems([element("number") | change, element("short-text", "later")])
    assert [(problem.path, problem.code) for problem in found] == [(f"elements.0.{path}", code)]


def test_completeness_is_told_per_language_before_the_launch() -> None:
    asked = [element("single", text={"fr": "Rôle", "en": " "}), element("section", "s", text=BOTH)]
    asked[0]["options"][1]["text"] = {"en": "B"}
    assert language_gaps(asked) == {"fr": ["elements.0.options.1.text"], "en": ["elements.0.text"]}
    assert {(p.path, p.code) for p in launch_gaps(asked)} == {
        ("elements.0.text.en", "missing"), ("elements.0.options.1.text.fr", "missing"),
    }  # fmt: skip
    assert [p.code for p in launch_gaps([element("section")])] == ["missing"]
    assert [(p.path, p.code) for p in launch_gaps([element("matrix", rows=[], points=entries("1"))])] == [
        ("elements.0.rows", "too-few"), ("elements.0.points", "too-few"),
    ]  # fmt: skip


NAMES = st.sampled_from(["q", "r", "end", "a", "other", "", "É", "x" * 90])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats() | NAMES | st.sampled_from(["sum", "item", "all"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["item", "part", "is", "value", "all", "any", "not", "if", "to", "code", "text", "fr", "en", "sum"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
FIELDS = st.sampled_from([
    "code", "kind", "text", "help", "required", "show_if", "go_to", "options", "rows", "points", "sets", "min", "max",
    "top", "decimals", "compute", "unit", "other", "max_length", "nonsense",
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(
    st.builds(lambda kind, code, more: element(kind, code) | more, st.sampled_from(KINDS), NAMES,
              st.dictionaries(FIELDS, JSON, max_size=3)) | JSON,
    max_size=4,
), st.dictionaries(NAMES, JSON, max_size=3))  # fmt: skip
def test_whatever_comes_in_is_refused_or_can_be_used(definition: Any, answers: dict[str, Any]) -> None:
    if definition_problems(definition):
        return
    language_gaps(definition)
    launch_gaps(definition)
    visible(definition, {})
    try:
        read = read_answers(answers, definition)
    except Invalid:
        return
    visible(definition, read)
    computed_values(definition, read)
    for one in definition:
        piped(str((one.get("text") or {}).get("fr")), "fr", definition, read)
    try:
        complete_answers(definition, read)
    except Invalid:
        return
