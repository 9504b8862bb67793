"""What of an instrument gets ranked: its pairs, or the options of its MaxDiff element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument.elements import MAXDIFF, PAIR, Element, Pair
from shared.errors import FieldProblem

MAX_ITEMS = 60


def ranked_items(elements: Sequence[Element], method: str) -> dict[str, Pair]:
    """Statements by code, in the order of the instrument."""
    if method == MAXDIFF:
        asked = [element for element in elements if element["kind"] == MAXDIFF]
        return {
            option["code"]: _both(option.get("text"))
            for element in asked[:1]
            for option in element.get("options") or ()
        }
    pairs = [element for element in elements if element["kind"] == PAIR]
    return {element["code"]: _both(element.get("text")) for element in pairs}


def _both(text: Pair | None) -> Pair:
    return {"fr": "", "en": "", **(text or {})}


def ranking_problems(elements: Sequence[Element], method: str) -> list[FieldProblem]:
    """Why a sound definition gives its method nothing, or too much, to rank; asked before a launch."""
    kind = MAXDIFF if method == MAXDIFF else PAIR
    asked = sum(element["kind"] == kind for element in elements)
    if asked == 0:
        return [FieldProblem("elements", "no-items", {"kind": kind})]
    if kind == MAXDIFF and asked > 1:
        return [FieldProblem("elements", "too-many-items", {"max": 1})]
    return []


def with_pairs(
    elements: Sequence[Element], items: Sequence[tuple[str, Mapping[str, str]]]
) -> list[dict[str, Any]]:
    """The elements with other pairs (code, statement) in the order given; everything else stays where it is.

    A pair that keeps its code keeps its help and conditions. More pairs than before follow the last of them.
    """
    before = {element["code"]: element for element in elements if element["kind"] == PAIR}
    fresh = [_pair(before.get(code), code, statement) for code, statement in items]
    out: list[dict[str, Any]] = []
    left = len(before)
    for element in elements:
        if element["kind"] != PAIR:
            out.append(dict(element))
            continue
        left -= 1
        # The last place takes all that is left.
        taken, fresh = (fresh, []) if left == 0 else (fresh[:1], fresh[1:])
        out += taken
    return out + fresh


def _pair(known: Element | None, code: str, statement: Mapping[str, str]) -> dict[str, Any]:
    return {"code": code, "kind": PAIR, "required": True, **(known or {}), "text": dict(statement)}
