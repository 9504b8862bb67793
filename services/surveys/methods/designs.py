"""Sets for MaxDiff: each item equally often, each pair of items as equally often as the numbers allow."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import IntArray

MIN_ITEMS, MAX_ITEMS = 4, 40
MAX_SETS = 60
TRIES, STEPS = 12, 6000


@dataclass(frozen=True)
class Design:
    """`sets` of item indexes in rising order; every item stands in `appearances` sets, every pair in `pair_least` to
    `pair_most` of them. `balanced`: a balanced incomplete block design, that is, both are the same.
    """

    sets: tuple[tuple[int, ...], ...]
    appearances: int
    pair_least: int
    pair_most: int

    @property
    def balanced(self) -> bool:
        """Whether every pair of items meets equally often."""
        return self.pair_least == self.pair_most


def block_design(items: int, size: int = 4, *, appearances: int = 3, seed: int = 1) -> Design:
    """Divide items over sets of `size`, each item in at least `appearances` of them.

    Method: the number of appearances r is raised until r x items divides by size; sets are filled in turn from a
    shuffled deck and then improved by exchanging items between sets while the squared pair counts fall, from several
    seeded starts. Where the counts allow a balanced design (r (size - 1) / (items - 1) a whole number) and the search
    finds it, it is returned; else the most even one found.
    Source: Louviere, Flynn and Marley 2015, Best-Worst Scaling, chapter 3 (balanced incomplete blocks); John and
    Williams 1995, Cyclic and Computer Generated Designs, chapter 4 (interchange).
    Units: indexes from 0. The same arguments give the same design. Limits: 4 to 40 items, 3 to 6 in a set, fewer than
    the items themselves, at most 60 sets.
    Raises MethodError `bad-design`.
    """
    sound = MIN_ITEMS <= items <= MAX_ITEMS and 3 <= size <= 6 and size < items and appearances >= 1
    times = _appearances(items, size, appearances) if sound else 0
    if not sound or items * times // size > MAX_SETS:
        raise MethodError("bad-design", {"items": items, "size": size, "sets": MAX_SETS})
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, items, size, times])))
    found: list[tuple[int, IntArray]] = []
    while len(found) < TRIES and (not found or found[-1][0] > _floor(items, size, times)):
        sets = _improved(_start(items, size, times, generator), items, generator)
        found.append((int((_pairs(sets, items) ** 2).sum()), sets))
    return _design(min(found, key=lambda pair: pair[0])[1], items, times)


def _appearances(items: int, size: int, wanted: int) -> int:
    step = size // gcd(items, size)
    return -(-wanted // step) * step


def _start(items: int, size: int, times: int, generator: np.random.Generator) -> IntArray:
    """Sets without an item twice: decks of all items one after the other, repaired where a set straddles two."""
    while True:
        deck = np.concatenate([generator.permutation(items) for _ in range(times)]).reshape(-1, size)
        for place, members in enumerate(deck):
            if len(set(members.tolist())) < size and not _repair(deck, place, generator):
                break
        else:
            return deck.astype(np.int64)


def _repair(deck: IntArray, place: int, generator: np.random.Generator) -> bool:
    """Exchange what stands twice in a set with another set that lacks it."""
    for _ in range(200):
        members = deck[place].tolist()
        twice = [at for at, item in enumerate(members) if item in members[:at]]
        if not twice:
            return True
        other, spot = int(generator.integers(len(deck))), int(generator.integers(deck.shape[1]))
        given, taken = members[twice[0]], int(deck[other, spot])
        if other != place and taken not in members and given not in deck[other].tolist():
            deck[place, twice[0]], deck[other, spot] = taken, given
    return False


def _improved(sets: IntArray, items: int, generator: np.random.Generator) -> IntArray:
    pairs = _pairs(sets, items)
    count, size = sets.shape
    draws = generator.integers(0, [count, size, count, size], size=(STEPS, 4))
    for first, i, second, j in draws.tolist():
        a, b = int(sets[first, i]), int(sets[second, j])
        if first == second or b in sets[first] or a in sets[second]:
            continue
        left, right = np.delete(sets[first], i), np.delete(sets[second], j)
        # Each exchange takes away and adds the same number of pairs, so only the squares' sum can fall.
        change = int((pairs[b, left] - pairs[a, left]).sum() + (pairs[a, right] - pairs[b, right]).sum())
        overlap = 2 * (size - 1) - 2 * len(np.intersect1d(left, right))
        if change + overlap <= 0:
            for item, others, step in ((a, left, -1), (b, right, -1), (b, left, 1), (a, right, 1)):
                pairs[item, others] += step
                pairs[others, item] += step
            sets[first, i], sets[second, j] = b, a
    return sets


def _pairs(sets: IntArray, items: int) -> IntArray:
    """How many sets each pair of items shares; shape (items, items), 0 on the diagonal."""
    inside = np.zeros((len(sets), items), dtype=np.int64)
    np.put_along_axis(inside, sets, 1, axis=1)
    pairs = inside.T @ inside
    np.fill_diagonal(pairs, 0)
    return pairs


def _floor(items: int, size: int, times: int) -> int:
    """The least sum of squared pair counts that the numbers allow: all counts alike, or one apart."""
    meetings, others = times * (size - 1), items - 1
    low, extra = divmod(meetings, others)
    return items * ((others - extra) * low**2 + extra * (low + 1) ** 2)


def _design(sets: IntArray, items: int, times: int) -> Design:
    pairs = _pairs(sets, items)[np.triu_indices(items, 1)]
    ordered = tuple(sorted(tuple(sorted(members)) for members in sets.tolist()))
    return Design(ordered, times, int(pairs.min()), int(pairs.max()))
