"""Answers of one person on their way in: laid over what was saved, counted. Shapes: see `instrument.elements`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.surveys.domain.instrument import ANSWERED, read_answers, visible
from services.surveys.domain.instrument.answers import answered
from services.surveys.domain.instrument.elements import MATRIX, MAXDIFF, NOT_APPLICABLE, PAIR, SIDES, Element

Answers = dict[str, dict[str, Any]]
PARTWISE = (PAIR, MATRIX)
"""Kinds whose answers are saved part by part: side by side, row by row."""


def merged(saved: Answers, raw: Mapping[str, Any], elements: Sequence[Element]) -> Answers:
    """Answers off the wire over those that were saved, part by part; null takes an answer, or a part of it, back.

    Raises Invalid `bad-answers` as `instrument.read_answers` does.
    """
    fresh = read_answers(raw, elements)
    kinds = {element["code"]: element["kind"] for element in elements}
    out = {code: dict(answer) for code, answer in saved.items() if code in kinds}
    for code, given in raw.items():
        answer = _over(kinds[code], out.pop(code, {}), given, fresh.get(code, {}))
        if answer:
            out[code] = answer
    order = {element["code"]: place for place, element in enumerate(elements)}
    return dict(sorted(out.items(), key=lambda entry: order[entry[0]]))


def _over(kind: str, saved: Mapping[str, Any], raw: Any, fresh: Mapping[str, Any]) -> dict[str, Any]:
    if raw is None:
        return {}
    if kind in PARTWISE:
        # What was sent as null was left out by the reading.
        kept = {part: value for part, value in saved.items() if part not in raw}
        return {**kept, **fresh}
    if kind == MAXDIFF:
        # A set is one question: its two ends are saved together.
        sets = {place: chosen for place, chosen in {**_sets(saved), **_sets(fresh)}.items() if chosen}
        return {"sets": sets} if sets else {}
    return {name: value for name, value in fresh.items() if value not in ("", [])}


def _sets(answer: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: Mapping[str, Mapping[str, Any]] = answer.get("sets") or {}
    return {
        place: {end: code for end, code in chosen.items() if code is not None}
        for place, chosen in found.items()
    }


def progress(elements: Sequence[Element], answers: Mapping[str, Any]) -> tuple[int, int]:
    """How many of the questions that this person sees are answered whole, and how many they are."""
    seen = set(visible(elements, answers))
    asked = [one for one in elements if one["code"] in seen and one["kind"] in ANSWERED]
    return sum(answered(element, answers.get(element["code"], {})) for element in asked), len(asked)


def point_of(rating: int | str) -> int | None:
    """The stored point; None for not applicable."""
    return rating if isinstance(rating, int) else None


def pair_of(importance: int | None, ability: int | None) -> dict[str, Any]:
    """The answer to a pair from its stored points."""
    points = (importance, ability)
    return {
        side: NOT_APPLICABLE if point is None else point for side, point in zip(SIDES, points, strict=True)
    }
