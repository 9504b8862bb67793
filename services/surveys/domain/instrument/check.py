"""Whether a definition is sound (always asked), and whether it may be launched (both languages, nothing empty)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument import elements as parts
from services.surveys.domain.instrument.answers import is_date
from services.surveys.domain.instrument.elements import (
    END,
    KINDS,
    LANGUAGES,
    OTHER,
    Element,
    codes_of,
    is_code,
    is_number,
    is_storable,
)
from services.surveys.domain.instrument.logic import GROUPS, MANY, MAX_DEPTH, TWO, WORDS, references
from services.surveys.domain.instrument.texts import marks
from shared.errors import FieldProblem

Problems = list[FieldProblem]
MAX_PROBLEMS = 100


def definition_problems(elements: Any) -> Problems:
    """What is wrong with a definition, whatever it is; an empty list means that every function here can use it.

    Paths are `elements.<place>.<field>`. Empty texts are no fault here: a draft has them.
    """
    if not isinstance(elements, list):
        return [FieldProblem("elements", "wrong-type")]
    if len(elements) > parts.MAX_ELEMENTS:
        return [FieldProblem("elements", "too-many-items", {"max": parts.MAX_ELEMENTS})]
    found: Problems = []
    for place, element in enumerate(elements):
        found += _element(element, f"elements.{place}")
    if found:
        return found[:MAX_PROBLEMS]
    return (_twins(elements) or _logic(elements))[:MAX_PROBLEMS]


def language_gaps(elements: Sequence[Element]) -> dict[str, list[str]]:
    """Per language, the paths of texts that are empty in it: the completeness check before a launch."""
    return {
        language: [
            f"elements.{place}.{path}"
            for place, element in enumerate(elements)
            for path, pair in parts.bilingual_parts(element).items()
            if not str(pair.get(language) or "").strip()
        ]
        for language in LANGUAGES
    }


def launch_gaps(elements: Sequence[Element]) -> Problems:
    """What keeps a sound definition from being launched."""
    if not any(element["kind"] in parts.ANSWERED for element in elements):
        return [FieldProblem("elements", "missing")]
    texts = [
        FieldProblem(f"{path}.{language}", "missing")
        for language, paths in language_gaps(elements).items()
        for path in paths
    ]
    untitled = [
        FieldProblem(f"elements.{place}.text.{language}", "missing")
        for place, element in enumerate(elements)
        if not element.get("text")
        for language in LANGUAGES
    ]
    return (untitled + texts + list(_empty(elements)))[:MAX_PROBLEMS]


def _empty(elements: Sequence[Element]) -> Iterator[FieldProblem]:
    least = {
        "options": {parts.RANKING: 2, parts.MAXDIFF: 4},
        "rows": {},
        "points": {parts.MATRIX: 2},
        "sets": {},
    }
    for place, element in enumerate(elements):
        for field, minimum in least.items():
            if field in parts.OWN[element["kind"]]:
                wanted = minimum.get(element["kind"], 1)
                if len(element.get(field) or ()) < wanted:
                    yield FieldProblem(f"elements.{place}.{field}", "too-few", {"min": wanted})
        shown = {code for members in element.get("sets") or () for code in members}
        if element["kind"] == parts.MAXDIFF and not set(codes_of(element, "options")) <= shown:
            yield FieldProblem(f"elements.{place}.sets", "option-in-no-set")


def _element(element: Any, path: str) -> Problems:
    if not isinstance(element, Mapping):
        return [FieldProblem(path, "wrong-type")]
    kind = element.get("kind")
    if kind not in KINDS:
        return [FieldProblem(f"{path}.kind", "unknown-option")]
    if not is_code(element.get("code")):
        return [FieldProblem(f"{path}.code", "bad-code")]
    unknown = [name for name in element if name not in parts.COMMON | parts.OWN[kind]]
    if unknown:
        return [FieldProblem(f"{path}.{str(name)[:40]}", "unknown-field") for name in unknown]
    found: Problems = []
    for name, value in element.items():
        if name in _FIELDS and value is not None:
            found += _FIELDS[name](value, f"{path}.{name}", element)
    if kind == parts.COMPUTED and element.get("compute") is None:
        found.append(FieldProblem(f"{path}.compute", "missing"))
    return found or _limits(element, path)


def _bilingual(limit: int) -> Callable[[Any, str, Element], Problems]:
    def check(value: Any, path: str, _element: Element) -> Problems:
        if not isinstance(value, Mapping) or set(value) - set(LANGUAGES):
            return [FieldProblem(path, "wrong-type")]
        found: Problems = []
        for language, text in value.items():
            at = f"{path}.{language}"
            if not isinstance(text, str):
                found.append(FieldProblem(at, "wrong-type"))
            elif not is_storable(text):
                found.append(FieldProblem(at, "bad-character"))
            elif len(text) > limit:
                found.append(FieldProblem(at, "too-long", {"max": limit}))
        return found

    return check


def _entries(value: Any, path: str, _element: Element) -> Problems:
    if not isinstance(value, list):
        return [FieldProblem(path, "wrong-type")]
    if len(value) > parts.MAX_OPTIONS:
        return [FieldProblem(path, "too-many-items", {"max": parts.MAX_OPTIONS})]
    found: Problems = []
    for place, entry in enumerate(value):
        at = f"{path}.{place}"
        if not isinstance(entry, Mapping) or set(entry) - {"code", "text"}:
            found.append(FieldProblem(at, "wrong-type"))
        elif not is_code(entry.get("code")) or entry["code"] in (OTHER, parts.NOT_APPLICABLE):
            found.append(FieldProblem(f"{at}.code", "bad-code"))
        else:
            found += _bilingual(parts.MAX_LABEL)(entry.get("text") or {}, f"{at}.text", entry)
    if not found and len({entry["code"] for entry in value}) < len(value):
        found.append(FieldProblem(path, "repeated"))
    return found


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """The entries of what may be anything, as far as they have a code."""
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, Mapping) and isinstance(one.get("code"), str)]


def _sets(value: Any, path: str, element: Element) -> Problems:
    # The options are checked by themselves, before or after this: they may be anything.
    options = {one.get("code") for one in _listed(element.get("options"))}
    if not isinstance(value, list) or len(value) > parts.MAX_OPTIONS:
        return [FieldProblem(path, "wrong-type")]
    for place, members in enumerate(value):
        fits = isinstance(members, list) and all(isinstance(m, str) and m in options for m in members)
        if not fits or len(set(members)) < len(members) or len(members) < 2:
            return [FieldProblem(f"{path}.{place}", "bad-set")]
    return []


def _flag(value: Any, path: str, _element: Element) -> Problems:
    return [] if isinstance(value, bool) else [FieldProblem(path, "wrong-type")]


def _count(value: Any, path: str, _element: Element) -> Problems:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000
    return [] if fits else [FieldProblem(path, "wrong-type")]


def _bound(value: Any, path: str, element: Element) -> Problems:
    if element.get("kind") == parts.DATE:
        return [] if is_date(value) else [FieldProblem(path, "bad-date")]
    if element.get("kind") == parts.MULTIPLE:
        return _count(value, path, element)
    return [] if is_number(value) else [FieldProblem(path, "wrong-type")]


def _condition(value: Any, path: str, _element: Element) -> Problems:
    return [] if _is_condition(value, 0) else [FieldProblem(path, "bad-condition")]


def _jumps(value: Any, path: str, _element: Element) -> Problems:
    if not isinstance(value, list) or len(value) > parts.MAX_OPTIONS:
        return [FieldProblem(path, "wrong-type")]
    for place, rule in enumerate(value):
        if not isinstance(rule, Mapping) or set(rule) != {"if", "to"}:
            return [FieldProblem(f"{path}.{place}", "wrong-type")]
        if not _is_condition(rule["if"], 0) or not (rule["to"] == END or is_code(rule["to"])):
            return [FieldProblem(f"{path}.{place}", "bad-condition")]
    return []


def _expression(value: Any, path: str, _element: Element) -> Problems:
    return [] if _is_expression(value, 0) else [FieldProblem(path, "bad-expression")]


_FIELDS: Mapping[str, Callable[[Any, str, Element], Problems]] = {
    "text": _bilingual(parts.MAX_TEXT), "help": _bilingual(parts.MAX_HELP), "unit": _bilingual(parts.MAX_UNIT),
    "required": _flag, "other": _flag, "options": _entries, "rows": _entries, "points": _entries, "sets": _sets,
    "min": _bound, "max": _bound, "decimals": _count, "top": _count, "max_length": _count,
    "show_if": _condition, "go_to": _jumps, "compute": _expression,
}  # fmt: skip


def _limits(element: Element, path: str) -> Problems:
    low, high = element.get("min"), element.get("max")
    if low is not None and high is not None and low > high:
        return [FieldProblem(f"{path}.max", "below-minimum", {"min": low})]
    if (element.get("decimals") or 0) > 6:
        return [FieldProblem(f"{path}.decimals", "out-of-range", {"min": 0, "max": 6})]
    options = len(element.get("options") or ())
    if element["kind"] == parts.RANKING and (element.get("top") or 0) > options:
        return [FieldProblem(f"{path}.top", "out-of-range", {"min": 1, "max": options})]
    longest = element.get("max_length")
    if longest is not None and not 1 <= longest <= 10_000:
        return [FieldProblem(f"{path}.max_length", "out-of-range", {"min": 1, "max": 10_000})]
    return []


def _is_condition(value: Any, depth: int) -> bool:
    if not isinstance(value, Mapping) or depth > MAX_DEPTH:
        return False
    for group in GROUPS:
        if set(value) == {group}:
            inner = value[group]
            return (
                isinstance(inner, list)
                and 0 < len(inner) <= 20
                and all(_is_condition(c, depth + 1) for c in inner)
            )
    if set(value) == {"not"}:
        return _is_condition(value["not"], depth + 1)
    if not _is_place(value, {"item", "part", "is", "value"}) or value.get("is") not in WORDS:
        return False
    return _is_wanted(value["is"], value.get("value"))


def _is_wanted(word: str, wanted: Any) -> bool:
    if word in ("answered", "not-answered"):
        return wanted is None
    if isinstance(wanted, str):
        return len(wanted) <= parts.MAX_LABEL and is_storable(wanted)
    return isinstance(wanted, bool) or is_number(wanted)


def _is_place(value: Mapping[str, Any], allowed: set[str]) -> bool:
    part = value.get("part")
    return not set(value) - allowed and is_code(value.get("item")) and (part is None or is_code(part))


def _is_expression(value: Any, depth: int) -> bool:
    if isinstance(value, int | float):
        return is_number(value)
    if not isinstance(value, Mapping) or depth > MAX_DEPTH:
        return False
    if "item" in value:
        return _is_place(value, {"item", "part"})
    word, inner = next(iter(value.items()), (None, None))
    if (
        len(value) != 1
        or not isinstance(inner, list)
        or not all(_is_expression(part, depth + 1) for part in inner)
    ):
        return False
    return (word in MANY and 0 < len(inner) <= parts.MAX_ELEMENTS) or (word in TWO and len(inner) == 2)


def _twins(elements: Sequence[Element]) -> Problems:
    seen: set[str] = set()
    found: Problems = []
    for place, element in enumerate(elements):
        if element["code"] in seen or element["code"] == END:
            found.append(FieldProblem(f"elements.{place}.code", "repeated"))
        seen.add(element["code"])
    return found


def _logic(elements: Sequence[Element]) -> Problems:
    """Conditions, values and texts look back only; jumps go forward only. So nothing can go round in circles."""
    earlier: dict[str, Element] = {}
    places = {element["code"]: place for place, element in enumerate(elements)}
    found: Problems = []
    for place, element in enumerate(elements):
        path = f"elements.{place}"
        for field in ("show_if", "compute"):
            found += _looks_back(element.get(field), earlier, f"{path}.{field}", "refers-forward")
        for text_path, pair in parts.bilingual_parts(element).items():
            found += [
                FieldProblem(f"{path}.{text_path}.{language}", "refers-forward", {"item": code})
                for language, text in pair.items()
                for code, _ in marks(text)
                if code not in earlier
            ]
        earlier[element["code"]] = element
        for number, rule in enumerate(element.get("go_to") or ()):
            at = f"{path}.go_to.{number}"
            found += _looks_back(rule["if"], earlier, at, "refers-forward")
            if rule["to"] != END and places.get(rule["to"], -1) <= place:
                found.append(FieldProblem(at, "jumps-back", {"item": rule["to"]}))
    return found


def _looks_back(tree: Any, earlier: Mapping[str, Element], path: str, code: str) -> Problems:
    found: Problems = []
    for place in references(tree):
        element = earlier.get(place["item"])
        if element is None:
            found.append(FieldProblem(path, code, {"item": place["item"]}))
        elif (part := place.get("part")) is not None and part not in _parts_of(element):
            found.append(FieldProblem(path, "no-such-part", {"item": place["item"], "part": part}))
    return found


def _parts_of(element: Element) -> Sequence[str]:
    return parts.SIDES if element["kind"] == parts.PAIR else codes_of(element, "rows")
