"""Item statistics of classical test theory, over each learner's first submitted attempt.

*Difficulty* is the mean credit, 0 (nobody) to 1 (everybody). *Discrimination* is the correlation of a question's
credit with the points of all other questions of the same attempt (the corrected point-biserial): near 1, who knows
the rest knows this; near 0 or below, look at the question again. Fewer than five people give nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from services.courses.domain.questions import kind_of
from services.courses.domain.quiz import FEWEST, Asked

Attempt = tuple[Sequence[Asked], Mapping[str, Any], Mapping[str, Any]]
"""Paper, answers by question id, marks by question id (`{"credit", "points"}`)."""


def statistics(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """A line for each version of each question that was asked, in the order in which they were first met."""
    asked: dict[tuple[str, int], list[tuple[Asked, Any, float, float]]] = defaultdict(list)
    for paper, answers, marks in attempts:
        total = sum(mark["points"] for mark in marks.values())
        for one in paper:
            mark = marks[one["id"]]
            line = (one, answers.get(one["id"]), mark["credit"], total - mark["points"])
            asked[one["id"], one["version"]].append(line)
    return [_line(lines) for lines in asked.values()]


def _line(lines: Sequence[tuple[Asked, Any, float, float]]) -> dict[str, Any]:
    one = lines[0][0]
    enough = len(lines) >= FEWEST
    earned = [credit for _, _, credit, _ in lines]
    return {
        "question_id": one["id"], "version": one["version"], "kind": one["question"]["kind"],
        "stem": one["question"]["stem"], "answers": len(lines) if enough else None,
        "difficulty": round(sum(earned) / len(earned), 4) if enough else None,
        "discrimination": correlation(earned, [rest for *_, rest in lines]) if enough else None,
        "unanswered": sum(1 for _, answer, *_ in lines if answer is None) if enough else None,
        "options": _options(lines) if enough else None,
    }  # fmt: skip


def _options(lines: Sequence[tuple[Asked, Any, float, float]]) -> list[dict[str, Any]]:
    question = lines[0][0]["question"]
    kind = kind_of(question)
    chosen: Counter[int] = Counter()
    for one, answer, *_ in lines:
        if answer is not None:
            chosen.update(kind.chosen(one["question"], one["layout"], answer))
    return [
        {"text": text, "correct": right, "chosen": chosen[at]}
        for at, (text, right) in enumerate(kind.options(question))
    ]


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's r; None where either side does not vary."""
    n = len(xs)
    mx, my = sum(xs) / n, sum(ys) / n
    spread = math.sqrt(sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys))
    if spread < 1e-9:
        return None
    return round(sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / spread, 4)
