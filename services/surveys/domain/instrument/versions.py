"""From one version of an instrument to the next: which code became which, and what comes along. Pure.

A mapping says what became of codes of the version before: old code -> new code, or None where the question was
dropped. A code that it does not name stays itself. No later version may use a code that was dropped or renamed, so
that a code means one thing in the whole life of a survey.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument.answers import read_answer
from services.surveys.domain.instrument.elements import (
    ANSWERED,
    MATRIX,
    MAXDIFF,
    MULTIPLE,
    NUMBER,
    RANKING,
    SINGLE,
    Element,
    codes_of,
)
from services.surveys.domain.instrument.logic import Answers
from shared.errors import FieldProblem

Mapped = Mapping[str, str | None]


def newest_codes(mappings: Mapping[int, Mapped]) -> dict[int, dict[str, str]]:
    """For each version, the codes of the newest one by its own codes, where they differ.

    `mappings` by version. A dropped code stays itself.
    """
    found: dict[int, dict[str, str]] = {}
    onward: dict[str, str] = {}
    for number in sorted(mappings, reverse=True):
        found[number] = dict(onward)
        step = {old: new for old, new in mappings[number].items() if new is not None and new != old}
        kept = {old: new for old, new in onward.items() if old not in mappings[number]}
        onward = kept | {old: onward.get(new, new) for old, new in step.items()}
    return found


def whole_mapping(old: Sequence[Element], new: Sequence[Element], given: Mapped) -> dict[str, str | None]:
    """The mapping with an entry for every answered code of the old version that the new one still has as itself."""
    codes = {element["code"] for element in new}
    kept: dict[str, str | None] = {
        element["code"]: element["code"]
        for element in old
        if element["kind"] in ANSWERED and element["code"] in codes and element["code"] not in given
    }
    return kept | dict(given)


def mapping_problems(
    old: Sequence[Element], new: Sequence[Element], mapping: Mapped, former: Collection[str]
) -> list[FieldProblem]:
    """Why answers to the old version cannot be kept by the new one; `mapping` whole, `former`: codes ever used.

    `mapping.<old code>`: missing, unknown-item, repeated, not-compatible; `elements.<place>.code`: code-taken.
    """
    before = {element["code"]: element for element in old if element["kind"] in ANSWERED}
    after = {element["code"]: element for element in new if element["kind"] in ANSWERED}
    found = [FieldProblem(f"mapping.{code[:80]}", "unknown-item") for code in mapping if code not in before]
    targets: set[str] = set()
    for code, element in before.items():
        if problem := _fault(element, mapping.get(code, "missing"), after, targets, code in mapping):
            found.append(FieldProblem(f"mapping.{code}", problem))
    known = {element["code"]: element["kind"] for element in old}
    for place, element in enumerate(new):
        code = element["code"]
        same = code in targets and mapping.get(code) == code
        # What nobody answers may stay what it is: a section, a computed value.
        unasked = known.get(code) == element["kind"] and element["kind"] not in ANSWERED
        if code in former and not same and not unasked:
            found.append(FieldProblem(f"elements.{place}.code", "code-taken"))
    return found


def _fault(
    element: Element, target: str | None, after: Mapping[str, Element], targets: set[str], mapped: bool
) -> str | None:
    """What is wrong with one entry. Effect: adds its target to `targets`."""
    if not mapped:
        return "missing"
    if target is None:
        return None
    if target not in after:
        return "unknown-item"
    if target in targets:
        return "repeated"
    targets.add(target)
    return None if compatible(element, after[target]) else "not-compatible"


def compatible(old: Element, new: Element) -> bool:
    """Whether every answer to the old element says the same of the new one: same kind, and nothing that was chosen gone."""
    if old["kind"] != new["kind"]:
        return False
    check = _SHAPES.get(old["kind"])
    return check is None or check(old, new)


def _choices(old: Element, new: Element) -> bool:
    same_other = bool(new.get("other")) or not old.get("other")
    return same_other and set(codes_of(old, "options")) <= set(codes_of(new, "options"))


def _matrix(old: Element, new: Element) -> bool:
    rows = set(codes_of(old, "rows")) <= set(codes_of(new, "rows"))
    return rows and codes_of(old, "points") == codes_of(new, "points")


def _ranking(old: Element, new: Element) -> bool:
    # A rank among five is none among six.
    same = set(codes_of(old, "options")) == set(codes_of(new, "options"))
    return same and (old.get("top") or 0) == (new.get("top") or 0)


def _maxdiff(old: Element, new: Element) -> bool:
    same = set(codes_of(old, "options")) == set(codes_of(new, "options"))
    return same and old.get("sets") == new.get("sets")


def _number(old: Element, new: Element) -> bool:
    return (old.get("unit") or None) == (new.get("unit") or None)


_SHAPES: Mapping[str, Callable[[Element, Element], bool]] = {
    SINGLE: _choices, MULTIPLE: _choices, MATRIX: _matrix, RANKING: _ranking, MAXDIFF: _maxdiff, NUMBER: _number,
}  # fmt: skip


def carried(answers: Answers, mapping: Mapped, new: Sequence[Element]) -> dict[str, dict[str, Any]]:
    """A draft's answers by the codes of the next version; what it does not ask, or refuses, is left out."""
    elements = {element["code"]: element for element in new if element["kind"] in ANSWERED}
    found: dict[str, dict[str, Any]] = {}
    for code, answer in answers.items():
        target = mapping.get(code, code)
        if target is not None and target in elements:
            read, problems = read_answer(elements[target], answer, target)
            if not problems:
                found[target] = read
    return found
