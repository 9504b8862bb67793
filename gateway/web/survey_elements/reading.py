"""The posted answer form as the service takes it, by element code. reading.js reads the same names in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

Element = Mapping[str, Any]
Form = MultiDict[str, str]
Answer = dict[str, Any]
SIDES = ("importance", "ability")
NA = "na"
OTHER = "other"
_SPACES = str.maketrans({" ": None, "\u00a0": None, "\u202f": None, "−": "-", ",": "."})


def answers_from(form: Form, elements: Sequence[Element]) -> dict[str, Answer | None]:
    """Every element that people answer; None where the form holds nothing, which takes an earlier answer back.

    What cannot be read goes on as it is, for the service to refuse by name.
    """
    found: dict[str, Answer | None] = {}
    for element in elements:
        read = _READERS.get(element["kind"])
        if read is not None:
            answer = read(form, element)
            empty = all(value in (None, "", [], {}) for value in answer.values())
            found[element["code"]] = None if empty else answer
    return found


def _pair(form: Form, element: Element) -> Answer:
    code = element["code"]
    if form.get(f"na-{code}"):
        return dict.fromkeys(SIDES, NA)
    return {side: _point(form.get(f"{side}-{code}", "")) for side in SIDES}


def place_in(text: str | None) -> int | None:
    """A place in a list, from 0, as our own buttons send it; None for anything else, "²" and far too long ones too."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else None


def _point(value: str) -> int | str | None:
    if not value:
        return None
    point = place_in(value)
    return value if point is None else point


def _matrix(form: Form, element: Element) -> Answer:
    return {row["code"]: form.get(f"row:{element['code']}:{row['code']}") or None for row in element["rows"]}


def _single(form: Form, element: Element) -> Answer:
    choice = form.get(f"choice:{element['code']}") or None
    answer: Answer = {"choice": choice}
    return answer | _other(form, element) if choice == OTHER else answer


def _multiple(form: Form, element: Element) -> Answer:
    choices = form.getlist(f"choices:{element['code']}")
    answer: Answer = {"choices": choices}
    return answer | _other(form, element) if OTHER in choices else answer


def _other(form: Form, element: Element) -> Answer:
    text = form.get(f"text:{element['code']}", "").strip()
    return {"text": text} if element.get("other") and text else {}


def _ranking(form: Form, element: Element) -> Answer:
    """Best first, by the places chosen; two options on one place keep the order of the list."""
    places = [
        (place, number, option["code"])
        for number, option in enumerate(element["options"])
        if (place := place_in(form.get(f"rank:{element['code']}:{option['code']}"))) is not None
    ]
    return {"order": [code for _, _, code in sorted(places)]}


def _maxdiff(form: Form, element: Element) -> Answer:
    sets: dict[str, Answer] = {}
    for place in range(len(element.get("sets") or ())):
        ends = {
            end: value for end in ("best", "worst") if (value := form.get(f"{end}:{element['code']}:{place}"))
        }
        if ends:
            sets[str(place)] = ends
    return {"sets": sets}


def _number(form: Form, element: Element) -> Answer:
    typed = form.get(f"value:{element['code']}", "").strip()
    return {"value": number_of(typed) if typed else None}


def number_of(typed: str) -> int | float | str:
    """A number as people write it in either language; the text itself where it is none."""
    plain = typed.translate(_SPACES)
    try:
        whole = plain.isascii() and plain.lstrip("-").isdigit() and len(plain) < 16
        return int(plain) if whole else float(plain)
    except ValueError:
        return typed


def _text(form: Form, element: Element) -> Answer:
    return {"value": form.get(f"value:{element['code']}", "").strip() or None}


def _consent(form: Form, element: Element) -> Answer:
    return {"value": {"yes": True, "no": False}.get(form.get(f"value:{element['code']}", ""))}


_READERS: Mapping[str, Callable[[Form, Element], Answer]] = {
    "pair": _pair, "matrix": _matrix, "single": _single, "multiple": _multiple, "ranking": _ranking,
    "maxdiff": _maxdiff, "number": _number, "date": _text, "short-text": _text, "long-text": _text,
    "consent": _consent,
}  # fmt: skip
ANSWERED = frozenset(_READERS)
"""Kinds that people answer."""


def complete(element: Element, answer: Mapping[str, Any] | None) -> bool:
    """Whether everything that the element asks is there."""
    if not answer:
        return False
    test = _COMPLETE.get(element["kind"])
    return test(element, answer) if test else answer.get("value") not in (None, "")


def _whole_sets(element: Element, answer: Mapping[str, Any]) -> bool:
    sets = answer.get("sets") or {}
    wanted = range(len(element.get("sets") or ()))
    return all({"best", "worst"} <= set(sets.get(str(place)) or ()) for place in wanted)


def _whole_choices(element: Element, answer: Mapping[str, Any]) -> bool:
    choices = answer.get("choices") or []
    told = OTHER not in choices or bool(answer.get("text"))
    return told and len(choices) >= max(1, element.get("min") or 0)


_COMPLETE: Mapping[str, Callable[[Element, Mapping[str, Any]], bool]] = {
    "pair": lambda _element, answer: all(answer.get(side) is not None for side in SIDES),
    "matrix": lambda element, answer: all(answer.get(row["code"]) is not None for row in element["rows"]),
    "maxdiff": _whole_sets,
    "multiple": _whole_choices,
    "ranking": lambda element, answer: len(answer.get("order") or ()) >= places_of(element),
    "single": lambda _element, answer: bool(answer.get("choice") and (answer["choice"] != OTHER or answer.get("text"))),
    "consent": lambda element, answer: answer.get("value") is True if element.get("required") else answer.get("value") is not None,
}  # fmt: skip


def places_of(element: Element) -> int:
    """How many places a ranking asks for."""
    return int(element.get("top") or len(element["options"]))
