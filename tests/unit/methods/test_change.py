"""Change: effect sizes, waves of the same people, and the inner yardstick that moves."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods import MethodError, Ratings
from services.surveys.methods.bootstrap import streams
from services.surveys.methods.effect import correction, hedges_g, hedges_g_paired
from services.surveys.methods.response_shift import response_shift
from services.surveys.methods.waves import GroupsChange, independent_change, paired_change

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


def one_item(importance: list[float], ability: list[float], item: str = "need") -> Ratings:
    return Ratings(np.array(importance)[:, np.newaxis], np.array(ability)[:, np.newaxis], (item,))


# Gaps 3 2 2 1 2 (mean 2, squared deviations 2), then 1 0 1 2 1 0 (mean 5/6, squared deviations 17/6).
FIRST = one_item([5, 4, 5, 4, 5], [2, 2, 3, 3, 3])
LATER = one_item([5, 4, 4, 5, 4, 5], [4, 4, 3, 3, 3, 5])


def test_two_groups_of_people_by_hand() -> None:
    (found,) = independent_change(FIRST, LATER, seed=5)
    assert (found.n_before, found.n_after, found.indicative, found.suppressed) == (5, 6, True, False)
    assert found.gap is not None
    assert found.mwds is not None
    assert found.effect is not None
    assert (found.gap.before, found.gap.after) == pytest.approx((2, 5 / 6))
    assert found.gap.change == pytest.approx(5 / 6 - 2)
    assert (found.mwds.before, found.mwds.after) == pytest.approx((4.6 * 2, 4.5 * 5 / 6))
    assert found.effect.g == pytest.approx(correction(9) * (5 / 6 - 2) / np.sqrt((2 + 17 / 6) / 9))
    assert found.effect.n == 11
    assert found.gap.low < found.gap.change < found.gap.high < 0


def test_effect_of_two_groups_is_that_of_the_function_for_two_groups() -> None:
    (found,) = independent_change(FIRST, LATER, seed=5)
    gaps = [(wave.importance - wave.ability)[:, 0] for wave in (FIRST, LATER)]
    same = hedges_g(*gaps, seed=8)
    assert found.effect is not None
    assert found.effect.g == pytest.approx(same.g)
    assert found.effect.low == pytest.approx(same.low, abs=0.15)


def test_order_of_people_and_items_changes_no_figure_of_two_groups() -> None:
    before, after = waves(1)
    mixed = [
        Ratings(wave.importance[::-1, ::-1], wave.ability[::-1, ::-1], wave.items[::-1])
        for wave in (before, after)
    ]
    assert independent_change(*mixed, seed=3)[::-1] == independent_change(before, after, seed=3)


def test_each_wave_is_drawn_by_itself() -> None:
    # Drawn alike, equal waves would differ by nothing in every resample.
    (found,) = independent_change(FIRST, FIRST, seed=5)
    assert found.gap is not None
    assert (found.gap.change, found.effect and found.effect.g) == (0, 0)
    assert found.gap.low < -0.3
    assert found.gap.high > 0.3
    assert len({stream.spawn_key for stream in streams(5, 2)}) == 2


def test_the_same_people_paired_have_the_narrower_interval() -> None:
    before, after = waves(1)
    paired, apart = (
        function(before, after, seed=3)[0].gap for function in (paired_change, independent_change)
    )
    assert paired is not None
    assert apart is not None
    assert paired.change == pytest.approx(apart.change)
    assert paired.high - paired.low < apart.high - apart.low


def test_groups_under_five_in_either_wave_are_hidden() -> None:
    few = one_item([5, 4, 5, 4, np.nan], [2, 2, 3, 3, 3])
    for first, last in ((few, LATER), (LATER, few)):
        (found,) = independent_change(first, last, seed=1)
        assert found == GroupsChange("need", suppressed=True)
    with pytest.raises(MethodError, match="bad-shape"):
        independent_change(FIRST, one_item([5], [1], "other"), seed=1)
    with pytest.raises(MethodError, match="bad-resamples"):
        independent_change(FIRST, LATER, seed=1, resamples=10)


def test_equal_gaps_have_no_effect_size() -> None:
    flat = one_item([5] * 6, [3] * 6)
    (found,) = independent_change(flat, flat, seed=1)
    assert found.effect is None
    assert found.gap is not None
    assert (found.gap.low, found.gap.high) == (0, 0)
