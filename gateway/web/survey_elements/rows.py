"""Elements as the answering templates take them: texts with earlier answers filled in, values, what is seen, faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.web.survey_elements.piping import Answers, Element, figure, piped
from gateway.web.survey_elements.reading import ANSWERED, OTHER, complete, places_of
from shared import i18n

View = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a form shows: the elements, the answers so far, and what those answers make seen and worked out.

    faults: code -> text beside the element. language: of the questions, which a preview may choose.
    """

    elements: Sequence[Element]
    answers: Answers
    seen: frozenset[str]
    computed: Mapping[str, float | None]
    language: str
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, Mapping[str, Any]]:
        """Answers to what is seen, and the computed values: what texts may quote."""
        given = {code: answer for code, answer in self.answers.items() if code in self.seen and answer}
        return given | {code: {"value": value} for code, value in self.computed.items() if value is not None}

    @property
    def progress(self) -> tuple[int, int]:
        """Answered and asked, among what is seen."""
        asked = [one for one in self.elements if one["kind"] in ANSWERED and one["code"] in self.seen]
        return sum(complete(one, self.answers.get(one["code"])) for one in asked), len(asked)

    def text(self, pair: Mapping[str, str] | None) -> View:
        """A bilingual text in the form's language: as written (`raw`, only where it quotes answers) and as shown."""
        written = i18n.pick(self.language, pair or {})
        shown = piped(written, self.language, self.elements, self.known)
        return {"raw": written if "{{" in written else None, "shown": shown}


def blocks_of(asked: Asked) -> list[View]:
    """The elements in order, neighbouring pairs gathered in one matrix: `{pairs: [row]}` or `{row: row}`."""
    blocks: list[View] = []
    for number, element in _numbered(asked):
        row = _row(asked, element, number)
        if element["kind"] != "pair":
            blocks.append({"row": row})
        elif blocks and "pairs" in blocks[-1]:
            blocks[-1]["pairs"].append(row)
        else:
            blocks.append({"pairs": [row]})
    for block in blocks:
        block["hidden"] = all(row["hidden"] for row in block.get("pairs", [block.get("row")]))
    return blocks


def has_logic(elements: Iterable[Element]) -> bool:
    """Whether what is shown depends on what is answered, so that a form without scripts must ask the server."""
    return any(one.get("show_if") or one.get("go_to") or one["kind"] == "computed" or "{{" in str(one) for one in elements)  # fmt: skip


def _numbered(asked: Asked) -> Iterable[tuple[int | None, Element]]:
    number = 0
    for element in asked.elements:
        counts = element["kind"] in ANSWERED and element["code"] in asked.seen
        number += counts
        yield (number if counts else None), element


def _row(asked: Asked, element: Element, number: int | None) -> View:
    code, answer = element["code"], asked.answers.get(element["code"]) or {}
    return {
        "code": code,
        "kind": element["kind"],
        "number": number,
        "hidden": code not in asked.seen,
        "text": asked.text(element.get("text")),
        "help": asked.text(element["help"]) if any((element.get("help") or {}).values()) else None,
        "required": bool(element.get("required")),
        "answer": answer,
        "error": asked.faults.get(code),
    } | _OWN.get(element["kind"], _nothing)(asked, element, answer)


def _nothing(_asked: Asked, _element: Element, _answer: Mapping[str, Any]) -> View:
    return {}


def _entries(asked: Asked, element: Element, name: str) -> list[View]:
    return [
        {"code": entry["code"], "text": asked.text(entry.get("text"))} for entry in element.get(name) or ()
    ]


def _matrix(asked: Asked, element: Element, _answer: Mapping[str, Any]) -> View:
    return {"rows": _entries(asked, element, "rows"), "points": _entries(asked, element, "points")}


def _choice(asked: Asked, element: Element, answer: Mapping[str, Any]) -> View:
    chosen = answer.get("choices") or [answer.get("choice")]
    return {
        "options": _entries(asked, element, "options"), "other": bool(element.get("other")), "chosen": chosen,
        "other_chosen": OTHER in chosen, "min": element.get("min"), "max": element.get("max"),
    }  # fmt: skip


def _ranking(asked: Asked, element: Element, answer: Mapping[str, Any]) -> View:
    order = list(answer.get("order") or ())
    options = _entries(asked, element, "options")
    for option in options:
        option["place"] = order.index(option["code"]) + 1 if option["code"] in order else None
    return {"options": options, "places": places_of(element)}


def _maxdiff(asked: Asked, element: Element, answer: Mapping[str, Any]) -> View:
    texts = {entry["code"]: entry["text"] for entry in _entries(asked, element, "options")}
    given = answer.get("sets") or {}
    return {
        "sets": [
            {"members": [{"code": code, "text": texts[code]} for code in members], **(given.get(str(place)) or {})}
            for place, members in enumerate(element.get("sets") or ())
        ]
    }  # fmt: skip


def _number(asked: Asked, element: Element, answer: Mapping[str, Any]) -> View:
    value = answer.get("value")
    unit = asked.text(element["unit"]) if any((element.get("unit") or {}).values()) else None
    limits = {end: element.get(end) for end in ("min", "max")}
    return limits | {
        "value": figure(value, asked.language),
        "unit": unit,
        "decimals": element.get("decimals") or 0,
    }


def _value(_asked: Asked, element: Element, answer: Mapping[str, Any]) -> View:
    default = {"short-text": 500, "long-text": 5000}.get(element["kind"])
    return {
        "value": answer.get("value") or "", "min": element.get("min"), "max": element.get("max"),
        "longest": element.get("max_length") or default,
    }  # fmt: skip


def _consent(_asked: Asked, _element: Element, answer: Mapping[str, Any]) -> View:
    said = answer.get("value")
    return {"value": None if said is None else "yes" if said else "no"}


def _computed(asked: Asked, element: Element, _answer: Mapping[str, Any]) -> View:
    return {"value": figure(asked.computed.get(element["code"]), asked.language)}


_OWN: Mapping[str, Callable[[Asked, Element, Mapping[str, Any]], View]] = {
    "matrix": _matrix, "single": _choice, "multiple": _choice, "ranking": _ranking, "maxdiff": _maxdiff,
    "number": _number, "date": _value, "short-text": _value, "long-text": _value, "consent": _consent,
    "computed": _computed,
}  # fmt: skip
