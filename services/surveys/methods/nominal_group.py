"""Nominal group technique: the votes of a small group, and where it is split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ranks import competition_ranks

TOP = 5
MINIMUM = 5
POLARISED = 3


@dataclass(frozen=True)
class Voted:
    """One idea: `points` in all, `votes` people who gave it any, `rank` from 1 (shared when `tied`).

    `polarised`: at least three people gave it the most points and at least three others who voted gave it one point
    or none, so that the sum hides two camps.
    """

    item: str
    points: int
    votes: int
    rank: int
    tied: bool
    polarised: bool


def nominal_group(
    ballots: Sequence[Mapping[str, int]], items: Sequence[str], *, top: int = TOP
) -> tuple[Voted, ...]:
    """Count the ballots of one round; each gives `top`, `top` - 1, … 1 points to as many different ideas.

    Formula: points = sum over ballots; ranked by points, then shown with the number of votes.
    Source: Delbecq, Van de Ven and Gustafson 1975, Group Techniques for Program Planning.
    Units: points. Limits: made for five to twelve people; under five nothing is shown. A ballot may stop short of
    `top` ideas, from the most points downwards; no points twice.
    Raises MethodError `too-few-responses`, `bad-ballot` (an idea that is not there, points twice or outside
    1..`top`, a gap).
    """
    if len(ballots) < MINIMUM:
        raise MethodError("too-few-responses", {"n": len(ballots), "minimum": MINIMUM})
    table = np.array([_row(ballot, items, top) for ballot in ballots], dtype=np.int64).reshape(
        len(ballots), -1
    )
    points, votes = table.sum(axis=0), (table > 0).sum(axis=0)
    ranks, tied = competition_ranks(points.astype(np.float64))
    camps = ((table == top).sum(axis=0) >= POLARISED) & ((table <= 1).sum(axis=0) >= POLARISED)
    rows = zip(items, *(column.tolist() for column in (points, votes, ranks, tied, camps)), strict=True)
    return tuple(
        sorted((Voted(*row) for row in rows), key=lambda voted: (voted.rank, -voted.votes, voted.item))
    )


def _row(ballot: Mapping[str, int], items: Sequence[str], top: int) -> list[int]:
    given = sorted(ballot.values(), reverse=True)
    unknown = set(ballot) - set(items)
    if unknown or given != list(range(top, top - len(given), -1)):
        raise MethodError("bad-ballot", {"top": top})
    return [ballot.get(item, 0) for item in items]
