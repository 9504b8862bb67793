"""What a new element of each kind starts with, and which lists it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gateway.web.survey_elements.piping import Element

LANGUAGES = ("fr", "en")
KINDS = (
    "pair", "matrix", "single", "multiple", "ranking", "maxdiff", "number", "date", "short-text", "long-text",
    "consent", "section", "computed",
)  # fmt: skip
LISTS: Mapping[str, tuple[str, ...]] = {
    "matrix": ("rows", "points"),
    "single": ("options",),
    "multiple": ("options",),
    "ranking": ("options",),
    "maxdiff": ("options",),
}
QUIET = frozenset({"section", "computed"})
"""Kinds that ask nothing."""
_PREFIX = {"options": "o", "rows": "r", "points": ""}
_START = {"single": 2, "multiple": 3, "ranking": 3, "maxdiff": 4, "matrix": 2}
AGREEMENT = (
    ("1", "Pas du tout d’accord", "Strongly disagree"),
    ("2", "Plutôt en désaccord", "Somewhat disagree"),
    ("3", "Ni l’un ni l’autre", "Neither agree nor disagree"),
    ("4", "Plutôt d’accord", "Somewhat agree"),
    ("5", "Tout à fait d’accord", "Strongly agree"),
)
"""The points that a new grid starts with: their codes are whole numbers, so that computed values can use them."""


def blank(kind: str, code: str) -> dict[str, Any]:
    """A new element with empty texts; sound as it is, though not ready to be launched."""
    element: dict[str, Any] = {"code": code, "kind": kind, "text": empty()}
    if kind not in QUIET:
        element["required"] = kind not in ("short-text", "long-text")
    if kind in LISTS:
        name = "rows" if kind == "matrix" else "options"
        element[name] = []
        for _ in range(_START[kind]):
            add_entry(element, name)
    if kind == "matrix":
        element["points"] = [
            {"code": point, "text": {"fr": french, "en": english}} for point, french, english in AGREEMENT
        ]
    if kind == "maxdiff":
        element["sets"] = []
    if kind == "computed":
        element["compute"] = {"sum": [0]}
    return element


def empty() -> dict[str, str]:
    """A bilingual text with nothing in it."""
    return dict.fromkeys(LANGUAGES, "")


def add_entry(element: dict[str, Any], name: str) -> None:
    """One more option, row or point, with a code that the list does not have yet."""
    entries = element.setdefault(name, [])
    entries.append({"code": _free(_PREFIX[name], {entry["code"] for entry in entries}), "text": empty()})


def free_code(kind: str, taken: Collection[str]) -> str:
    """A code for a new element: its kind and a number."""
    return _free(f"{kind}-", taken)


def copy_code(code: str, taken: Collection[str]) -> str:
    """A code for a copy of an element."""
    return _free(f"{code[:70]}-", taken, start=2)


def _free(prefix: str, taken: Collection[str], start: int = 1) -> str:
    number = start
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"


def gaps(elements: Sequence[Element]) -> list[dict[str, str]]:
    """Every half that is missing: `{code, language, path}`, path within the element, as `text.fr` or `options.0.text.en`."""
    return [
        {"code": element["code"], "language": language, "path": f"{path}.{language}"}
        for element in elements
        for path, pair in halves(element).items()
        for language in LANGUAGES
        if not (pair.get(language) or "").strip()
    ]


def halves(element: Element) -> dict[str, Mapping[str, str]]:
    """Every bilingual text that an element has, by its path; help and unit only where one half is written."""
    found: dict[str, Mapping[str, str]] = {"text": element.get("text") or {}}
    for name in ("help", "unit"):
        if any((element.get(name) or {}).values()):
            found[name] = element[name]
    for name in LISTS.get(element["kind"], ()):
        for place, entry in enumerate(element.get(name) or ()):
            found[f"{name}.{place}.text"] = entry.get("text") or {}
    return found


def coverage(
    elements: Sequence[Element], texts: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, int]]:
    """Per language, how many of the texts are written: `{fr: {done, total}, en: …}`; `texts`: title and introduction."""
    pairs = [*texts.values(), *(pair for element in elements for pair in halves(element).values())]
    return {
        language: {
            "done": sum(bool((pair.get(language) or "").strip()) for pair in pairs),
            "total": len(pairs),
        }
        for language in LANGUAGES
    }
