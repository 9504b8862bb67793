"""Sums beside sums: when one more of them singles somebody out."""

from __future__ import annotations

import numpy as np

from services.surveys.methods.singling import MOST, singles_out


def members(n: int, *rows: int) -> np.ndarray:
    found = np.zeros(n)
    found[list(rows)] = 1
    return found


def sums(*columns: np.ndarray) -> np.ndarray:
    return np.stack(columns, axis=1)


EVERYBODY = np.ones(20)
HALF = members(20, *range(10))


def test_a_sum_of_all_but_four_gives_them_away_and_of_all_but_five_does_not() -> None:
    assert singles_out(sums(EVERYBODY), members(20, *range(16)))
    assert not singles_out(sums(EVERYBODY), members(20, *range(15)))
    assert not singles_out(sums(EVERYBODY), EVERYBODY)


def test_a_group_and_the_same_group_without_one_differ_by_that_one() -> None:
    assert singles_out(sums(EVERYBODY, HALF), members(20, *range(9)))
    assert singles_out(sums(EVERYBODY, HALF), members(20, *range(11)))
    # The difference is about four people, then about six; of a corner alone there is no combination.
    assert singles_out(sums(EVERYBODY, HALF), members(20, *range(8), 10, 11))
    assert not singles_out(sums(EVERYBODY, HALF), members(20, *range(7), 10, 11, 12))


def test_two_groups_may_meet_in_what_the_pairs_leave_but_one() -> None:
    # Group less other group is ten people, and the pairs are nine of them.
    group, other = members(30, *range(20)), members(30, *range(10))
    pairs = members(30, *range(10, 19))
    assert not singles_out(sums(np.ones(30), group), pairs)
    assert singles_out(sums(np.ones(30), group, other), pairs)


def test_what_could_be_had_before_is_not_laid_at_its_door() -> None:
    known = sums(EVERYBODY, members(20, 0))
    assert not singles_out(known, HALF)
    assert not singles_out(known, EVERYBODY - members(20, 0))
    assert singles_out(known, EVERYBODY - members(20, 0, 1))


def test_too_many_kinds_of_people_to_look_at_are_a_yes() -> None:
    each = np.arange(MOST + 1.0)
    assert singles_out(sums(np.ones(MOST + 1), each), np.ones(MOST + 1))
    assert not singles_out(sums(np.ones(0)), np.ones(0))
