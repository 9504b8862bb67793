"""Conditions, jumps and computed values: small trees of plain dictionaries, never code.

Condition: {"all": [c…]}, {"any": [c…]}, {"not": c}, or a test {"item": code, "part": …, "is": word, "value": …}.
Words: equals, not-equals, includes, less, at-most, more, at-least, answered, not-answered. `part`: a side of a pair, a row
of a matrix. A test on something that was not answered, or not shown, is false, except not-answered and not-equals.

Expression: a number, {"item": code, "part": …}, {"sum" | "mean" | "least" | "most" | "count": [e…]},
{"minus" | "times" | "over": [e, e]}. What has no number is left out of sums and means; minus, times and over need both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument.elements import (
    COMPUTED,
    END,
    MULTIPLE,
    NOT_APPLICABLE,
    RANKING,
    SINGLE,
    Element,
)

Answers = Mapping[str, Mapping[str, Any]]
WORDS = (
    "equals", "not-equals", "includes", "less", "at-most", "more", "at-least", "answered", "not-answered",
)  # fmt: skip
GROUPS = ("all", "any")
MANY = ("sum", "mean", "least", "most", "count")
TWO = ("minus", "times", "over")
MAX_DEPTH = 6

_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "less": lambda a, b: a < b,
    "at-most": lambda a, b: a <= b,
    "more": lambda a, b: a > b,
    "at-least": lambda a, b: a >= b,
}


def visible(elements: Sequence[Element], answers: Answers) -> list[str]:
    """Codes of the elements that a person with these answers sees, in order.

    Only answers to elements that are seen count; so an answer given before its question went out of sight changes
    nothing.
    """
    return [code for code, _, shown in _walk(elements, answers) if shown]


def computed_values(elements: Sequence[Element], answers: Answers) -> dict[str, float | None]:
    """The value of every computed element that is seen; None where it cannot be worked out."""
    return {code: value for code, value, shown in _walk(elements, answers) if shown and value is not _NOTHING}


_NOTHING: Any = object()


def _walk(elements: Sequence[Element], answers: Answers) -> Iterator[tuple[str, Any, bool]]:
    kinds = {element["code"]: element["kind"] for element in elements}
    seen: dict[str, Mapping[str, Any]] = {}
    target: str | None = None
    for element in elements:
        code = element["code"]
        if target is not None and code != target:
            yield code, _NOTHING, False
            continue
        target = None
        shown = element.get("show_if") is None or holds(element["show_if"], seen, kinds)
        value = _NOTHING
        if shown and element["kind"] == COMPUTED:
            value = evaluate(element["compute"], seen, kinds)
            seen[code] = {"value": value}
        elif shown and code in answers:
            seen[code] = answers[code]
        yield code, value, shown
        if shown:
            target = _jump(element, seen, kinds)


def _jump(element: Element, seen: Answers, kinds: Mapping[str, str]) -> str | None:
    for rule in element.get("go_to") or ():
        if holds(rule["if"], seen, kinds):
            # No element has this code, so nothing more is shown.
            return "" if rule["to"] == END else str(rule["to"])
    return None


def holds(condition: Mapping[str, Any], seen: Answers, kinds: Mapping[str, str]) -> bool:
    """Whether a condition is true of the answers seen so far; `kinds` by code."""
    if "all" in condition:
        return all(holds(part, seen, kinds) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, seen, kinds) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], seen, kinds)
    return _test(condition, _value(condition, seen, kinds))


def _test(condition: Mapping[str, Any], value: Any) -> bool:
    word, wanted = str(condition["is"]), condition.get("value")
    answered: bool = value is not None and value not in ([], "")
    if word in ("answered", "not-answered"):
        return answered == (word == "answered")
    if not answered:
        return word == "not-equals"
    if word == "includes":
        return wanted in value if isinstance(value, list) else wanted == value
    if word in ("equals", "not-equals"):
        same = value == [wanted] if isinstance(value, list) else value == wanted
        return bool(same) == (word == "equals")
    # Dates are ISO text, so their order is that of their letters.
    if isinstance(value, str) and isinstance(wanted, str):
        return _ORDER[word](*(float((value > wanted) - (value < wanted)), 0.0))
    number, limit = _number(value), _number(wanted)
    return number is not None and limit is not None and _ORDER[word](number, limit)


def _value(place: Mapping[str, Any], seen: Answers, kinds: Mapping[str, str]) -> Any:
    """What a person gave at {"item", "part"}: a code, a list of codes, a number, a text, or None."""
    code = place["item"]
    answer = seen.get(code)
    if answer is None:
        return None
    if place.get("part") is not None:
        found = answer.get(place["part"])
        return None if found == NOT_APPLICABLE else found
    kind = kinds.get(code)
    name = {SINGLE: "choice", MULTIPLE: "choices", RANKING: "order"}.get(str(kind), "value")
    return answer.get(name)


def evaluate(expression: Any, seen: Answers, kinds: Mapping[str, str]) -> float | None:
    """The number of an expression, or None where it has none (or is not finite)."""
    if isinstance(expression, int | float) and not isinstance(expression, bool):
        return float(expression)
    if "item" in expression:
        return _number(_value(expression, seen, kinds))
    word = next(iter(expression))
    values = [evaluate(part, seen, kinds) for part in expression[word]]
    given = [value for value in values if value is not None]
    if word in TWO:
        return _two(word, values[0], values[1])
    if word == "count":
        return float(len(given))
    if not given:
        return None
    many: Mapping[str, Callable[[list[float]], float]] = {
        "sum": math.fsum, "mean": lambda v: math.fsum(v) / len(v), "least": min, "most": max,
    }  # fmt: skip
    return _finite(many[word](given))


def _two(word: str, first: float | None, second: float | None) -> float | None:
    if first is None or second is None or (word == "over" and second == 0):
        return None
    results = {"minus": first - second, "times": first * second}
    return _finite(results[word] if word in results else first / second)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: Any) -> float | None:
    """A number as such; a point or option whose code is a whole number counts as that number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return float(value)
    return None


def references(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every {"item", …} of a condition or expression."""
    if isinstance(tree, Mapping):
        if "item" in tree:
            yield tree
        for name, part in tree.items():
            if name != "value":
                yield from references(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from references(part)
