"""The whole analysis: what it says, what it refuses, and that it can be rebuilt."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from services.surveys.methods import Analysis, MethodError, MethodSet, Ratings, analyse, verify
from tests.unit.methods.test_methods import sample


def with_missing() -> Ratings:
    data = sample(12, 4, 2)
    importance = np.array(data.importance)
    importance[4:, 0] = np.nan
    importance[11] = np.nan
    return Ratings(importance, data.ability, data.items)


def test_analysis_ranks_items_with_everything_beside_the_rank() -> None:
    analysis = analyse(sample(40, 6, 1), seed=3)
    top = analysis.items[0]
    assert [item.estimates["mwds"].rank for item in analysis.items] == [1, 2, 3, 4, 5, 6]
    assert (top.item, top.n, top.quadrant) == ("q05", 40, "concentrate")
    assert set(top.estimates) == {"mwds", "rds", "pni", "gap"}
    assert (analysis.ranking, analysis.indicative, analysis.n) == ("mwds", False, 40)


def test_analysis_survives_json_and_verifies() -> None:
    data = with_missing()
    analysis = analyse(data, seed=5, top_k=2, methods=MethodSet(("rds", "mwds"), "median"))
    again = Analysis.from_dict(json.loads(json.dumps(analysis.to_dict())))
    assert again == analysis
    assert verify(data, again.manifest, again) is True


def test_verify_sees_any_change() -> None:
    data, other = sample(20, 3, 1), sample(20, 3, 2)
    analysis = analyse(data, seed=5)
    manifest = analysis.manifest
    first = analysis.items[0]
    nudged = replace(analysis, items=(replace(first, mean_ability=1.0), *analysis.items[1:]))
    assert verify(other, manifest, analysis) is False
    assert verify(data, manifest, nudged) is False
    assert verify(data, replace(manifest, seed=6), analysis) is False
    assert verify(data, replace(manifest, resamples=3), analysis) is False
    assert verify(data, replace(manifest, methods_version="0"), analysis) is False


def test_analysis_ignores_the_order_of_answers_and_items() -> None:
    data = sample(25, 5, 4)
    rows, columns = np.random.default_rng(0).permutation(25), [3, 1, 0, 4, 2]
    mixed = Ratings(
        data.importance[rows][:, columns],
        data.ability[rows][:, columns],
        tuple(data.items[i] for i in columns),
    )
    assert analyse(mixed, seed=9) == analyse(data, seed=9)


def test_analysis_with_fewer_than_five_people() -> None:
    with pytest.raises(MethodError) as caught:
        analyse(sample(4, 3, 1), seed=1)
    assert (caught.value.code, caught.value.params) == ("too-few-responses", {"n": 4, "minimum": 5})


def test_analysis_counts_only_people_with_a_pair() -> None:
    data = sample(6, 2, 1)
    ability = np.array(data.ability)
    ability[:2] = np.nan
    with pytest.raises(MethodError) as caught:
        analyse(Ratings(data.importance, ability, data.items), seed=1)
    assert caught.value.params == {"n": 4, "minimum": 5}


@pytest.mark.parametrize(("n", "indicative"), [(5, True), (9, True), (10, False)])
def test_analysis_is_indicative_below_ten(n: int, indicative: bool) -> None:
    assert analyse(sample(n, 3, 1), seed=1).indicative is indicative


def test_analysis_suppresses_an_item_with_few_pairs() -> None:
    analysis = analyse(with_missing(), seed=1)
    last = analysis.items[-1]
    assert analysis.suppressed == ("q00",)
    assert (last.n, last.mean_importance, dict(last.estimates)) == (None, None, {})
    # Complete over the items that are shown: else the hidden one would tell how few rated it.
    assert (analysis.response.received, analysis.response.answered, analysis.response.complete) == (
        12,
        11,
        11,
    )


def test_analysis_with_no_item_left() -> None:
    rows = np.full((6, 2), np.nan)
    rows[:3, 0] = rows[3:, 1] = 2.0
    with pytest.raises(MethodError) as caught:
        analyse(Ratings(rows, rows, ("a", "b")), seed=1)
    assert caught.value.code == "too-few-item-responses"


def test_analysis_shows_ties_as_ties() -> None:
    one = sample(12, 1, 1)
    twin = Ratings(np.tile(one.importance, 2), np.tile(one.ability, 2), ("a", "b"))
    estimates = [item.estimates["mwds"] for item in analyse(twin, seed=1, top_k=1).items]
    assert [(e.rank, e.tied, e.p_top) for e in estimates] == [(1, True, 0.5), (1, True, 0.5)]


def test_analysis_says_where_methods_disagree() -> None:
    importance = np.tile([5.0, 3.0, 2.0], (10, 1))
    ability = np.tile([3.0, 1.0, 2.0], (10, 1))
    agreement = analyse(Ratings(importance, ability, ("a", "b", "c")), seed=1, top_k=1).agreement
    assert agreement.spearman["mwds~pni"] == pytest.approx(0.5)
    assert agreement.disputed == ("a", "b")


@pytest.mark.parametrize(
    ("methods", "rule", "code"),
    [
        ((), "median", "unknown-method"),
        (("mwds", "mwds"), "median", "unknown-method"),
        (("mwds",), "x", "unknown-cut-rule"),
    ],
)
def test_method_set_refusals(methods: tuple[str, ...], rule: str, code: str) -> None:
    with pytest.raises(MethodError) as caught:
        MethodSet(methods, rule)
    assert caught.value.code == code
