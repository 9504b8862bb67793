"""Earlier answers in later texts: `{{code}}` or `{{code:part}}`, as the browser's logic.js fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Element = Mapping[str, Any]
Answers = Mapping[str, Mapping[str, Any]]
MARK = re.compile(r"\{\{\s*([a-z0-9.-]+)(?::([a-z0-9.-]+))?\s*\}\}")
BLANK = "…"
OTHER = "other"


def piped(text: str, language: str, elements: Sequence[Element], answers: Answers) -> str:
    """The text with its marks filled; an ellipsis where there is no answer yet. Plain text: escape it."""
    if "{{" not in text:
        return text
    known = {element["code"]: element for element in elements}

    def fill(match: re.Match[str]) -> str:
        element, answer = known.get(match[1]), answers.get(match[1])
        if element is None or answer is None:
            return BLANK
        return shown(element, answer, language, match[2]) or BLANK

    return MARK.sub(fill, text)


def shown(element: Element, answer: Mapping[str, Any], language: str, part: str | None = None) -> str:
    """One answer in words; `part`: one side of a pair or one row of a matrix."""
    if part is not None:
        return label_of(element.get("points"), answer.get(part), language)
    if element["kind"] in ("single", "multiple", "ranking"):
        codes = answer.get("choices") or answer.get("order") or [answer.get("choice")]
        labels = [
            str(answer.get("text") or "")
            if code == OTHER
            else label_of(element.get("options"), code, language)
            for code in codes
        ]
        return ", ".join(label for label in labels if label)
    return figure(answer.get("value"), language)


def figure(value: Any, language: str) -> str:
    """A number with at most six significant digits and the comma of the language; a text as it is."""
    if value is None or isinstance(value, bool):
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace(".", ",") if isinstance(value, float) and language == "fr" else text


def label_of(entries: Sequence[Mapping[str, Any]] | None, code: Any, language: str) -> str:
    """The text of an option, row or point; its code where it has none."""
    for entry in entries or ():
        if entry["code"] == code:
            return str((entry.get("text") or {}).get(language) or "")
    return "" if code is None else str(code)
