"""Conditions, jumps and computed values: as selects where they are simple, and always in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from gateway.context import current
from gateway.web.survey_elements.piping import Element, figure, label_of
from shared import i18n

View = dict[str, Any]
SIDES = ("importance", "ability")
ORDERED = ("equals", "not-equals", "at-least", "at-most", "more", "less", "answered", "not-answered")
CHOSEN = ("equals", "not-equals", "answered", "not-answered")
SEVERAL = ("includes", "equals", "answered", "not-answered")
MANY = ("sum", "mean", "least", "most", "count")
TWO = ("minus", "times", "over")
NUMERIC = frozenset({"number", "pair", "matrix", "single", "computed"})
OTHER = "other"


def say(key: str, **params: Any) -> str:
    """A text in the reader's language."""
    return i18n.text(current().language, key, **params)


def title_of(element: Element, longest: int = 70) -> str:
    """What an element is called in lists: its text in the reader's language, or its kind where it has none."""
    text = i18n.pick(current().language, element.get("text") or {}).strip()
    text = text or say(f"surveys.kind.{element['kind']}")
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def places(elements: Sequence[Element]) -> list[View]:
    """Everything that a condition can test, in order: `{value: "code" or "code:part", text, element, part}`."""
    found: list[View] = []
    for number, element in enumerate(elements, start=1):
        title = f"{number}. {title_of(element, 50)}"
        if element["kind"] == "section":
            continue
        parts: list[tuple[str | None, str]] = [(None, title)]
        if element["kind"] == "pair":
            parts = [(side, f"{title} – {say(f'surveys.pages.side.{side}')}") for side in SIDES]
        elif element["kind"] == "matrix":
            parts = [
                (row["code"], f"{title} – {_entry(element['rows'], row['code'])}") for row in element["rows"]
            ]
        found += [
            {"value": element["code"] if part is None else f"{element['code']}:{part}", "text": text,
             "element": element, "part": part}
            for part, text in parts
        ]  # fmt: skip
    return found


def words_for(element: Element) -> tuple[str, ...]:
    """The words that make sense for an element."""
    if element["kind"] in ("multiple", "ranking"):
        return SEVERAL
    return ORDERED if element["kind"] in ("pair", "matrix", "number", "computed", "date") else CHOSEN


def values_for(element: Element) -> list[tuple[str, str]] | None:
    """The values that one chooses from, or None where a value is typed."""
    kind = element["kind"]
    if kind == "pair":
        return [(str(point), str(point)) for point in range(1, 6)]
    if kind == "matrix":
        return [(point["code"], _entry(element["points"], point["code"])) for point in element["points"]]
    if kind == "consent":
        return [("yes", say("surveys.pages.consent.yes")), ("no", say("surveys.pages.consent.no"))]
    if kind in ("single", "multiple", "ranking"):
        found = [
            (option["code"], _entry(element["options"], option["code"])) for option in element["options"]
        ]
        return [*found, (OTHER, say("surveys.pages.other"))] if element.get("other") else found
    return None


def wire_value(element: Element, typed: str) -> Any:
    """A value of the form as a condition holds it. A number that cannot be read counts as 0."""
    if element["kind"] == "consent":
        return typed != "no"
    if element["kind"] in ("pair", "number", "computed"):
        try:
            value = float(typed.replace(",", "."))
        except ValueError:
            return 0
        return 0 if not isfinite(value) else int(value) if value.is_integer() else value
    return typed


def form_value(value: Any) -> str:
    """The same the other way."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else figure(value, current().language)


def tests_of(condition: Mapping[str, Any] | None) -> tuple[str, list[Mapping[str, Any]]] | None:
    """How a condition goes into the simple form: ("always" | "all" | "any", its tests); None where it does not."""
    if condition is None:
        return "always", []
    if "item" in condition:
        return "all", [condition]
    for group in ("all", "any"):
        inner = condition.get(group)
        if inner is not None and all("item" in test for test in inner):
            return group, list(inner)
    return None


def in_words(condition: Mapping[str, Any], elements: Sequence[Element]) -> str:
    """A condition in plain words, whatever it is."""
    known = {element["code"]: element for element in elements}
    for group in ("all", "any"):
        if group in condition:
            joined = f" {say(f'surveys.pages.join.{group}')} ".join(
                in_words(part, elements) for part in condition[group]
            )
            return f"({joined})" if len(condition[group]) > 1 else joined
    if "not" in condition:
        return say("surveys.pages.join.not", condition=in_words(condition["not"], elements))
    element = known.get(condition["item"])
    if element is None:
        return str(condition["item"])
    word = say(f"surveys.pages.is.{condition['is']}")
    subject = say("surveys.pages.quoted", text=_subject(element, condition.get("part")))
    if condition["is"] in ("answered", "not-answered"):
        return f"{subject} {word}"
    return f"{subject} {word} {say('surveys.pages.quoted', text=_value(element, condition.get('value')))}"


def sum_in_words(expression: Any, elements: Sequence[Element]) -> str:
    """A computed value in plain words."""
    if not isinstance(expression, Mapping):
        return form_value(expression)
    if "item" in expression:
        known = {element["code"]: element for element in elements}
        element = known.get(expression["item"])
        return _subject(element, expression.get("part")) if element else str(expression["item"])
    word, inner = next(iter(expression.items()))
    parts = [sum_in_words(part, elements) for part in inner]
    if word in TWO:
        return f"({parts[0]} {say(f'surveys.pages.sign.{word}')} {parts[1]})"
    return f"{say(f'surveys.pages.compute.{word}')} ({'; '.join(parts)})"


def _subject(element: Element, part: str | None) -> str:
    title = title_of(element, 50)
    if part is None:
        return title
    shown = say(f"surveys.pages.side.{part}") if part in SIDES else _entry(element.get("rows"), part)
    return f"{title} – {shown}"


def _value(element: Element, value: Any) -> str:
    offered = values_for(element)
    typed = form_value(value)
    return next((text for key, text in offered or () if key == typed), typed)


def _entry(entries: Sequence[Mapping[str, Any]] | None, code: str) -> str:
    return label_of(entries, code, current().language) or code
