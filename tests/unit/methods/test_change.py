"""Change: effect sizes, waves of the same people, and the inner yardstick that moves."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods import MethodError, Ratings
from services.surveys.methods.effect import correction, hedges_g, hedges_g_paired
from services.surveys.methods.response_shift import response_shift
from services.surveys.methods.waves import paired_change

ONE = np.array([1.0, 2, 3, 4, 5])


def test_correction_is_hedges_own() -> None:
    # Hedges 1981, table 1, to four digits.
    assert [correction(df) for df in (2, 8, 20, 50)] == pytest.approx(
        [0.5642, 0.9027, 0.9619, 0.9849], abs=1e-4
    )


def test_g_of_two_groups_by_hand() -> None:
    effect = hedges_g(ONE, ONE + 2, seed=1)
    assert effect.g == pytest.approx(0.9027 * 2 / np.sqrt(2.5), abs=1e-4)
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < effect.g < effect.high
    assert effect.n == 10


def test_g_of_pairs_counts_complete_pairs_only() -> None:
    before = np.array([1.0, 2, 3, 4, 5, np.nan, 5])
    after = np.array([2.0, 3, 3, 5, 6, 4, np.nan])
    effect = hedges_g_paired(before, after, seed=1)
    spread = np.sqrt((np.var(before[:5], ddof=1) + np.var(after[:5], ddof=1)) / 2)
    assert effect.n == 5
    assert effect.g == pytest.approx(correction(4) * 0.8 / spread)


def test_effect_refuses_few_and_equal() -> None:
    with pytest.raises(MethodError, match="too-few-responses"):
        hedges_g(ONE[:4], ONE, seed=1)
    with pytest.raises(MethodError, match="no-variation"):
        hedges_g(np.ones(6), np.ones(6), seed=1)
    with pytest.raises(MethodError, match="bad-shape"):
        hedges_g_paired(ONE, ONE[:4], seed=1)
    with pytest.raises(MethodError, match="bad-resamples"):
        hedges_g(ONE, ONE, seed=1, resamples=5)


def waves(shift: float, n: int = 30) -> tuple[Ratings, Ratings]:
    generator = np.random.default_rng(7)
    importance = generator.integers(3, 6, (n, 2)).astype(float)
    ability = generator.integers(1, 4, (n, 2)).astype(float)
    later = ability.copy()
    later[:, 0] = np.minimum(5, ability[:, 0] + shift)
    items = ("need", "other")
    return Ratings(importance, ability, items), Ratings(importance, later, items)


def test_a_need_that_shrank_has_an_interval_below_zero_and_the_other_has_none() -> None:
    before, after = waves(2)
    need, other = paired_change(before, after, seed=3)
    assert need.gap is not None
    assert other.gap is not None
    assert need.gap.change == pytest.approx(-2)
    assert need.gap.high < 0
    assert (other.gap.change, other.gap.low, other.gap.high) == (0, 0, 0)
    assert need.p_holm is not None
    assert need.p_holm < 0.001
    assert need.n == 30
    assert need.effect is not None
    assert need.effect.g < -1


def test_only_people_of_both_waves_count_and_few_are_hidden() -> None:
    before, after = waves(1)
    gone = np.array(after.ability)
    gone[5:, 0] = np.nan
    gone[4:, 1] = np.nan
    need, other = paired_change(before, Ratings(after.importance, gone, after.items), seed=3)
    assert need.n == 5
    assert (other.suppressed, other.n, other.gap) == (True, None, None)


def test_waves_of_other_items_are_refused() -> None:
    before, after = waves(1)
    with pytest.raises(MethodError, match="bad-shape"):
        paired_change(before, Ratings(after.importance, after.ability, ("x", "y")), seed=1)


def test_response_shift_splits_the_change() -> None:
    pre, post, then = (np.array(values, dtype=float) for values in (
        [4, 4, 3, 4, 5, 4], [4, 5, 4, 4, 5, 4], [2, 3, 2, 3, 3, np.nan],
    ))  # fmt: skip
    found = response_shift(pre, post, then, seed=2)
    assert found.n == 5
    assert (found.observed.value, found.adjusted.value, found.shift.value) == pytest.approx((0.4, 1.8, -1.4))
    assert found.shift.high < 0 < found.adjusted.low
