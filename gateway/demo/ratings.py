"""Plausible ratings for demo answers: people differ, items differ, and some things do not apply."""

from __future__ import annotations

import random
from collections.abc import Sequence

Rating = int | str


def ratings_of(member: int, codes: Sequence[str], seed: int) -> dict[str, dict[str, Rating]]:
    """One member's answers, `{code: {importance, ability}}` with 1..5 or "na"; the same for the same seed.

    Item k has an importance around 4.6, 4.5, 4.4 … and an ability that rises with k, so that a few needs stand
    out, the middle is close, and the last are no needs at all.
    """
    rng = random.Random(f"{seed}:{member}")
    generosity = rng.gauss(0, 0.35)
    answers: dict[str, dict[str, Rating]] = {}
    for position, code in enumerate(codes):
        share = position / max(1, len(codes) - 1)
        importance = rng.gauss(4.7 - 1.1 * share + generosity / 2, 0.55)
        ability = rng.gauss(2.2 + 1.5 * share + generosity, 0.75)
        answers[code] = {"importance": _point(importance), "ability": _point(ability)}
        if rng.random() < 0.03:
            answers[code]["ability"] = "na"
    return answers


def _point(value: float) -> int:
    return max(1, min(5, round(value)))
