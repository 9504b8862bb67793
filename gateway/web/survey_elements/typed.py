"""The builder's form of one element: read into the element that the service takes. `editing` shows one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.web.survey_elements.kinds import LISTS, QUIET
from gateway.web.survey_elements.piping import Element
from gateway.web.survey_elements.reading import number_of, place_in
from gateway.web.survey_elements.wording import (
    MANY,
    TWO,
    places,
    tests_of,
    values_for,
    wire_value,
    words_for,
)

Form = MultiDict[str, str]
LANGUAGES = ("fr", "en")
MOST = 60
"""Rows read of any list; the service's own limits are lower and say so."""
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "multiple": ("min", "max"),
    "ranking": ("top",),
    "number": ("min", "max", "decimals"),
    "short-text": ("max_length",),
    "long-text": ("max_length",),
}


def element_from(form: Form, before: Mapping[str, Any], earlier: Sequence[Element]) -> dict[str, Any]:
    """The element as the form says; what the form does not show stays as it was. `earlier`: what it may refer to."""
    kind = before["kind"]
    element: dict[str, Any] = {"code": before["code"], "kind": kind, "text": pair_from(form, "text")}
    if any((note := pair_from(form, "help")).values()):
        element["help"] = note
    if kind not in QUIET:
        element["required"] = bool(form.get("required"))
    for name in LISTS.get(kind, ()):
        element[name] = _entries(form, name)
    for name in NUMBERS.get(kind, ()):
        if typed := form.get(name, "").strip():
            element[name] = number_of(typed)
    element |= _OWN.get(kind, _nothing)(form, before, earlier)
    if (condition := _condition(form, before, earlier)) is not None:
        element["show_if"] = condition
    if jumps := _jumps(form, before, [*earlier, before]):
        element["go_to"] = jumps
    return element


def pair_from(form: Form, name: str) -> dict[str, str]:
    """The two halves of a bilingual field."""
    return {code: form.get(f"{name}_{code}", "").strip() for code in LANGUAGES}


def code_from(form: Form, before: str) -> str:
    """The code as typed, in small letters, spaces made hyphens; the old one where the field is empty."""
    return re.sub(r"[\s_]+", "-", form.get("code", "").strip().lower()) or before


def count_of(form: Form, name: str) -> int:
    """How many rows of a list the form says that it holds."""
    return max(0, min(form.get(name, 0, type=int) or 0, MOST))


def _entries(form: Form, name: str) -> list[dict[str, Any]]:
    return [
        {"code": form.get(f"{name}-{n}_code", ""), "text": pair_from(form, f"{name}-{n}")}
        for n in range(count_of(form, name))
    ]


def _nothing(_form: Form, _before: Mapping[str, Any], _earlier: Sequence[Element]) -> dict[str, Any]:
    return {}


def _choice(form: Form, _before: Mapping[str, Any], _earlier: Sequence[Element]) -> dict[str, Any]:
    return {"other": True} if form.get("other") else {}


def _number(form: Form, _before: Mapping[str, Any], _earlier: Sequence[Element]) -> dict[str, Any]:
    unit = pair_from(form, "unit")
    return {"unit": unit} if any(unit.values()) else {}


def _date(form: Form, _before: Mapping[str, Any], _earlier: Sequence[Element]) -> dict[str, Any]:
    return {name: form[name] for name in ("min", "max") if form.get(name)}


def _sets(form: Form, _before: Mapping[str, Any], _earlier: Sequence[Element]) -> dict[str, Any]:
    known = {form.get(f"options-{n}_code", "") for n in range(count_of(form, "options"))}
    found = [form.getlist(f"set-{n}") for n in range(count_of(form, "sets"))]
    return {"sets": [[code for code in members if code in known] for members in found]}


def _compute(form: Form, before: Mapping[str, Any], earlier: Sequence[Element]) -> dict[str, Any]:
    """The value's rule; what is too rich for the form stays until another one is chosen."""
    word = form.get("op", "")
    offered = {place["value"]: place for place in places(earlier)}
    if word in MANY:
        chosen = [reference(offered[value]) for value in form.getlist("of") if value in offered]
        return {"compute": {word: chosen or [0]}}
    if word in TWO:
        ends = [form.get(name, "") for name in ("first", "second")]
        return {"compute": {word: [reference(offered[end]) if end in offered else 0 for end in ends]}}
    return {"compute": before["compute"]}


def reference(place: Mapping[str, Any]) -> dict[str, str]:
    """What a condition or a value says of a place."""
    found = {"item": place["element"]["code"]}
    return found if place["part"] is None else found | {"part": place["part"]}


def _condition(form: Form, before: Mapping[str, Any], earlier: Sequence[Element]) -> Any:
    show = form.get("show", "always")
    if show == "same":
        return before.get("show_if")
    tests = [test for n in range(count_of(form, "tests")) if (test := test_from(form, f"if-{n}", earlier))]
    if show not in ("all", "any") or not tests:
        return None
    return tests[0] if len(tests) == 1 else {show: tests}


def _jumps(form: Form, before: Mapping[str, Any], known: Sequence[Element]) -> list[dict[str, Any]]:
    rules = []
    for n in range(count_of(form, "jumps")):
        old, to = place_in(form.get(f"go-{n}_same")), form.get(f"go-{n}_to", "")
        if old is not None and old < len(before.get("go_to") or ()):
            rules.append({"if": before["go_to"][old]["if"], "to": to})
        elif (test := test_from(form, f"go-{n}", known)) and to:
            rules.append({"if": test, "to": to})
    return rules


def test_from(form: Form, name: str, known: Sequence[Element]) -> dict[str, Any] | None:
    """One test. A word or a value that does not go with the chosen question becomes its first one, so that a change
    of the question leaves a sound test; None where no question is chosen.
    """
    place = next((one for one in places(known) if one["value"] == form.get(f"{name}_place")), None)
    return (
        None
        if place is None
        else sound_test(place, form.get(f"{name}_is", ""), form.get(f"{name}_value", ""))
    )


def sound_test(place: Mapping[str, Any], word: str, typed: str) -> dict[str, Any]:
    """A test of a place, with words and values that fit it."""
    element = place["element"]
    allowed, offered = words_for(element), values_for(element)
    word = word if word in allowed else allowed[0]
    test = reference(place) | {"is": word}
    if word in ("answered", "not-answered"):
        return test
    if offered is not None and typed not in [value for value, _ in offered]:
        typed = offered[0][0] if offered else ""
    return test | {"value": wire_value(element, typed)}


def change_list(element: dict[str, Any], name: str, verb: str, at: int) -> None:
    """Move or drop one entry of a list, in place; what does not fit is left alone."""
    entries = element.get(name)
    if not isinstance(entries, list) or not 0 <= at < len(entries):
        return
    entry = entries.pop(at)
    if verb == "remove":
        if name == "options" and element["kind"] == "maxdiff":
            element["sets"] = _kept_sets(element, entry["code"])
        return
    entries.insert(max(0, min(len(entries), at + (1 if verb == "down" else -1))), entry)


def _kept_sets(element: Mapping[str, Any], code: str) -> list[list[str]]:
    left = [[member for member in members if member != code] for members in element.get("sets") or ()]
    return [members for members in left if len(members) > 1]


def simple_compute(expression: Any) -> tuple[str, list[str]] | None:
    """(word, places) of a rule that the form can show; None for richer ones."""
    if not isinstance(expression, Mapping) or "item" in expression:
        return None
    word, inner = next(iter(expression.items()))
    values = [
        part["item"] + (f":{part['part']}" if part.get("part") else "")
        for part in inner
        if isinstance(part, Mapping) and "item" in part
    ]
    if len(values) == len(inner) or inner == [0] or (word in TWO and all(_plain(part) for part in inner)):
        return word, values
    return None


def _plain(part: Any) -> bool:
    return part == 0 or (isinstance(part, Mapping) and "item" in part)


_OWN: Mapping[str, Callable[[Form, Mapping[str, Any], Sequence[Element]], dict[str, Any]]] = {
    "single": _choice, "multiple": _choice, "number": _number, "date": _date, "maxdiff": _sets, "computed": _compute,
}  # fmt: skip

__all__ = [
    "change_list", "code_from", "count_of", "element_from", "pair_from", "simple_compute", "sound_test", "tests_of",
]  # fmt: skip
