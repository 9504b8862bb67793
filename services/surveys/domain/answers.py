"""Answers on their way in: read, laid over what was saved, checked for completeness.

Shape everywhere: `{item id: {"importance": 1..5 | "na" | None, "ability": …}}`; None or absent is no answer yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.errors import FieldProblem, Invalid

SIDES = ("importance", "ability")
NOT_APPLICABLE = "na"
Rating = int | str | None
Answers = dict[str, dict[str, Rating]]


def read_answers(raw: Mapping[str, Any], items: Collection[str], points: int) -> Answers:
    """Answers off the wire, for a survey whose item ids are `items`.

    Raises Invalid: `items.<id>` unknown-item or wrong-type, `items.<id>.<side>` out-of-range or unknown-field.
    """
    problems: list[FieldProblem] = []
    for item, pair in raw.items():
        problems += _problems(item, pair, items, points)
    if problems:
        raise Invalid("bad-answers", fields=problems[:100])
    return {item: dict(pair) for item, pair in raw.items()}


def _problems(item: str, pair: Any, items: Collection[str], points: int) -> list[FieldProblem]:
    path = f"items.{item[:40]}"
    if item not in items:
        return [FieldProblem(path, "unknown-item")]
    if not isinstance(pair, Mapping):
        return [FieldProblem(path, "wrong-type")]
    wrong = [FieldProblem(path, "unknown-field")] if set(pair) - set(SIDES) else []
    limits = {"min": 1, "max": points}
    return wrong + [
        FieldProblem(f"{path}.{side}", "out-of-range", limits)
        for side in SIDES
        if side in pair and not is_rating(pair[side], points)
    ]


def is_rating(value: Any, points: int) -> bool:
    """A point of the scale, not applicable, or no answer."""
    if value is None or value == NOT_APPLICABLE:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= points


def merged(saved: Answers, fresh: Answers) -> Answers:
    """`fresh` over `saved`, scale by scale; None takes an answer back."""
    out: Answers = {}
    for item in [*saved, *(key for key in fresh if key not in saved)]:
        pair = {**saved.get(item, {}), **fresh.get(item, {})}
        kept: dict[str, Rating] = {side: value for side, value in pair.items() if value is not None}
        if kept:
            out[item] = kept
    return out


def complete(answers: Answers) -> int:
    """Items with both answers."""
    return sum(all(pair.get(side) is not None for side in SIDES) for pair in answers.values())


def require_complete(answers: Answers, items: Sequence[str]) -> None:
    """Raises Invalid with one `missing` per unanswered scale of each item, in the items' order."""
    missing = [
        FieldProblem(f"items.{item}.{side}", "missing")
        for item in items
        for side in SIDES
        if answers.get(item, {}).get(side) is None
    ]
    if missing:
        raise Invalid("incomplete-answers", fields=missing, missing=len(missing))


def point_of(rating: Rating) -> int | None:
    """The stored point; None for not applicable."""
    return rating if isinstance(rating, int) else None
