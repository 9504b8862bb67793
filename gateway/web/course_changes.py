"""What changed in a course, in sentences, and two texts side by side with their differences marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from markupsafe import Markup, escape

from gateway.context import current
from shared import i18n

View = dict[str, Any]
_PIECES = re.compile(r"\s+|\w+|[^\w\s]", re.UNICODE)
LONGEST = 6000
"""Pieces of a text beyond which it is compared line by line."""


def sentences(changes: Iterable[View]) -> list[View]:
    """Changes for a page: `{text, title, id, texts}`, where each text has both sides marked."""
    language = current().language
    return [
        {
            "text": i18n.text(language, f"editions.change.{change['kind']}.{change['code']}"),
            "title": change["title"] if change["kind"] != "course" else {},
            "id": change["id"],
            "texts": [side_by_side(one) for one in change["texts"]],
        }
        for change in changes
    ]


def side_by_side(text: View) -> View:
    """One text before and after; `language` where its path tells it."""
    before, after = marked(text["before"], text["after"], current().language)
    ending = text["path"].replace(".", "_").rpartition("_")[2]
    return {"before": before, "after": after, "language": ending if ending in i18n.LANGUAGES else None}


def differences(saved: dict[str, str] | None, typed: dict[str, str]) -> list[View]:
    """What is saved beside what was typed, for each language in which the two differ."""
    return [
        side_by_side(
            {"path": language, "before": (saved or {}).get(language, ""), "after": typed.get(language, "")}
        )
        for language in i18n.LANGUAGES
        if (saved or {}).get(language, "") != typed.get(language, "")
    ]


def marked(before: str, after: str, language: str) -> tuple[Markup, Markup]:
    """Both texts with what is gone and what is new marked, and said to screen readers."""
    old, new = _pieces(before), _pieces(after)
    left, right = [], []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        left.append(
            escape(gone)
            if kind == "equal"
            else _mark("del", i18n.text(language, "editions.compare.gone"), gone)
        )
        right.append(
            escape(come)
            if kind == "equal"
            else _mark("ins", i18n.text(language, "editions.compare.new"), come)
        )
    return Markup("").join(left), Markup("").join(right)


def _pieces(text: str) -> list[str]:
    found = _PIECES.findall(text)
    return found if len(found) <= LONGEST else text.splitlines(keepends=True)


def _mark(tag: str, said: str, text: str) -> Markup:
    if not text:
        return Markup("")
    return Markup('<{0}><span class="visually-hidden"> {1} </span>{2}</{0}>').format(tag, said, text)
