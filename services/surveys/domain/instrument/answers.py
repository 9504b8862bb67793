"""What may come back to each kind of element, and whether everything that is asked was answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from services.surveys.domain.instrument.elements import (
    ANSWERED,
    CONSENT,
    DATE,
    LONG,
    LONG_TEXT,
    MATRIX,
    MAXDIFF,
    MULTIPLE,
    NOT_APPLICABLE,
    NUMBER,
    OTHER,
    PAIR,
    POINTS,
    RANKING,
    SHORT,
    SHORT_TEXT,
    SIDES,
    SINGLE,
    Element,
    codes_of,
    is_number,
    is_storable,
)
from services.surveys.domain.instrument.logic import Answers, visible
from shared.errors import FieldProblem, Invalid

MAX_PROBLEMS = 100
Problems = list[FieldProblem]


def read_answers(raw: Mapping[str, Any], elements: Sequence[Element]) -> dict[str, dict[str, Any]]:
    """Answers off the wire by element code, each as `elements` says; null takes an answer back.

    Raises Invalid `bad-answers` with one problem per fault: `items.<code>` unknown-item, wrong-type; below it
    out-of-range, unknown-option, unknown-field, too-long, too-many, repeated, bad-date…
    """
    known = {element["code"]: element for element in elements}
    problems: Problems = []
    out: dict[str, dict[str, Any]] = {}
    for code, answer in raw.items():
        path = f"items.{str(code)[:80]}"
        element = known.get(code)
        if element is None or element["kind"] not in ANSWERED:
            problems.append(FieldProblem(path, "unknown-item"))
        elif answer is not None:
            read, found = read_answer(element, answer, path)
            problems += found
            out[code] = read
    if problems:
        raise Invalid("bad-answers", fields=problems[:MAX_PROBLEMS])
    return out


def read_answer(element: Element, answer: Any, path: str) -> tuple[dict[str, Any], Problems]:
    """One answer, cleaned, and what is wrong with it. An answer may be partial; nothing in it may be wrong."""
    if not isinstance(answer, Mapping):
        return {}, [FieldProblem(path, "wrong-type")]
    given = {name: value for name, value in answer.items() if value is not None}
    wrong = [
        FieldProblem(f"{path}.{str(name)[:80]}", "unknown-field")
        for name in given
        if name not in _fields(element)
    ]
    if wrong:
        return {}, wrong
    return given, _READERS[element["kind"]](element, given, path)


def complete_answers(elements: Sequence[Element], answers: Answers) -> dict[str, dict[str, Any]]:
    """The answers that count: of elements that are seen, everything required among them given.

    What was answered and is no longer seen is left out. Raises Invalid `incomplete-answers`, one `missing` (or
    `consent-needed`) per gap, in the order of the elements.
    """
    seen = set(visible(elements, answers))
    problems: Problems = []
    for element in elements:
        if element["code"] in seen and element["kind"] in ANSWERED:
            problems += _gaps(element, answers.get(element["code"], {}))
    if problems:
        raise Invalid("incomplete-answers", fields=problems[:MAX_PROBLEMS], missing=len(problems))
    return {code: dict(answer) for code, answer in answers.items() if code in seen and answer}


def answered(element: Element, answer: Mapping[str, Any]) -> bool:
    """Whether nothing that the element could ask is missing."""
    return not _gaps({**element, "required": True}, answer)


def _gaps(element: Element, answer: Mapping[str, Any]) -> Problems:
    path, kind = f"items.{element['code']}", element["kind"]
    if kind in (PAIR, MATRIX):
        # Half an answer to a pair is none, required or not.
        wanted = SIDES if kind == PAIR else codes_of(element, "rows")
        if not element.get("required") and not answer:
            return []
        return [FieldProblem(f"{path}.{part}", "missing") for part in wanted if part not in answer]
    if kind == MAXDIFF and (element.get("required") or answer):
        return _missing_sets(element, answer.get("sets") or {}, path)
    if kind == CONSENT and element.get("required"):
        return [] if answer.get("value") is True else [FieldProblem(path, "consent-needed")]
    if not _has_value(kind, answer):
        return [FieldProblem(path, "missing")] if element.get("required") else []
    return _partial(element, answer, path)


def _missing_sets(element: Element, sets: Mapping[str, Any], path: str) -> Problems:
    places = [str(place) for place in range(len(element.get("sets") or ()))]
    return [
        FieldProblem(f"{path}.sets.{place}", "missing")
        for place in places
        if set(sets.get(place) or {}) != {"best", "worst"}
    ]


def _has_value(kind: str, answer: Mapping[str, Any]) -> bool:
    name = {SINGLE: "choice", MULTIPLE: "choices", RANKING: "order"}.get(kind, "value")
    return answer.get(name) not in (None, "", [])


def _partial(element: Element, answer: Mapping[str, Any], path: str) -> Problems:
    """An answer that is there, but not whole yet: too few choices, a rank left out, the text of "other"."""
    kind = element["kind"]
    if kind == MULTIPLE and len(answer["choices"]) < (element.get("min") or 0):
        return [FieldProblem(path, "too-few", {"min": element["min"]})]
    if kind == RANKING and len(answer["order"]) < _top(element):
        return [FieldProblem(path, "too-few", {"min": _top(element)})]
    chosen = answer.get("choices") or [answer.get("choice")]
    if OTHER in chosen and element.get("other") and not str(answer.get("text") or "").strip():
        return [FieldProblem(f"{path}.text", "missing")]
    return []


def _top(element: Element) -> int:
    return int(element.get("top") or len(element.get("options") or ()))


def _fields(element: Element) -> tuple[str, ...]:
    kind = element["kind"]
    if kind == MATRIX:
        return tuple(codes_of(element, "rows"))
    chosen = {PAIR: SIDES, SINGLE: ("choice", "text"), MULTIPLE: ("choices", "text"), RANKING: ("order",),
              MAXDIFF: ("sets",)}  # fmt: skip
    return chosen.get(kind, ("value",))


def _pair(_element: Element, given: Mapping[str, Any], path: str) -> Problems:
    def fits(value: Any) -> bool:
        return value == NOT_APPLICABLE or (_is_whole(value) and 1 <= value <= POINTS)

    limits = {"min": 1, "max": POINTS}
    return [
        FieldProblem(f"{path}.{side}", "out-of-range", limits) for side, v in given.items() if not fits(v)
    ]


def _matrix(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    allowed = {*codes_of(element, "points"), NOT_APPLICABLE}
    return [
        FieldProblem(f"{path}.{row}", "unknown-option") for row, v in given.items() if not _among(v, allowed)
    ]


def _single(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    problems = _other_text(element, given, path)
    if "choice" in given and not _among(given["choice"], _choices(element)):
        problems.append(FieldProblem(f"{path}.choice", "unknown-option"))
    return problems


def _multiple(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    problems = _other_text(element, given, path) + _list(
        given.get("choices", []), _choices(element), f"{path}.choices"
    )
    most = element.get("max")
    if not problems and most is not None and len(given.get("choices", [])) > most:
        problems.append(FieldProblem(f"{path}.choices", "too-many", {"max": most}))
    return problems


def _ranking(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    order = given.get("order", [])
    problems = _list(order, set(codes_of(element, "options")), f"{path}.order")
    if not problems and len(order) > _top(element):
        problems.append(FieldProblem(f"{path}.order", "too-many", {"max": _top(element)}))
    return problems


def _maxdiff(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    sets = given.get("sets", {})
    if not isinstance(sets, Mapping):
        return [FieldProblem(f"{path}.sets", "wrong-type")]
    problems: Problems = []
    for place, chosen in sets.items():
        at = f"{path}.sets.{str(place)[:10]}"
        if not (
            isinstance(place, str)
            and place.isascii()
            and place.isdigit()
            and len(place) <= 3
            and int(place) < len(element.get("sets") or ())
        ):
            problems.append(FieldProblem(at, "unknown-item"))
        elif not isinstance(chosen, Mapping) or set(chosen) - {"best", "worst"}:
            problems.append(FieldProblem(at, "wrong-type"))
        else:
            members = set(element["sets"][int(place)])
            problems += [
                FieldProblem(f"{at}.{end}", "unknown-option")
                for end, v in chosen.items()
                if v is not None and not _among(v, members)
            ]
            if chosen.get("best") is not None and chosen.get("best") == chosen.get("worst"):
                problems.append(FieldProblem(at, "repeated"))
    return problems


def _numeric(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    value = given.get("value")
    if value is None:
        return []
    if not is_number(value):
        return [FieldProblem(f"{path}.value", "wrong-type")]
    low, high = element.get("min"), element.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        return [FieldProblem(f"{path}.value", "out-of-range", {"min": low, "max": high})]
    decimals = element.get("decimals") or 0
    if round(value, decimals) != value:
        return [FieldProblem(f"{path}.value", "too-many-decimals", {"max": decimals})]
    return []


def _date(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    value = given.get("value")
    if value is None:
        return []
    if not is_date(value):
        return [FieldProblem(f"{path}.value", "bad-date")]
    low, high = element.get("min"), element.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        return [FieldProblem(f"{path}.value", "out-of-range", {"min": low, "max": high})]
    return []


def _text(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    default = SHORT if element["kind"] == SHORT_TEXT else LONG
    return _words(given.get("value"), element.get("max_length") or default, f"{path}.value")


def _consent(_element: Element, given: Mapping[str, Any], path: str) -> Problems:
    value = given.get("value")
    return [] if value is None or isinstance(value, bool) else [FieldProblem(f"{path}.value", "wrong-type")]


_READERS: Mapping[str, Callable[[Element, Mapping[str, Any], str], Problems]] = {
    PAIR: _pair, MATRIX: _matrix, SINGLE: _single, MULTIPLE: _multiple, RANKING: _ranking, MAXDIFF: _maxdiff,
    NUMBER: _numeric, DATE: _date, SHORT_TEXT: _text, LONG_TEXT: _text, CONSENT: _consent,
}  # fmt: skip


def is_date(value: Any) -> bool:
    """A calendar day as ISO 8601 has it, with four digits of a year."""
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _choices(element: Element) -> set[str]:
    return {*codes_of(element, "options"), *([OTHER] if element.get("other") else [])}


def _other_text(element: Element, given: Mapping[str, Any], path: str) -> Problems:
    if "text" in given and not element.get("other"):
        return [FieldProblem(f"{path}.text", "unknown-field")]
    return _words(given.get("text"), SHORT, f"{path}.text")


def _list(values: Any, allowed: set[str], path: str) -> Problems:
    if not isinstance(values, list):
        return [FieldProblem(path, "wrong-type")]
    if not all(_among(value, allowed) for value in values):
        return [FieldProblem(path, "unknown-option")]
    return [FieldProblem(path, "repeated")] if len(set(values)) < len(values) else []


def _words(value: Any, limit: int, path: str) -> Problems:
    if value is None:
        return []
    if not isinstance(value, str):
        return [FieldProblem(path, "wrong-type")]
    if not is_storable(value):
        return [FieldProblem(path, "bad-character")]
    return [FieldProblem(path, "too-long", {"max": limit})] if len(value) > limit else []


def _among(value: Any, allowed: set[str]) -> bool:
    return isinstance(value, str) and value in allowed


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
