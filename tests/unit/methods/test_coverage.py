"""Do 95 % intervals hold the truth 95 times in a hundred? Simulated, with a fixed seed."""

from __future__ import annotations

import numpy as np

from services.surveys.methods import Ratings
from services.surveys.methods.bootstrap import bootstrap
from services.surveys.methods.waves import independent_change

PEOPLE, ITEMS, ROUNDS = 60, 5, 300
METHODS = ("mwds", "gap", "rds")
# A skewed population: chances of 1 to 5 points.
IMPORTANCE = np.array([0.02, 0.06, 0.17, 0.35, 0.40])
ABILITY = np.array([0.15, 0.30, 0.30, 0.17, 0.08])
POINTS = np.arange(1, 6)


def truth() -> dict[str, float]:
    importance, ability = float(POINTS @ IMPORTANCE), float(POINTS @ ABILITY)
    joint = np.outer(IMPORTANCE, ABILITY)
    below, above = (float(joint[np.subtract.outer(POINTS, POINTS) * sign > 0].sum()) for sign in (1, -1))
    return {
        "mwds": importance * (importance - ability),
        "gap": importance - ability,
        "rds": 100 * (above - below),
    }


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(2026)
    goal, held = truth(), dict.fromkeys(METHODS, 0)
    for turn in range(ROUNDS):
        importance, ability = (
            generator.choice(POINTS, (PEOPLE, ITEMS), p=chances).astype(float)
            for chances in (IMPORTANCE, ABILITY)
        )
        data = Ratings(importance, ability, tuple("abcde"))
        for name, found in bootstrap(data, seed=turn, methods=METHODS).items():
            assert bool(found.corrected.all())
            held[name] += int(((found.low <= goal[name]) & (goal[name] <= found.high)).sum())
    shares = {name: count / (ROUNDS * ITEMS) for name, count in held.items()}
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


def test_intervals_of_a_change_between_two_groups_cover_it() -> None:
    """Waves of different size; in the later one, ability has risen."""
    generator = np.random.default_rng(2027)
    risen = ABILITY[::-1]
    importance, before, after = (float(POINTS @ chances) for chances in (IMPORTANCE, ABILITY, risen))
    goal = {"gap": before - after, "mwds": importance * (before - after)}
    held = dict.fromkeys(goal, 0)
    for turn in range(ROUNDS):
        first, last = (
            Ratings(
                generator.choice(POINTS, (n, ITEMS), p=IMPORTANCE).astype(float),
                generator.choice(POINTS, (n, ITEMS), p=ability).astype(float),
                tuple("abcde"),
            )
            for n, ability in ((PEOPLE, ABILITY), (45, risen))
        )
        for change in independent_change(first, last, seed=turn):
            for name, value in goal.items():
                span = getattr(change, name)
                held[name] += int(span.low <= value <= span.high)
    shares = {name: count / (ROUNDS * ITEMS) for name, count in held.items()}
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares
