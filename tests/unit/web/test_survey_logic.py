"""The browser's rules for conditions, jumps, computed values and piping are those of the service, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest
import quickjs

from gateway.web.pages import STATIC
from gateway.web.survey_elements.piping import piped as gateway_piped
from services.surveys.domain.instrument import computed_values, definition_problems, piped, visible

CODE = (
    (STATIC / "js" / "survey" / "logic.js").read_text(encoding="utf-8").replace("export function", "function")
)
Elements = list[dict[str, Any]]
TEXT = {"fr": "Texte", "en": "Text"}


@pytest.fixture(scope="module")
def browser() -> Any:
    context = quickjs.Context()
    context.eval(CODE)
    context.eval(
        """function ran(text) {
          const {elements, answers, text: mark, language} = JSON.parse(text);
          return JSON.stringify({visible: visible(elements, answers), computed: computedValues(elements, answers),
            piped: piped(mark, language, elements, answers)}); }"""
    )
    return context.get("ran")


def element(code: str, kind: str, **own: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "text": TEXT, "required": False, "show_if": None, "go_to": [], **own}


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "text": {"fr": f"{code} fr", "en": f"{code} en"}} for code in codes]


def asks(item: str, word: str, value: Any = None, part: str | None = None) -> dict[str, Any]:
    found = {"item": item, "is": word}
    if part is not None:
        found["part"] = part
    return found if word.endswith("answered") else found | {"value": value}


EVERY: Elements = [
    element("pair", "pair"),
    element("grid", "matrix", rows=options("r1", "r2"), points=options("1", "2", "3")),
    element("one", "single", options=options("a", "b"), other=True),
    element("many", "multiple", options=options("x", "y", "z"), other=True),
    element("rank", "ranking", options=options("p", "q", "r"), top=2),
    element("num", "number", decimals=2),
    element("day", "date"),
    element("word", "short-text"),
    element("yes", "consent"),
]
CONDITIONS: list[dict[str, Any]] = [
    asks("one", "equals", "a"), asks("one", "not-equals", "a"), asks("one", "answered"),
    asks("one", "not-answered"), asks("many", "includes", "y"), asks("many", "equals", "x"),
    asks("many", "not-equals", "x"), asks("many", "includes", "other"), asks("rank", "includes", "q"),
    asks("pair", "at-least", 4, "importance"), asks("pair", "less", 3, "ability"),
    asks("pair", "equals", 5, "importance"), asks("grid", "at-most", 2, "r1"), asks("grid", "equals", "3", "r2"),
    asks("grid", "more", "1", "r2"), asks("num", "more", 10), asks("num", "at-most", "10"),
    asks("num", "equals", 3), asks("day", "less", "2026-01-01"), asks("day", "at-least", "2026-01-01"),
    asks("word", "equals", "mot"), asks("word", "includes", "mot"), asks("word", "more", 3),
    asks("yes", "equals", True), asks("yes", "equals", 1), asks("yes", "not-equals", False),
    asks("yes", "more", 0), asks("pair", "equals", 1),
]  # fmt: skip
CONDITIONS += [
    {"all": [CONDITIONS[0], CONDITIONS[4]]},
    {"any": [CONDITIONS[1], CONDITIONS[9]]},
    {"not": {"any": [CONDITIONS[2], {"all": [CONDITIONS[15], CONDITIONS[22]]}]}},
]
ANSWERS: list[dict[str, Any]] = [
    {},
    {"pair": {"importance": 5, "ability": 2}, "one": {"choice": "a"}, "many": {"choices": ["x"]}, "num": {"value": 3}},
    {"pair": {"importance": "na", "ability": "na"}, "one": {"choice": "other", "text": "<b>moi</b>"},
     "many": {"choices": ["y", "other"], "text": "autre"}, "rank": {"order": ["q", "p"]}, "yes": {"value": True}},
    {"grid": {"r1": "2", "r2": "na"}, "num": {"value": 12.5}, "day": {"value": "2026-02-03"}, "yes": {"value": False}},
    {"grid": {"r1": "3", "r2": "3"}, "word": {"value": "mot"}, "day": {"value": "2025-12-31"}, "many": {"choices": []}},
    {"pair": {"importance": 4}, "word": {"value": ""}, "num": {"value": 0}, "one": {"choice": "b"}},
]  # fmt: skip
EXPRESSIONS: list[Any] = [
    {"sum": [{"item": "pair", "part": "importance"}, {"item": "num"}, 0.1, 0.2]},
    {"mean": [0.1] * 10}, {"mean": [{"item": "grid", "part": "r1"}, {"item": "grid", "part": "r2"}]},
    {"count": [{"item": "num"}, {"item": "grid", "part": "r1"}, {"item": "one"}]},
    {"least": [{"item": "num"}, 7]}, {"most": [{"item": "num"}, {"item": "pair", "part": "ability"}]},
    {"minus": [{"item": "pair", "part": "importance"}, {"item": "pair", "part": "ability"}]},
    {"over": [{"item": "num"}, {"item": "pair", "part": "ability"}]}, {"over": [1, {"item": "num"}]},
    {"times": [{"times": [{"item": "num"}, 1e15]}, {"over": [1, {"item": "num"}]}]}, {"sum": [{"item": "word"}]}, {"sum": [{"item": "yes"}, 1]},
]  # fmt: skip
TEXT_WITH_MARKS = "{{pair:importance}} {{grid:r1}} {{one}}|{{ many }}|{{rank}}|{{num}}|{{day}}|{{word}}|{{yes}}|{{none}}|{{c}}"


def cases() -> list[tuple[Elements, dict[str, Any]]]:
    asked = [[*EVERY, element("last", "short-text", show_if=condition)] for condition in CONDITIONS]
    asked += [
        [element("first", "single", options=options("a", "b")),
         *({**one, "go_to": [{"if": condition, "to": to}]} if one["code"] == "yes" else one for one in EVERY),
         element("between", "short-text"), element("later", "short-text"), element("last", "section")]
        for condition in CONDITIONS[:8]
        for to in ("later", "end")
    ]  # fmt: skip
    asked += [
        [*EVERY, element("c", "computed", compute=expression),
         element("after", "short-text", show_if=asks("c", "more", 2.5)), element("d", "computed", compute={"sum": [{"item": "c"}, 1]})]
        for expression in EXPRESSIONS
    ]  # fmt: skip
    # An answer to a question that went out of sight changes nothing.
    asked.append(
        [EVERY[2], element("hidden", "number", show_if=asks("one", "equals", "b")),
         element("behind", "section", show_if=asks("hidden", "answered"))]
    )  # fmt: skip
    return [(elements, answers | {"hidden": {"value": 1}}) for elements in asked for answers in ANSWERS]


def test_the_browser_and_the_service_agree(browser: Any) -> None:
    everything = cases()
    assert len(everything) > 300
    for elements, answers in everything:
        assert definition_problems(elements) == []
        asked = {"elements": elements, "answers": answers, "text": TEXT_WITH_MARKS, "language": "en"}
        found = json.loads(browser(json.dumps(asked)))
        said = (elements[-1], answers)
        assert (found["visible"], said) == (visible(elements, answers), said)
        assert (found["computed"], said) == (computed_values(elements, answers), said)
        filled = piped(TEXT_WITH_MARKS, "en", elements, answers)
        assert found["piped"] == filled
        assert gateway_piped(TEXT_WITH_MARKS, "en", elements, answers) == filled


def test_cases_show_both_outcomes() -> None:
    """Each condition is true of one set of answers and false of another, so that agreeing says something."""
    for condition in CONDITIONS[:-4]:
        elements = [*EVERY, element("last", "section", show_if=condition)]
        outcomes = {"last" in visible(elements, answers) for answers in ANSWERS}
        if condition not in (asks("word", "more", 3), asks("yes", "more", 0), asks("pair", "equals", 1)):
            assert outcomes == {True, False}, condition


def test_figures_have_the_comma_of_the_language(browser: Any) -> None:
    asked = {"elements": EVERY, "answers": {"num": {"value": 2.5}}, "text": "{{num}}", "language": "fr"}
    assert json.loads(browser(json.dumps(asked)))["piped"] == "2,5"
    assert gateway_piped("{{num}}", "fr", EVERY, {"num": {"value": 2.5}}) == "2,5"
