"""One person's own answers in words, element by element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.context import current
from gateway.web.survey_elements.piping import Element, label_of, piped, shown
from gateway.web.survey_elements.wording import say
from shared import i18n

View = dict[str, Any]
Given = Mapping[str, Any]
Lines = list[tuple[str | None, str]]
NA = "na"
SIDES = ("importance", "ability")


def said_rows(
    elements: Sequence[Element], answers: Mapping[str, Given], scale: Mapping[str, Any]
) -> list[View]:
    """`{kind, title, lines: [(label or None, what was said)]}` for every element that was answered, and the sections."""
    language = current().language
    rows: list[View] = []
    for element in elements:
        answer = answers.get(element["code"])
        title = piped(i18n.pick(language, element.get("text") or {}), language, elements, answers)
        if element["kind"] == "section":
            rows.append({"kind": "section", "title": title, "lines": []})
        elif answer:
            rows.append(
                {"kind": element["kind"], "title": title, "lines": _lines(element, answer, scale, language)}
            )
    return rows


def _lines(element: Element, answer: Given, scale: Mapping[str, Any], language: str) -> Lines:
    if element["kind"] == "pair":
        return [
            (i18n.pick(language, scale[side]["label"]), _point(answer.get(side), scale[side], language))
            for side in SIDES
        ]
    return _LINES.get(element["kind"], _plain)(element, answer, language)


def _plain(element: Element, answer: Given, language: str) -> Lines:
    unit = i18n.pick(language, element.get("unit") or {})
    return [(None, f"{shown(element, answer, language)} {unit}".strip())]


def _matrix(element: Element, answer: Given, language: str) -> Lines:
    return [
        (
            label_of(element["rows"], row["code"], language),
            _or_na(label_of(element["points"], answer.get(row["code"]), language)),
        )
        for row in element["rows"]
    ]


def _ranking(element: Element, answer: Given, language: str) -> Lines:
    order = answer.get("order") or ()
    return [
        (f"{place}.", label_of(element["options"], code, language))
        for place, code in enumerate(order, start=1)
    ]


def _consent(_element: Element, answer: Given, _language: str) -> Lines:
    return [(None, say(f"surveys.pages.consent.{'yes' if answer.get('value') else 'no'}"))]


def _sets(element: Element, answer: Given, language: str) -> Lines:
    sets = answer.get("sets") or {}
    return [
        (say("surveys.pages.maxdiff.set", n=int(place) + 1, total=len(element["sets"])),
         say("surveys.pages.maxdiff.said", best=label_of(element["options"], chosen.get("best"), language),
             worst=label_of(element["options"], chosen.get("worst"), language)))
        for place, chosen in sorted(sets.items(), key=lambda item: int(item[0]))
    ]  # fmt: skip


def _point(value: Any, side: Mapping[str, Any], language: str) -> str:
    if value in (None, NA):
        return _or_na(value or "–")
    anchor = i18n.pick(language, side["anchors"].get(str(value), {}))
    return f"{value} – {anchor}" if anchor else str(value)


def _or_na(value: str) -> str:
    return say("shell.scale.na") if value == NA else value or "–"


_LINES: Mapping[str, Callable[[Element, Given, str], Lines]] = {
    "matrix": _matrix, "ranking": _ranking, "maxdiff": _sets, "consent": _consent,
}  # fmt: skip
