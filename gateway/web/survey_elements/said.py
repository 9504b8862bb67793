"""One person's own answers in words, element by element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.context import current
from gateway.web.survey_elements.piping import Element, label_of, piped, shown
from gateway.web.survey_elements.wording import say
from shared import i18n

View = dict[str, Any]
NA = "na"
SIDES = ("importance", "ability")


def said_rows(elements: Sequence[Element], answers: Mapping[str, Mapping[str, Any]], scale: Mapping[str, Any]) -> list[View]:  # fmt: skip
    """`{kind, title, lines: [(label or None, what was said)]}` for every element that was answered, and the sections."""
    language = current().language
    rows = []
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


def _lines(element: Element, answer: Mapping[str, Any], scale: Mapping[str, Any], language: str) -> list[tuple[str | None, str]]:  # fmt: skip
    kind = element["kind"]
    if kind == "pair":
        return [(i18n.pick(language, scale[side]["label"]), _point(answer.get(side), scale[side], language)) for side in SIDES]  # fmt: skip
    if kind == "matrix":
        return [
            (label_of(element["rows"], row["code"], language), _or_na(label_of(element["points"], answer.get(row["code"]), language)))
            for row in element["rows"]
        ]  # fmt: skip
    if kind == "maxdiff":
        return _sets(element, answer, language)
    if kind == "ranking":
        order = answer.get("order") or ()
        return [(f"{place}.", label_of(element["options"], code, language)) for place, code in enumerate(order, start=1)]  # fmt: skip
    if kind == "consent":
        return [(None, say(f"surveys.pages.consent.{'yes' if answer.get('value') else 'no'}"))]
    if kind == "number" and (unit := i18n.pick(language, element.get("unit") or {})):
        return [(None, f"{shown(element, answer, language)} {unit}")]
    return [(None, shown(element, answer, language))]


def _sets(element: Element, answer: Mapping[str, Any], language: str) -> list[tuple[str | None, str]]:
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
