"""Attributes of people in a file that leaves the platform: no combination of them may belong to a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from services.surveys.methods.errors import MethodError
from services.surveys.methods.groups import THRESHOLD

WITHHELD = "*"
"""Stands for a value that was blanked; no attribute may have it as a value of its own."""

Row = tuple[str, ...]


def k_anonymous(rows: Sequence[Row], k: int = THRESHOLD) -> list[Row]:
    """The rows with so many values blanked (`WITHHELD`) that every combination that is left stands in k rows or none.

    Method: local suppression. While a combination stands in fewer than k rows, its row loses the value that is rarest
    in the file (of equal ones, the attribute that comes last); a combination with nothing left to lose, a wholly
    blanked one in fewer than k rows, takes the rows of the smallest combination with it. Blanked values count as a
    value of their own, so that blanked people hide among each other as well.
    Source: Sweeney 2002, International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10(5):557-570
    (k-anonymity); Hundepool et al. 2012, Statistical Disclosure Control, chapter 3 (local suppression).
    Units: people. Limits: covers the attributes given, not what people wrote or how rare their other answers are.
    Under k rows in all, everything is blanked. Raises MethodError `bad-threshold` below 2, `bad-shape` on rows of
    unequal length.
    """
    if k < 2:
        raise MethodError("bad-threshold", {"minimum": 2})
    if len({len(row) for row in rows}) > 1:
        raise MethodError("bad-shape", {"people": len(rows)})
    found = [list(row) for row in rows]
    if not found or not found[0]:
        return list(rows)
    if len(found) < k:
        return [(WITHHELD,) * len(row) for row in found]
    rarity = [Counter(row[at] for row in rows) for at in range(len(found[0]))]
    while small := _smallest(found, k):
        members = [row for row in found if tuple(row) == small]
        if all(value == WITHHELD for value in small):
            _join_smallest(found, small)
        else:
            place = min(
                (at for at, value in enumerate(small) if value != WITHHELD),
                key=lambda at: (rarity[at][small[at]], -at),
            )
            for row in members:
                row[place] = WITHHELD
    return [tuple(row) for row in found]


def blanked(before: Sequence[Row], after: Sequence[Row], names: Sequence[str]) -> Mapping[str, int]:
    """How many values of each attribute were blanked, by name, in people."""
    return {
        name: sum(old[at] != new[at] for old, new in zip(before, after, strict=True))
        for at, name in enumerate(names)
    }


def _smallest(found: Sequence[Sequence[str]], k: int) -> Row | None:
    """The combination under k with the most values left, then the rarest; None when all have k."""
    small = [(row, n) for row, n in Counter(map(tuple, found)).items() if n < k]
    return min(small, key=lambda one: (one[0].count(WITHHELD), one[1], one[0]), default=(None, 0))[0]


def _join_smallest(found: Sequence[list[str]], blank: Row) -> None:
    """Blank the smallest other combination wholly, so that the blanked ones become more."""
    others = Counter(tuple(row) for row in found if tuple(row) != blank)
    victim = min(others, key=lambda row: (others[row], row))
    for row in found:
        if tuple(row) == victim:
            row[:] = blank
