"""Properties that hold for any ratings, and the edges where methods refuse."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from services.surveys.methods import MethodError, Ratings, ratings_from_rows, suppress
from services.surveys.methods.bootstrap import CHUNK_CELLS, bootstrap, resample_counts
from services.surveys.methods.borich import mwds
from services.surveys.methods.hennessy_hicks import hennessy_hicks, holm, signed_rank_p
from services.surveys.methods.ipa import cut_lines
from services.surveys.methods.kendall import kendall_w, spearman
from services.surveys.methods.pni import pni_from_means, pni_modified
from services.surveys.methods.quantiles import iqr
from services.surveys.methods.ranked_discrepancy import ranked_discrepancy
from services.surveys.methods.ranks import competition_ranks, top_shares

NAN = float("nan")


@st.composite
def any_ratings(draw: st.DrawFn, missing: bool = True) -> Ratings:
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    points = st.integers(1, 5).map(float)
    cells = st.one_of(points, st.just(NAN)) if missing else points
    shape = (n, m)
    importance = draw(arrays(np.float64, shape, elements=cells))
    ability = draw(arrays(np.float64, shape, elements=cells))
    importance[0], ability[0] = 3.0, 2.0
    return Ratings(importance, ability, tuple(f"q{i}" for i in range(m)))


def sample(n: int, items: int, seed: int) -> Ratings:
    generator = np.random.default_rng(seed)
    lift = np.linspace(0, 2, items)
    importance = np.clip(np.rint(generator.normal(3 + lift / 2, 0.8, (n, items))), 1, 5)
    ability = np.clip(np.rint(generator.normal(3 - lift / 2, 0.8, (n, items))), 1, 5)
    return Ratings(importance, ability, tuple(f"q{i:02}" for i in range(items)))


def code_of(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(MethodError) as caught:
        call(*args, **named)
    return caught.value.code


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_ratings(), st.randoms(use_true_random=False))
def test_methods_ignore_the_order_of_respondents(data: Ratings, random: Any) -> None:
    order = list(range(data.respondents))
    random.shuffle(order)
    mixed = Ratings(data.importance[order], data.ability[order], data.items)
    for method in (mwds, pni_modified):
        assert method(mixed).tolist() == method(data).tolist()
    assert ranked_discrepancy(mixed).score.tolist() == ranked_discrepancy(data).score.tolist()
    assert mixed.sha256() == data.sha256()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_ratings(), st.randoms(use_true_random=False))
def test_methods_follow_the_items_when_columns_move(data: Ratings, random: Any) -> None:
    order = list(range(len(data.items)))
    random.shuffle(order)
    moved = Ratings(data.importance[:, order], data.ability[:, order], tuple(data.items[i] for i in order))
    assert mwds(moved).tolist() == mwds(data)[order].tolist()
    assert moved.sha256() == data.sha256()


@given(any_ratings())
def test_scores_stay_in_their_bounds(data: Ratings) -> None:
    ranked = ranked_discrepancy(data)
    assert np.all((mwds(data) >= -6.25 - 1e-12) & (mwds(data) <= 20 + 1e-12))
    assert np.all((pni_modified(data) >= -0.8 - 1e-12) & (pni_modified(data) <= 4 + 1e-12))
    assert np.all(np.abs(ranked.score) <= 100)
    assert (ranked.negative + ranked.positive + ranked.tied).tolist() == data.n_per_item.tolist()
    assert np.all(
        np.abs(ranked.negative_percent + ranked.positive_percent + ranked.tied_percent - 100) < 1e-9
    )


@given(any_ratings(missing=False))
def test_lower_ability_never_lowers_a_need(data: Ratings) -> None:
    weaker = Ratings(data.importance, np.maximum(data.ability - 1, 1), data.items)
    assert np.all(mwds(weaker) >= mwds(data) - 1e-12)
    assert np.all(pni_modified(weaker) >= pni_modified(data) - 1e-12)
    assert np.all(ranked_discrepancy(weaker).score <= ranked_discrepancy(data).score + 1e-12)
    assert np.all(hennessy_hicks(weaker).gap >= hennessy_hicks(data).gap - 1e-12)


def test_half_answered_pairs_do_not_count() -> None:
    data = ratings_from_rows([[(5, 1)], [(5, None)], [(None, 1)], [None], [(3, 3)]], ["q"])
    assert data.n_per_item.tolist() == [2]
    assert mwds(data).tolist() == [8.0]


def test_item_without_a_pair() -> None:
    assert code_of(mwds, ratings_from_rows([[(5, None)]], ["q"])) == "too-few-item-responses"


@pytest.mark.parametrize("bad", [0.0, 6.0, 2.5, float("inf")])
def test_ratings_outside_the_scale(bad: float) -> None:
    assert code_of(ratings_from_rows, [[(bad, 3.0)]], ["q"]) == "bad-rating"


@pytest.mark.parametrize("items", [["a", "a"], ["a", ""]])
def test_ratings_item_ids(items: list[str]) -> None:
    assert code_of(ratings_from_rows, [[(1.0, 1.0), (1.0, 1.0)]], items) == "bad-item-ids"


def test_ratings_shapes_and_scale() -> None:
    assert code_of(Ratings, np.ones((2, 2)), np.ones((2, 3)), ("a", "b")) == "bad-shape"
    assert code_of(Ratings, [["x"]], [[1]], ("a",)) == "bad-shape"
    assert code_of(ratings_from_rows, [[None, None], [None]], ["a", "b"]) == "bad-shape"
    assert code_of(Ratings, np.ones((1, 1)), np.ones((1, 1)), ("a",), 1) == "bad-scale"


def test_ratings_cannot_be_changed() -> None:
    source = np.ones((1, 1))
    data = Ratings(source, source, ("a",))
    source[0, 0] = 5
    assert data.importance.tolist() == [[1.0]]
    with pytest.raises(ValueError, match="read-only"):
        data.importance[0, 0] = 2


def test_fingerprint_changes_with_one_point() -> None:
    first = ratings_from_rows([[(5, 1), (2, 2)]], ["a", "b"])
    second = ratings_from_rows([[(5, 2), (2, 2)]], ["a", "b"])
    assert first.sha256() != second.sha256()
    assert first.sha256() != ratings_from_rows([[(5, 1), (2, 2)]], ["a", "c"]).sha256()


def test_signed_rank_exact_with_ties_against_all_signs() -> None:
    moved = np.array([3.0, -1.0, 1.0, 2.0, 2.0, -2.0, 1.0])
    ranks = stats.rankdata(np.abs(moved))
    plus = ranks[moved > 0].sum()
    all_sums = np.array([np.dot(signs, ranks) for signs in product([0, 1], repeat=7)])
    tail = min((all_sums <= plus).mean(), (all_sums >= plus).mean())
    assert signed_rank_p(np.append(moved, 0.0)) == pytest.approx(min(1.0, 2 * tail), abs=1e-12)


def test_signed_rank_agrees_with_scipy() -> None:
    generator = np.random.default_rng(5)
    small, large = generator.normal(0.3, 1, 20), generator.normal(0.1, 1, 200)
    assert signed_rank_p(small) == pytest.approx(stats.wilcoxon(small, method="exact").pvalue, abs=1e-12)
    assert signed_rank_p(large) == pytest.approx(stats.wilcoxon(large, method="approx").pvalue, abs=1e-12)
    assert signed_rank_p(np.zeros(5)) == 1.0


def test_holm_hand_case() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_competition_ranks_ties_are_shared() -> None:
    ranks, tied = competition_ranks(np.array([2.0, 3.0, 2.0 + 1e-12, 1.0]))
    assert ranks.tolist() == [2, 1, 2, 4]
    assert tied.tolist() == [True, False, True, False]


@given(arrays(np.float64, (4, 6), elements=st.integers(0, 3).map(float)), st.integers(1, 8))
def test_top_shares_hand_out_every_place_once(need: np.ndarray[Any, Any], top: int) -> None:
    assert top_shares(need, top).sum(axis=1).tolist() == pytest.approx([min(top, 6)] * 4)


def test_top_shares_tied_for_first_take_half_each() -> None:
    assert top_shares(np.array([[5.0, 5.0, 1.0, np.nan]]), 1).tolist() == [[0.5, 0.5, 0.0, 0.0]]


def test_bootstrap_same_seed_same_bits() -> None:
    data = sample(40, 8, 1)
    one, two, other = (bootstrap(data, seed=s, methods=["mwds"])["mwds"] for s in (7, 7, 8))
    assert one.low.tobytes() == two.low.tobytes()
    assert one.p_top.tobytes() == two.p_top.tobytes()
    assert one.low.tolist() != other.low.tolist()


def test_bootstrap_counts_do_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate([rows.copy() for _, rows in resample_counts(30, 3, 50, np.float64)])
    monkeypatch.setattr("services.surveys.methods.bootstrap.CHUNK_CELLS", 200)
    parts = [rows.copy() for _, rows in resample_counts(30, 3, 50, np.float64)]
    assert CHUNK_CELLS > 30 * 50
    assert (len(parts), np.concatenate(parts).tolist()) == (9, whole.tolist())
    assert whole.sum(axis=1).tolist() == [30.0] * 50


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000))
def test_bootstrap_intervals_hold_the_estimate(seed: int) -> None:
    data = sample(30, 5, seed)
    drawn = bootstrap(data, seed=seed, methods=["mwds"])["mwds"]
    assert np.all((drawn.low <= mwds(data)) & (mwds(data) <= drawn.high))
    assert float(drawn.p_first.sum()) == pytest.approx(1.0)
    assert float(drawn.p_top.sum()) == pytest.approx(3.0)


def test_bootstrap_draws_people_with_all_their_items() -> None:
    """Two items answered alike by everyone stay alike in every resample, so they always tie."""
    one = sample(20, 1, 3)
    twin = Ratings(np.tile(one.importance, 2), np.tile(one.ability, 2), ("a", "b"))
    drawn = bootstrap(twin, seed=1, methods=["mwds", "rds"])
    assert drawn["mwds"].p_first.tolist() == [0.5, 0.5]
    assert drawn["rds"].low[0] == drawn["rds"].low[1]


def test_bootstrap_refusals() -> None:
    data = sample(10, 2, 1)
    assert code_of(bootstrap, data, seed=1, resamples=1999, methods=["mwds"]) == "bad-resamples"
    assert code_of(bootstrap, data, seed=-1, methods=["mwds"]) == "bad-seed"
    assert code_of(bootstrap, data, seed=1, top_k=0, methods=["mwds"]) == "bad-top-k"
    assert code_of(bootstrap, data, seed=1, methods=["median"]) == "unknown-method"


def test_small_refusals() -> None:
    assert code_of(pni_from_means, np.array([3.0]), np.array([0.0])) == "zero-ability"
    assert code_of(cut_lines, np.ones(2), np.ones(2), "mode", 5) == "unknown-cut-rule"
    assert code_of(iqr, np.array([1.0]), "type9") == "unknown-convention"
    assert code_of(iqr, np.array([np.nan])) == "empty-sample"
    assert code_of(kendall_w, np.ones((1, 4))) == "too-few-raters"
    assert code_of(kendall_w, np.ones((3, 4))) == "no-variation"


@pytest.mark.parametrize(("rule", "expected"), [("grand-mean", 3.0), ("median", 2.0), ("midpoint", 4.0)])
def test_cut_lines_by_rule(rule: str, expected: float) -> None:
    means = np.array([1.0, 2.0, 6.0])
    assert cut_lines(means, means, rule, 7).importance == expected


def test_spearman_agrees_with_scipy_and_keeps_silent_on_constants() -> None:
    first, second = np.array([1.0, 2.0, 2.0, 5.0, 4.0]), np.array([2.0, 1.0, 3.0, 5.0, 5.0])
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-12)
    assert spearman(first, np.ones(5)) is None


def test_suppress_hides_a_second_cell_to_protect_the_first() -> None:
    table = suppress({"QC": 20, "ON": 9, "NU": 2, "BC": 7})
    assert dict(table.shown) == {"QC": 20, "ON": 9, "NU": None, "BC": None}
    assert (table.total, table.hidden) == (38, ("NU", "BC"))


def test_suppress_nothing_small() -> None:
    assert suppress({"QC": 20, "ON": 9}).hidden == ()
    assert suppress({"QC": 20, "ON": 9}, 11).hidden == ("QC", "ON")


def test_suppress_refusals() -> None:
    assert code_of(suppress, {"QC": -1}) == "bad-counts"
    assert code_of(suppress, {"QC": 9}, 1) == "bad-threshold"


def test_suppress_resists_a_reader_who_knows_the_rule() -> None:
    """No table of four groups of 0..9 people lets a reader infer one small cell from what is shown."""
    seen: dict[tuple[object, ...], list[set[int]]] = {}
    for counts in product(range(10), repeat=4):
        table = suppress(dict(zip("abcd", counts, strict=True)), 3)
        key = (table.total, *table.shown.values())
        values = seen.setdefault(key, [set(), set(), set(), set()])
        for group, count in enumerate(counts):
            values[group].add(count)
    pinned = [
        key
        for key, values in seen.items()
        for shown, possible in zip(key[1:], values, strict=True)
        if shown is None and len(possible) == 1 and min(possible) < 3
    ]
    assert pinned == []


def test_mwds_lowest_value_lies_inside_the_scale() -> None:
    data = ratings_from_rows([[(2, 5)], [(3, 5)]], ["q"])
    assert mwds(data).tolist() == [-6.25]
