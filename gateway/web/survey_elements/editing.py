"""What the builder's page shows of a list of elements: the outline, and the editor of the one that is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.web.survey_elements.changes import place_of
from gateway.web.survey_elements.kinds import LISTS, QUIET, gaps
from gateway.web.survey_elements.piping import Element, figure
from gateway.web.survey_elements.rows import Asked, blocks_of
from gateway.web.survey_elements.typed import NUMBERS, simple_compute, tests_of
from gateway.web.survey_elements.wording import (
    MANY,
    NUMERIC,
    TWO,
    form_value,
    in_words,
    places,
    sum_in_words,
    title_of,
    values_for,
    words_for,
)

View = dict[str, Any]
ICONS = {
    "pair": "half", "matrix": "menu", "single": "circle", "multiple": "check-circle", "ranking": "up", "maxdiff": "filter",
    "number": "plus", "date": "calendar", "short-text": "edit", "long-text": "file", "consent": "shield",
    "section": "library", "computed": "system",
}  # fmt: skip


def outline_of(elements: Sequence[Element], faulty: frozenset[str] = frozenset()) -> list[View]:
    """One line per element: `{code, number, kind, icon, title, gaps, faulty, logic, first, last}`."""
    missing = Counter(gap["code"] for gap in gaps(list(elements)))
    return [
        {
            "code": element["code"], "number": number, "kind": element["kind"], "icon": ICONS[element["kind"]],
            "title": title_of(element), "gaps": missing[element["code"]], "faulty": element["code"] in faulty,
            "logic": bool(element.get("show_if") or element.get("go_to")),
            "first": number == 1, "last": number == len(elements),
        }
        for number, element in enumerate(elements, start=1)
    ]  # fmt: skip


def editor_of(elements: Sequence[Element], at: str, language: str) -> View | None:
    """The editor of one element, or None where there is no such element."""
    place = place_of(elements, at)
    if place is None:
        return None
    element, earlier, later = elements[place], elements[:place], elements[place + 1 :]
    kind = element["kind"]
    return {
        "element": element,
        "number": place + 1,
        "asks": kind not in QUIET,
        "lists": [{"name": name, "entries": element.get(name) or []} for name in LISTS.get(kind, ())],
        "numbers": [(name, figure(element.get(name), language)) for name in NUMBERS.get(kind, ())],
        "condition": _condition(element, earlier),
        "places": [(one["value"], one["text"]) for one in places(earlier)],
        "jumps": _jumps(element, elements[: place + 1]),
        "jump_places": [(one["value"], one["text"]) for one in places(elements[: place + 1])],
        "targets": [
            (one["code"], f"{number}. {title_of(one, 50)}") for number, one in enumerate(later, start=place + 2)
        ],
        "compute": _compute(element, earlier) if kind == "computed" else None,
        "quotes": [
            f"{{{{{one['value']}}}}}" for one in places(earlier) if one["element"]["kind"] != "long-text"
        ],
        "preview": preview_of(elements, at, language),
    }  # fmt: skip


def preview_of(elements: Sequence[Element], at: str, language: str) -> list[View]:
    """The one element as people will see it, nothing answered yet."""
    asked = Asked(elements, {}, frozenset({at}), {}, language)
    return [
        block if "row" in block else block | {"pairs": [row for row in block["pairs"] if row["code"] == at]}
        for block in blocks_of(asked)
        if at in [row["code"] for row in block.get("pairs", [block.get("row")])]
    ]


def _condition(element: Element, earlier: Sequence[Element]) -> View:
    condition = element.get("show_if")
    simple = tests_of(condition)
    known = {one["value"]: one for one in places(earlier)}
    tests = [] if simple is None else [_test(test, known) for test in simple[1]]
    return {
        "mode": "same" if simple is None else simple[0], "tests": tests,
        "words": in_words(condition, earlier) if condition is not None else "",
    }  # fmt: skip


def _test(test: Mapping[str, Any], known: Mapping[str, View]) -> View:
    part = test.get("part")
    value = test["item"] if part is None else f"{test['item']}:{part}"
    place = known.get(value)
    element = place["element"] if place else {"kind": "short-text"}
    return {
        "place": value, "is": test["is"], "value": form_value(test.get("value")), "words": words_for(element),
        "values": values_for(element), "date": element["kind"] == "date",
        "bare": test["is"] in ("answered", "not-answered"),
    }  # fmt: skip


def _jumps(element: Element, known: Sequence[Element]) -> list[View]:
    offered = {one["value"]: one for one in places(known)}
    return [
        {"to": rule["to"], "words": in_words(rule["if"], known),
         "test": _test(rule["if"], offered) if "item" in rule["if"] else None}
        for rule in element.get("go_to") or ()
    ]  # fmt: skip


def _compute(element: Element, earlier: Sequence[Element]) -> View:
    simple = simple_compute(element["compute"])
    word, chosen = simple if simple is not None else ("same", [])
    return {
        "op": word, "of": chosen, "many": MANY, "two": TWO, "is_two": word in TWO,
        "words": sum_in_words(element["compute"], earlier),
        "places": [(one["value"], one["text"]) for one in places(earlier) if one["element"]["kind"] in NUMERIC],
    }  # fmt: skip
