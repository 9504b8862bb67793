"""Whether one more published sum lets fewer than five people be found by adding and subtracting what is published."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np

from services.surveys.methods.groups import THRESHOLD
from services.surveys.methods.ratings import FloatArray, IntArray

MOST = 24
"""Small kinds of people up to which every set is looked at."""
ZERO = 1e-9


def singles_out(known: FloatArray, more: FloatArray) -> bool:
    """Whether some combination of the sums is about one to four people with `more`, and was not without it.

    `known`: shape (people, sums), what each person weighs in each sum that is published (1 or 0 for a group); `more`:
    shape (people,), the same of the sum in question.
    Method: people who weigh the same in every sum cannot be told apart, so a combination gives one number to each such
    kind. One that is zero outside a set of kinds exists where the set's block of I - H is singular, H being the
    projection onto the sums (linear algebra); its nullity counts them. Every set of kinds of under five people together is
    looked at. True as well where there are more than 24 kinds of under five people: too many to look at, so the answer is
    the careful one.
    Limits: sums alone; what a published range or test says beside them is judged where it is published.
    """
    if len(more) == 0:
        return False
    kinds, sizes = np.unique(np.column_stack([known, more]), axis=0, return_counts=True)
    small = [int(at) for at in np.flatnonzero(sizes < THRESHOLD)]
    if len(small) > MOST:
        return True
    without, with_it = (_left(part) for part in (kinds[:, :-1], kinds))
    sets = chain.from_iterable(combinations(small, size) for size in range(1, THRESHOLD))
    by_size: dict[int, list[tuple[int, ...]]] = {}
    for chosen in sets:
        if sizes[list(chosen)].sum() < THRESHOLD:
            by_size.setdefault(len(chosen), []).append(chosen)
    return any(
        bool((_nullity(with_it, np.array(same)) > _nullity(without, np.array(same))).any())
        for same in by_size.values()
    )


def _left(columns: FloatArray) -> FloatArray:
    """I - H: what no combination of the columns reaches."""
    vectors, values, _ = np.linalg.svd(columns, full_matrices=False)
    basis = vectors[:, values > ZERO * max(1.0, float(values.max(initial=0.0)))]
    found: FloatArray = np.eye(len(columns)) - basis @ basis.T
    return found


def _nullity(left: FloatArray, sets: IntArray) -> IntArray:
    """How many independent combinations each set of kinds holds alone."""
    blocks = left[sets[:, :, np.newaxis], sets[:, np.newaxis, :]]
    found: IntArray = (np.linalg.eigvalsh(blocks) < ZERO).sum(axis=1)
    return found
