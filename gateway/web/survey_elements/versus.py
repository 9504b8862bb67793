"""Two versions of an instrument side by side: what became of each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.web.survey_elements.kinds import QUIET
from gateway.web.survey_elements.piping import Element
from gateway.web.survey_elements.wording import title_of

View = dict[str, Any]
Mapped = Mapping[str, str | None]
KEPT, CHANGED, RENAMED, ADDED, DROPPED = "kept", "changed", "renamed", "added", "dropped"


def versus(old: Sequence[Element], new: Sequence[Element], mapping: Mapped) -> list[View]:
    """`{fate, code, old, new, kind}` in the order of the new version, what it drops behind. `mapping`: old code -> new
    code, or None for dropped; codes that it leaves out stay themselves.
    """
    before = {element["code"]: element for element in old}
    origin = {new_code: old_code for old_code, new_code in mapping.items() if new_code is not None}
    rows: list[View] = []
    taken: set[str] = set()
    for element in new:
        code = element["code"]
        source = origin.get(code, code if mapping.get(code, code) is not None else "")
        former = before.get(source)
        taken |= {source} if former else set()
        rows.append(_row(_fate(former, element), element, former))
    rows += [_row(DROPPED, None, element) for element in old if element["code"] not in taken]
    return rows


def _fate(former: Element | None, element: Element) -> str:
    if former is None:
        return ADDED
    if former["code"] != element["code"]:
        return RENAMED
    return KEPT if _bare(former) == _bare(element) else CHANGED


def _bare(element: Element) -> View:
    """An element without the fields that say nothing."""
    return {
        name: value
        for name, value in element.items()
        if value not in (None, [], False) and not (name in ("help", "unit") and not any(value.values()))
    }


def _row(fate: str, element: Element | None, former: Element | None) -> View:
    shown = element or former or {}
    return {
        "fate": fate, "code": shown["code"], "kind": shown["kind"],
        "old": title_of(former, 300) if former else None, "new": title_of(element, 300) if element else None,
    }  # fmt: skip


def changed(rows: Sequence[View]) -> bool:
    """Whether anything is different at all."""
    return any(row["fate"] != KEPT for row in rows)


def origins(old: Sequence[Element], new: Sequence[Element]) -> dict[str, list[tuple[str, str]]]:
    """For each new question, the dropped ones of its kind that it may continue: code -> [(old code, text)]."""
    kept = {element["code"] for element in new}
    dropped = [element for element in old if element["code"] not in kept and element["kind"] not in QUIET]
    known = {element["code"] for element in old}
    return {
        element["code"]: found
        for element in new
        if element["code"] not in known
        and (found := [(one["code"], title_of(one)) for one in dropped if one["kind"] == element["kind"]])
    }


def likely(old: Sequence[Element], new: Sequence[Element]) -> dict[str, str]:
    """New code -> the dropped question that it says again word for word: what was only renamed."""
    found: dict[str, str] = {}
    for code, offered in origins(old, new).items():
        text = next(element["text"] for element in new if element["code"] == code)
        same = [one for one, _ in offered if next(e["text"] for e in old if e["code"] == one) == text]
        found |= {code: same[0]} if len(same) == 1 else {}
    return found
