"""Changes to the list of elements that the builder makes: pure, the list that comes in stays as it is."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.web.survey_elements.kinds import KINDS, blank, copy_code, free_code
from gateway.web.survey_elements.piping import MARK, Element

Elements = list[dict[str, Any]]
TREES = ("show_if", "compute")


def place_of(elements: Sequence[Element], code: str) -> int | None:
    """Where an element stands, from 0."""
    return next((place for place, element in enumerate(elements) if element["code"] == code), None)


def add(elements: Elements, kind: str, after: str) -> tuple[Elements, str]:
    """A new element behind the one named (at the end where none is); the list and the new code."""
    code = free_code(kind, {element["code"] for element in elements})
    place = place_of(elements, after)
    out = [*elements]
    out.insert(len(out) if place is None else place + 1, blank(kind if kind in KINDS else "section", code))
    return out, code


def add_statements(elements: Elements, statements: Iterable[tuple[str, Mapping[str, str]]]) -> Elements:
    """Statements of the bank as pairs behind the last pair; one that is there already is left out."""
    known = {element["code"] for element in elements}
    fresh = [
        {"code": code, "kind": "pair", "text": dict(text), "required": True}
        for code, text in statements
        if code not in known
    ]
    last = max((place for place, element in enumerate(elements) if element["kind"] == "pair"), default=None)
    at = len(elements) if last is None else last + 1
    return [*elements[:at], *fresh, *elements[at:]]


def move(elements: Elements, code: str, by: int) -> Elements:
    """One element some places up (negative) or down; nothing moves past an end."""
    place = place_of(elements, code)
    if place is None:
        return elements
    out = [*elements]
    out.insert(max(0, min(len(out) - 1, place + by)), out.pop(place))
    return out


def reorder(elements: Elements, codes: Sequence[str]) -> Elements:
    """The elements in the order of these codes; what they do not name keeps its order behind them."""
    places = {code: place for place, code in enumerate(codes)}
    return sorted(elements, key=lambda element: places.get(element["code"], len(places)))


def duplicate(elements: Elements, code: str) -> tuple[Elements, str]:
    """A copy right behind the original; the list and the copy's code."""
    place = place_of(elements, code)
    if place is None:
        return elements, code
    fresh = copy_code(code, {element["code"] for element in elements})
    twin = copy.deepcopy(elements[place]) | {"code": fresh}
    return [*elements[: place + 1], twin, *elements[place + 1 :]], fresh


def remove(elements: Elements, code: str) -> tuple[Elements, list[str]]:
    """The list without the element and without what refers to it; and the codes of those that referred to it.

    A condition that tested it loses that test; a jump to it, a value worked out of it alone, a text that quoted it
    (the mark goes) likewise.
    """
    touched = []
    out = []
    for element in elements:
        if element["code"] == code:
            continue
        cleaned = _without(element, code)
        if cleaned != element:
            touched.append(element["code"])
        out.append(cleaned)
    return out, touched


def rename(elements: Elements, old: str, new: str) -> Elements:
    """Another code for an element, everywhere it is spoken of."""
    if old == new:
        return elements
    return [
        _renamed(element, old, new) | {"code": new if element["code"] == old else element["code"]}
        for element in elements
    ]


def _without(element: dict[str, Any], code: str) -> dict[str, Any]:
    out = _texts(element, lambda text: MARK.sub(lambda mark: "" if mark[1] == code else mark[0], text))
    if out.get("show_if") is not None:
        out["show_if"] = _pruned(out["show_if"], code)
    if out.get("go_to"):
        rules = [
            {"if": _pruned(rule["if"], code), "to": rule["to"]} for rule in out["go_to"] if rule["to"] != code
        ]
        out["go_to"] = [rule for rule in rules if rule["if"] is not None]
    if out.get("compute") is not None:
        left = _pruned(out["compute"], code)
        out["compute"] = {"sum": [0]} if left is None else left
    return out


def _pruned(tree: Any, code: str) -> Any:
    """A condition or an expression without what speaks of an element; None where nothing is left."""
    if not isinstance(tree, Mapping):
        return tree
    if "item" in tree:
        return None if tree["item"] == code else tree
    name, inner = next(iter(tree.items()))
    if isinstance(inner, list):
        left = [part for part in (_pruned(one, code) for one in inner) if part is not None]
        fewer = name in ("minus", "times", "over") and len(left) < len(inner)
        return None if not left or fewer else {name: left}
    left_one = _pruned(inner, code)
    return None if left_one is None else {name: left_one}


def _renamed(element: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    def in_tree(tree: Any) -> Any:
        if isinstance(tree, Mapping):
            return {
                name: new if name == "item" and part == old else part if name == "value" else in_tree(part)
                for name, part in tree.items()
            }
        return [in_tree(part) for part in tree] if isinstance(tree, list) else tree

    pattern = re.compile(r"(\{\{\s*)" + re.escape(old) + r"(?=\s*[:}])")
    out = _texts(element, lambda text: pattern.sub(lambda mark: mark[1] + new, text))
    for name in TREES:
        if out.get(name) is not None:
            out[name] = in_tree(out[name])
    if out.get("go_to"):
        out["go_to"] = [
            {"if": in_tree(rule["if"]), "to": new if rule["to"] == old else rule["to"]}
            for rule in out["go_to"]
        ]
    return out


def _texts(element: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A copy with every text of the element changed."""
    out = copy.deepcopy(element)
    pairs: list[Any] = [out.get(name) for name in ("text", "help", "unit")]
    pairs += [entry.get("text") for name in ("options", "rows", "points") for entry in out.get(name) or ()]
    for pair in pairs:
        for language, text in (pair or {}).items():
            pair[language] = change(text)
    return out
