"""Piping: an earlier answer in a later text, `{{code}}` or `{{code:part}}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument.elements import MULTIPLE, OTHER, RANKING, SINGLE, Element
from services.surveys.domain.instrument.logic import Answers

MARK = re.compile(r"\{\{\s*([a-z0-9.-]+)(?::([a-z0-9.-]+))?\s*\}\}")
BLANK = "…"


def marks(text: str) -> list[tuple[str, str | None]]:
    """The codes and parts that a text asks for."""
    return [(code, part or None) for code, part in MARK.findall(text)]


def piped(text: str, language: str, elements: Sequence[Element], answers: Answers) -> str:
    """The text with its marks filled in the reader's language; an ellipsis where there is no answer yet.

    The result is plain text: whoever shows it must escape it, since people wrote parts of it.
    """
    known = {element["code"]: element for element in elements}

    def fill(match: re.Match[str]) -> str:
        element, answer = known.get(match[1]), answers.get(match[1])
        if element is None or answer is None:
            return BLANK
        return _shown(element, answer, match[2], language) or BLANK

    return MARK.sub(fill, text)


def _shown(element: Element, answer: Mapping[str, Any], part: str | None, language: str) -> str:
    kind = element["kind"]
    if part is not None:
        return _label(element.get("points") or (), answer.get(part), language)
    if kind == SINGLE:
        chosen = answer.get("choice")
        return (
            str(answer.get("text") or "")
            if chosen == OTHER
            else _label(element.get("options") or (), chosen, language)
        )
    if kind in (MULTIPLE, RANKING):
        codes = answer.get("choices") or answer.get("order") or ()
        labels = [
            str(answer.get("text") or "")
            if code == OTHER
            else _label(element.get("options") or (), code, language)
            for code in codes
        ]
        return ", ".join(label for label in labels if label)
    value = answer.get("value")
    return (
        ""
        if value is None or isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _label(entries: Sequence[Mapping[str, Any]], code: Any, language: str) -> str:
    for entry in entries:
        if entry["code"] == code:
            return str((entry.get("text") or {}).get(language) or "")
    return "" if code is None else str(code)
