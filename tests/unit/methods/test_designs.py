"""MaxDiff sets: equal appearances, even pairs, and a balanced design where one is known."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from services.surveys.methods import MethodError
from services.surveys.methods.designs import block_design
from services.surveys.methods.maxdiff import maxdiff_logit


@pytest.mark.parametrize(
    ("items", "size"), [(4, 3), (6, 3), (8, 4), (9, 4), (12, 4), (15, 5), (20, 4), (30, 5)]
)
def test_every_item_stands_equally_often_and_never_twice_in_a_set(items: int, size: int) -> None:
    design = block_design(items, size)
    counts = Counter(item for members in design.sets for item in members)
    assert set(counts.values()) == {design.appearances}
    assert len(counts) == items
    assert all(len(set(members)) == size for members in design.sets)
    assert design.pair_most - design.pair_least <= 2
    pairs = Counter(pair for members in design.sets for pair in combinations(members, 2))
    assert max(pairs.values()) == design.pair_most


@pytest.mark.parametrize(
    ("items", "size", "appearances"), [(7, 3, 3), (7, 4, 4), (9, 3, 4), (13, 4, 4), (6, 3, 5)]
)
def test_balanced_designs_are_found_where_they_are_known(items: int, size: int, appearances: int) -> None:
    design = block_design(items, size, appearances=appearances)
    assert design.balanced
    assert design.pair_least == appearances * (size - 1) // (items - 1)


def test_the_same_seed_gives_the_same_sets_and_the_logit_can_use_them() -> None:
    design = block_design(8, 4, seed=5)
    assert design == block_design(8, 4, seed=5)
    assert maxdiff_logit(np.zeros(8, dtype=np.int64), np.array(design.sets), 10).tolist() == pytest.approx(
        [0] * 8
    )


@pytest.mark.parametrize(
    ("items", "size", "appearances"), [(3, 3, 3), (41, 4, 3), (8, 8, 3), (8, 2, 3), (40, 3, 9), (8, 4, 0)]
)
def test_numbers_that_make_no_survey_are_refused(items: int, size: int, appearances: int) -> None:
    with pytest.raises(MethodError, match="bad-design"):
        block_design(items, size, appearances=appearances)
