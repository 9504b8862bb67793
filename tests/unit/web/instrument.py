"""One instrument with every kind of element, conditions, a jump, a quotation and a computed value; and answers to it."""

from __future__ import annotations

from typing import Any

Element = dict[str, Any]


def pair(word: str) -> dict[str, str]:
    return {"fr": f"{word} (fr)", "en": f"{word} (en)"}


def entries(*codes: str) -> list[Element]:
    return [{"code": code, "text": pair(code)} for code in codes]


INSTRUMENT: list[Element] = [
    {"code": "agree", "kind": "consent", "text": pair("Agree"), "required": True},
    {"code": "role", "kind": "single", "text": pair("Role"), "required": True, "other": True, "options": entries("field", "desk")},
    {"code": "years", "kind": "number", "text": pair("Years"), "required": False, "min": 0, "max": 60, "decimals": 1, "unit": pair("years"),
     "show_if": {"item": "role", "is": "equals", "value": "field"}},
    {"code": "about", "kind": "section", "text": pair("About"), "help": pair("Two scales")},
    {"code": "need.one", "kind": "pair", "text": pair("First"), "required": True},
    {"code": "need.two", "kind": "pair", "text": pair("Second"), "required": True},
    {"code": "gap", "kind": "computed", "text": pair("Gap"),
     "compute": {"minus": [{"item": "need.one", "part": "importance"}, {"item": "need.one", "part": "ability"}]}},
    {"code": "grid", "kind": "matrix", "text": pair("Grid"), "required": True, "rows": entries("r1", "r2"), "points": entries("1", "2", "3"),
     "show_if": {"all": [{"item": "gap", "is": "more", "value": 1}, {"item": "need.two", "part": "importance", "is": "answered"}]}},
    {"code": "ways", "kind": "multiple", "text": pair("Ways"), "required": True, "other": True, "min": 1, "max": 2, "options": entries("w1", "w2", "w3"),
     "go_to": [{"if": {"item": "ways", "is": "includes", "value": "w3"}, "to": "when"}]},
    {"code": "order", "kind": "ranking", "text": pair("Order"), "required": True, "top": 2, "options": entries("o1", "o2", "o3")},
    {"code": "best", "kind": "maxdiff", "text": pair("Best"), "required": True, "options": entries("b1", "b2", "b3", "b4"),
     "sets": [["b1", "b2", "b3"], ["b2", "b3", "b4"]]},
    {"code": "when", "kind": "date", "text": pair("When"), "required": False, "min": "2020-01-01", "max": "2026-12-31"},
    {"code": "word", "kind": "short-text", "text": {"fr": "Dites-en plus sur {{role}}", "en": "Say more about {{role}}"}, "required": False, "max_length": 50},
    {"code": "more", "kind": "long-text", "text": pair("More"), "required": False},
]  # fmt: skip

FIELDS: dict[str, str] = {
    "value:agree": "yes", "choice:role": "field", "value:years": "4,5", "importance-need.one": "5", "ability-need.one": "2",
    "na-need.two": "1", "row:grid:r1": "2", "row:grid:r2": "na", "choices:ways": "w2", "rank:order:o3": "1", "rank:order:o1": "2",
    "best:best:0": "b1", "worst:best:0": "b3", "best:best:1": "b4", "worst:best:1": "b2", "value:when": "2024-05-06",
    "value:word": "Un <b>mot</b>", "value:more": "Deux\nlignes",
}  # fmt: skip
"""The form as a person fills it in, with the comma of French."""
ANSWERS: dict[str, Element] = {
    "agree": {"value": True}, "role": {"choice": "field"}, "years": {"value": 4.5},
    "need.one": {"importance": 5, "ability": 2}, "need.two": {"importance": "na", "ability": "na"},
    "grid": {"r1": "2", "r2": "na"}, "ways": {"choices": ["w2"]}, "order": {"order": ["o3", "o1"]},
    "best": {"sets": {"0": {"best": "b1", "worst": "b3"}, "1": {"best": "b4", "worst": "b2"}}},
    "when": {"value": "2024-05-06"}, "word": {"value": "Un <b>mot</b>"}, "more": {"value": "Deux\nlignes"},
}  # fmt: skip
"""The same as the service takes it."""
