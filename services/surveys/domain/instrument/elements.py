"""The kinds of element, and which fields each has.

Every element: `code` (stable across versions and waves), `kind`, `text` {fr, en}, `help` {fr, en}, `required`,
`show_if` (a condition or null), `go_to` [{"if": condition, "to": code or "end"}]. By kind:

| kind | own fields | answer |
|---|---|---|
| pair | – | {"importance": 1..5 or "na", "ability": the same} |
| matrix | `rows`, `points` (codes and texts) | {row code: point code or "na"} |
| single | `options`, `other` | {"choice": code} or {"choice": "other", "text": …} |
| multiple | `options`, `other`, `min`, `max` | {"choices": [codes], "text": …} |
| ranking | `options`, `top` | {"order": [codes, best first]} |
| maxdiff | `options`, `sets` [[codes]] | {"sets": {"0": {"best": code, "worst": code}, …}} |
| number | `min`, `max`, `decimals`, `unit` | {"value": number} |
| date | `min`, `max` | {"value": "2026-11-22"} |
| short-text, long-text | `max_length` | {"value": text} |
| consent | – | {"value": true or false}; required means: only true goes on |
| section | – | none |
| computed | `compute` (an expression) | none: worked out |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

Element = Mapping[str, Any]
Pair = Mapping[str, str]

PAIR: Final = "pair"
MATRIX: Final = "matrix"
SINGLE: Final = "single"
MULTIPLE: Final = "multiple"
RANKING: Final = "ranking"
MAXDIFF: Final = "maxdiff"
NUMBER: Final = "number"
DATE: Final = "date"
SHORT_TEXT: Final = "short-text"
LONG_TEXT: Final = "long-text"
CONSENT: Final = "consent"
SECTION: Final = "section"
COMPUTED: Final = "computed"
KINDS = (
    PAIR, MATRIX, SINGLE, MULTIPLE, RANKING, MAXDIFF, NUMBER, DATE, SHORT_TEXT, LONG_TEXT, CONSENT, SECTION, COMPUTED,
)  # fmt: skip
ANSWERED = frozenset(KINDS) - {SECTION, COMPUTED}
"""Kinds that people answer."""
TEXTS = frozenset({SHORT_TEXT, LONG_TEXT})

SIDES = ("importance", "ability")
POINTS = 5
NOT_APPLICABLE = "na"
OTHER = "other"
END = "end"
LANGUAGES = ("fr", "en")

OWN: Mapping[str, frozenset[str]] = {
    PAIR: frozenset(),
    MATRIX: frozenset({"rows", "points"}),
    SINGLE: frozenset({"options", "other"}),
    MULTIPLE: frozenset({"options", "other", "min", "max"}),
    RANKING: frozenset({"options", "top"}),
    MAXDIFF: frozenset({"options", "sets"}),
    NUMBER: frozenset({"min", "max", "decimals", "unit"}),
    DATE: frozenset({"min", "max"}),
    SHORT_TEXT: frozenset({"max_length"}),
    LONG_TEXT: frozenset({"max_length"}),
    CONSENT: frozenset(),
    SECTION: frozenset(),
    COMPUTED: frozenset({"compute"}),
}
COMMON = frozenset({"code", "kind", "text", "help", "required", "show_if", "go_to"})

CODE = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
MAX_CODE = 80
MAX_ELEMENTS, MAX_OPTIONS = 200, 50
MAX_TEXT, MAX_HELP, MAX_LABEL, MAX_UNIT = 2000, 1000, 500, 40
MAX_NUMBER = 10**15
SHORT, LONG = 500, 5000
"""Longest answers, in characters, where the author says nothing."""


def is_code(value: object) -> bool:
    """Whether a value may name an element, an option, a row or a point."""
    return isinstance(value, str) and len(value) <= MAX_CODE and CODE.fullmatch(value) is not None


def is_number(value: object) -> bool:
    """Whether a value is a number that every store and every reader can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def is_storable(text: str) -> bool:
    """Whether both databases can keep a text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def codes_of(element: Element, field: str) -> list[str]:
    """The codes of a list of options, rows or points."""
    return [entry["code"] for entry in element.get(field) or ()]


def bilingual_parts(element: Element) -> dict[str, Pair]:
    """Every bilingual text of an element by its path: "text", "options.0.text", "unit"…; absent ones left out."""
    found = {name: element[name] for name in ("text", "help", "unit") if element.get(name)}
    for field in ("options", "rows", "points"):
        for place, entry in enumerate(element.get(field) or ()):
            found[f"{field}.{place}.text"] = entry.get("text") or {}
    return found
