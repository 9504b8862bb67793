"""What a list of elements goes through before it is kept: checked, completed, told apart from the bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.surveys import store
from services.surveys.domain.instrument import Element, definition_problems
from services.surveys.domain.instrument.elements import MAXDIFF, PAIR, codes_of
from services.surveys.domain.instrument.items import MAX_ITEMS, ranked_items
from services.surveys.domain.instrument.renaming import renamed, reworded
from services.surveys.methods.designs import MIN_ITEMS, Design, block_design
from services.surveys.methods.errors import MethodError
from services.surveys.templates import bank, designs
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid
from shared.ids import new_id

SIZE, APPEARANCES = 4, 3
Elements = list[dict[str, Any]]


def require_author(tx: Tx) -> None:
    """Whoever writes surveys. Raises NotAuthenticated or Forbidden."""
    store.require_coordinator(tx.actor)


def sound(elements: Any, method: str) -> Elements:
    """The elements, where they are a sound definition (empty texts are no fault), with sets for every MaxDiff.

    Raises Invalid.
    """
    problems = definition_problems(elements)
    if not problems and len(ranked_items(elements, method)) > MAX_ITEMS:
        problems = [FieldProblem("elements", "too-many-items", {"max": MAX_ITEMS})]
    if problems:
        raise Invalid(fields=problems)
    return [_with_sets(element) for element in elements]


def _with_sets(element: Mapping[str, Any]) -> dict[str, Any]:
    """Sets that its author gave stay; where there are none, balanced ones are made."""
    options = codes_of(element, "options")
    if element["kind"] != MAXDIFF or element.get("sets") or len(options) < MIN_ITEMS:
        return dict(element)
    known = designs().get(len(options), [])
    return dict(element) | {"sets": sets_of(options, known)}


def sets_of(options: Sequence[str], sets: Sequence[Sequence[int]]) -> list[list[str]]:
    """A design's sets by the options' codes."""
    return [[options[place] for place in members] for members in sets]


@lru_cache(maxsize=256)
def designed(options: int, size: int = 0, appearances: int = 0) -> Design:
    """Sets of `size` (0: four, or three of four options), each option in `appearances` of them (0: three, or four
    where that is balanced and three is not). Raises Invalid `options` where there is none.
    """
    if options < MIN_ITEMS:
        raise Invalid(fields=[FieldProblem("options", "too-few", {"min": MIN_ITEMS})])
    wide = size or min(SIZE, options - 1)
    try:
        return block_design(options, wide, appearances=appearances or _fitting(options, wide))
    except MethodError as error:
        raise Invalid(fields=[FieldProblem("options", "bad-set", error.params)]) from None


def _fitting(options: int, size: int) -> int:
    """Of three and four appearances the first at which every pair can meet equally often."""
    fits = [
        times
        for times in (APPEARANCES, APPEARANCES + 1)
        if options * times % size == 0 and times * (size - 1) % (options - 1) == 0
    ]
    return fits[0] if fits else APPEARANCES


def in_own_words(elements: Elements, asked: Sequence[Element]) -> tuple[Elements, dict[str, str]]:
    """Bank statements that were reworded get codes of their own, so that a bank code means the same in every survey.

    `asked`: elements whose words were accepted before (the version that is being replaced). Gives the elements and
    the codes that changed.
    """
    stands = {element["code"]: element.get("text") for element in asked}
    codes = {code: _own(code) for code in reworded(elements, bank(), stands)}
    return [_own_options(element, stands) for element in renamed(elements, codes)], codes


def _own_options(element: dict[str, Any], stands: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the options of a MaxDiff and its sets; in a later version they are what they were."""
    if element["kind"] != MAXDIFF or element["code"] in stands:
        return element
    words = [
        {"code": option["code"], "kind": PAIR, "text": option.get("text")}
        for option in element.get("options") or ()
    ]
    codes = {code: _own(code) for code in reworded(words, bank(), {})}
    options = [
        option | {"code": codes.get(option["code"], option["code"])}
        for option in element.get("options") or ()
    ]
    sets = [[codes.get(code, code) for code in members] for members in element.get("sets") or ()]
    return element | {"options": options, "sets": sets}


def _own(code: str) -> str:
    return f"{code[:60]}.own-{new_id().hex[-8:]}"
