"""Codes of elements changed everywhere they are named: in the element, in conditions, jumps, values and texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument.elements import LANGUAGES, PAIR, Element
from services.surveys.domain.instrument.texts import MARK

LOGIC = ("show_if", "go_to", "compute")
Codes = Mapping[str, str]


def renamed(elements: Sequence[Element], codes: Codes) -> list[dict[str, Any]]:
    """The elements with new codes, old code -> new code."""
    return [_element(element, codes) for element in elements] if codes else [dict(one) for one in elements]


def _element(element: Element, codes: Codes) -> dict[str, Any]:
    return {name: _field(name, value, codes) for name, value in element.items()}


def _field(name: str, value: Any, codes: Codes) -> Any:
    if name == "code":
        return codes.get(value, value)
    if name in LOGIC:
        return _tree(value, codes)
    return _texts(value, codes)


def _tree(tree: Any, codes: Codes) -> Any:
    if isinstance(tree, Mapping):
        # "value" is what a person answered, not the name of a question.
        return {
            name: codes.get(part, part) if name in ("item", "to") else part if name == "value" else _tree(part, codes)
            for name, part in tree.items()
        }  # fmt: skip
    return [_tree(part, codes) for part in tree] if isinstance(tree, list) else tree


def _texts(value: Any, codes: Codes) -> Any:
    """Marks of piping, wherever there is a bilingual text below; codes of options are no texts."""
    if isinstance(value, Mapping):
        return {
            name: _piped(part, codes) if name in LANGUAGES and isinstance(part, str) else _texts(part, codes)
            for name, part in value.items()
        }
    return [_texts(part, codes) for part in value] if isinstance(value, list) else value


def _piped(text: str, codes: Codes) -> str:
    def fill(match: Any) -> str:
        part = f":{match[2]}" if match[2] else ""
        return f"{{{{{codes[match[1]]}{part}}}}}" if match[1] in codes else str(match[0])

    return MARK.sub(fill, text)


def reworded(
    elements: Sequence[Element], bank: Mapping[str, Mapping[str, str]], asked: Mapping[str, Any]
) -> list[str]:
    """Codes of pairs that bear a bank statement's code and not its words; `asked`: texts by code that stand as they are."""
    return [
        element["code"]
        for element in elements
        if element["kind"] == PAIR
        and element["code"] in bank
        and element.get("text") != asked.get(element["code"])
        and not _same(element.get("text"), bank[element["code"]])
    ]


def _same(text: Mapping[str, str] | None, statement: Mapping[str, str]) -> bool:
    return all((text or {}).get(code, "").strip() == statement[code].strip() for code in LANGUAGES)
