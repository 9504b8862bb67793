"""One press of a button in the builder: the typed element is read in, then the button's change is made."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.web.survey_elements import changes, typed
from gateway.web.survey_elements.kinds import LISTS, add_entry
from gateway.web.survey_elements.reading import place_in
from gateway.web.survey_elements.wording import places, tests_of
from shared.errors import FieldProblem, Invalid

Elements = list[dict[str, Any]]
Design = Callable[[Sequence[str], int], list[list[str]]]
"""Option codes and how many go into a set, to the sets."""
CODE, LONGEST_CODE = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*"), 80
FEWEST = 4
"""Options that balanced sets need."""


@dataclass
class Work:
    """The elements after the change; `at`: whose editor is shown next ("" is the survey's own fields); `focus`: the id of
    the control to go on with. `before`: the elements without the change, where taking it back is offered; `touched`: how
    many other elements a deletion changed. `tried`: the change that was refused, where the page shows the list without it.
    """

    elements: Elements
    at: str = ""
    focus: str = ""
    before: Elements | None = None
    touched: int = 0
    tried: Elements | None = None


def worked(form: MultiDict[str, str], elements: Elements, design: Design) -> Work:
    """Carry out `do` on the elements. What cannot be done changes nothing. Raises Invalid for a code that cannot be."""
    verb, _, about = form.get("do", "save").partition(":")
    if verb != "undo":
        _require_code(form, elements)
    work = Work([*elements], form.get("at", "")) if verb == "undo" else read_in(form, elements)
    if verb in _WHOLE:
        _WHOLE[verb](work, about, form)
    elif verb in _ONE and (place := changes.place_of(work.elements, work.at)) is not None:
        work.elements[place] = copy.deepcopy(work.elements[place])
        _ONE[verb](work, place, about)
    elif verb == "set-make":
        _make_sets(work, form, design)
    return work


def read_in(form: MultiDict[str, str], elements: Elements) -> Work:
    """The elements with what was typed into the editor that the form showed."""
    at = form.get("at", "")
    place = changes.place_of(elements, at)
    if place is None or not form.get("editor"):
        return Work([*elements], at)
    out = [*elements]
    out[place] = typed.element_from(form, elements[place], elements[:place])
    code = typed.code_from(form, at)
    if code != at and _code_problem(code, elements) is None:
        return Work(changes.rename(out, at, code), code)
    return Work(out, at)


def _code_problem(code: str, elements: Elements) -> str | None:
    if len(code) > LONGEST_CODE or not CODE.fullmatch(code) or code == "end":
        return "bad-code"
    return None if changes.place_of(elements, code) is None else "repeated"


def _require_code(form: MultiDict[str, str], elements: Elements) -> None:
    at = form.get("at", "")
    place, code = changes.place_of(elements, at), typed.code_from(form, at)
    if place is not None and form.get("editor") and code != at and (problem := _code_problem(code, elements)):
        raise Invalid(fields=[FieldProblem(f"elements.{place}.code", problem)])


def elements_of(text: str | None) -> Elements | None:
    """Elements that a form carries as JSON; None where it carries none that could be."""
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    sound = isinstance(found, list) and all(
        isinstance(one, dict) and isinstance(one.get("code"), str) and isinstance(one.get("kind"), str)
        for one in found
    )
    return found if sound else None


def _add(work: Work, kind: str, _form: MultiDict[str, str]) -> None:
    work.elements, work.at = changes.add(work.elements, kind, work.at)
    work.focus = "text"


def _go(work: Work, code: str, _form: MultiDict[str, str]) -> None:
    work.at = code if changes.place_of(work.elements, code) is not None else ""


def _up(work: Work, code: str, _form: MultiDict[str, str]) -> None:
    work.elements, work.focus = changes.move(work.elements, code, -1), f"up:{code}"


def _down(work: Work, code: str, _form: MultiDict[str, str]) -> None:
    work.elements, work.focus = changes.move(work.elements, code, 1), f"down:{code}"


def _order(work: Work, _about: str, form: MultiDict[str, str]) -> None:
    work.elements = changes.reorder(work.elements, form.get("order", "").split(","))


def _copy(work: Work, code: str, _form: MultiDict[str, str]) -> None:
    work.elements, work.at = changes.duplicate(work.elements, code)
    work.focus = "text"


def _delete(work: Work, code: str, _form: MultiDict[str, str]) -> None:
    place = changes.place_of(work.elements, code)
    if place is None:
        return
    work.before = work.elements
    work.elements, touched = changes.remove(work.elements, code)
    work.touched = len(touched)
    if work.at == code:
        work.at = work.elements[min(place, len(work.elements) - 1)]["code"] if work.elements else ""


def _undo(work: Work, _about: str, form: MultiDict[str, str]) -> None:
    found = elements_of(form.get("before"))
    if found is not None:
        work.elements = found
        work.at = work.at if changes.place_of(found, work.at) is not None else ""


def _entry_add(work: Work, place: int, name: str) -> None:
    element = work.elements[place]
    if name in LISTS.get(element["kind"], ()):
        add_entry(element, name)
        work.focus = f"{name}-{len(element[name]) - 1}"


def _entry(verb: str) -> Callable[[Work, int, str], None]:
    def change(work: Work, place: int, about: str) -> None:
        name, _, text = about.partition(":")
        element, at = work.elements[place], place_in(text)
        if name in LISTS.get(element["kind"], ()) and at is not None:
            typed.change_list(element, name, verb, at)
            to = at + {"up": -1, "down": 1}.get(verb, 0)
            work.focus = f"{name}-{max(0, min(to, len(element[name]) - 1))}"

    return change


def _test_add(work: Work, place: int, _about: str) -> None:
    element, offered = work.elements[place], places(work.elements[:place])
    simple = tests_of(element.get("show_if"))
    if not offered or simple is None:
        return
    group, tests = simple
    tests = [*tests, typed.sound_test(offered[-1], "", "")]
    element["show_if"] = tests[0] if len(tests) == 1 else {"any" if group == "any" else "all": tests}
    work.focus = f"if-{len(tests) - 1}_place"


def _test_remove(work: Work, place: int, about: str) -> None:
    element = work.elements[place]
    simple, gone = tests_of(element.get("show_if")), place_in(about)
    if simple is None or gone is None:
        return
    group, tests = simple[0], [test for n, test in enumerate(simple[1]) if n != gone]
    element.pop("show_if", None)
    if tests:
        element["show_if"] = {group: tests} if len(tests) > 1 else tests[0]


def _jump_add(work: Work, place: int, _about: str) -> None:
    element, offered = work.elements[place], places(work.elements[: place + 1])
    if offered:
        rule = {"if": typed.sound_test(offered[-1], "", ""), "to": "end"}
        element["go_to"] = [*(element.get("go_to") or ()), rule]
        work.focus = f"go-{len(element['go_to']) - 1}_place"


def _jump_remove(work: Work, place: int, about: str) -> None:
    element = work.elements[place]
    left = [rule for n, rule in enumerate(element.pop("go_to", None) or ()) if str(n) != about]
    if left:
        element["go_to"] = left


def _set_add(work: Work, place: int, _about: str) -> None:
    element = work.elements[place]
    if element["kind"] == "maxdiff" and len(element["options"]) > 1:
        element["sets"] = [*(element.get("sets") or ()), [entry["code"] for entry in element["options"][:4]]]


def _set_remove(work: Work, place: int, about: str) -> None:
    element = work.elements[place]
    gone = place_in(about)
    if element["kind"] == "maxdiff" and gone is not None:
        element["sets"] = [one for n, one in enumerate(element.get("sets") or ()) if n != gone]


def _make_sets(work: Work, form: MultiDict[str, str], design: Design) -> None:
    place = changes.place_of(work.elements, work.at)
    if place is None or work.elements[place]["kind"] != "maxdiff":
        return
    element = work.elements[place]
    codes = [entry["code"] for entry in element["options"]]
    if len(codes) < FEWEST:
        raise Invalid(fields=[FieldProblem(f"elements.{place}.options", "too-few", {"min": FEWEST})])
    try:
        sets = design(codes, form.get("set_size", 4, type=int) or 4)
    except Invalid:
        raise Invalid(fields=[FieldProblem(f"elements.{place}.sets", "out-of-range")]) from None
    work.elements[place] = element | {"sets": sets}


_WHOLE: dict[str, Callable[[Work, str, MultiDict[str, str]], None]] = {
    "add": _add, "go": _go, "up": _up, "down": _down, "order": _order, "copy": _copy, "delete": _delete, "undo": _undo,
}  # fmt: skip
_ONE: dict[str, Callable[[Work, int, str], None]] = {
    "entry-add": _entry_add, "entry-up": _entry("up"), "entry-down": _entry("down"), "entry-remove": _entry("remove"),
    "test-add": _test_add, "test-remove": _test_remove, "jump-add": _jump_add, "jump-remove": _jump_remove,
    "set-add": _set_add, "set-remove": _set_remove,
}  # fmt: skip
