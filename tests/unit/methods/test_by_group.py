"""Means by group: right, in any order of people, and not to be had by subtraction where they are hidden."""

from __future__ import annotations

import numpy as np
import pytest

from services.surveys.methods.by_group import gaps_by_group
from services.surveys.methods.choices import Choice, maxdiff
from services.surveys.methods.pooling import pooled
from services.surveys.methods.publication import People, publish, wide_places
from services.surveys.methods.ratings import FloatArray, Ratings

PEOPLE = 48


def survey(order: FloatArray | None = None) -> tuple[Ratings, dict[str, list[str]]]:
    """Item b was rated by three people of one region only; the sector is nearly the same as the region."""
    chance = np.random.default_rng(3)
    points = chance.integers(1, 6, size=(2, PEOPLE, 2)).astype(float)
    region = np.array(["east"] * 12 + ["west"] * 18 + ["north"] * 18)
    sector = np.array(["one"] * 12 + ["two"] * 36)
    points[:, 3:12, 1] = np.nan
    places = np.arange(PEOPLE) if order is None else order.astype(int)
    ratings = Ratings(points[0][places], points[1][places], ("a", "b"))
    return ratings, {"region": region[places].tolist(), "sector": sector[places].tolist()}


def figures(order: FloatArray | None = None) -> dict[str, object]:
    ratings, labels = survey(order)
    published = publish(People(PEOPLE, labels, []))["members"]
    assert published is not None
    return gaps_by_group(ratings, published["attributes"], labels, seed=9)


def test_order_of_people_changes_no_figure() -> None:
    assert figures(np.random.default_rng(1).permutation(PEOPLE).astype(float)) == figures()


def test_hidden_group_is_no_combination_of_those_shown() -> None:
    ratings, labels = survey()
    published = publish(People(PEOPLE, labels, []))["members"]
    assert published is not None
    found = gaps_by_group(ratings, published["attributes"], labels, seed=9)
    rated = ratings.pairs[:, 1]
    columns = [np.ones(int(rated.sum()))]
    for entry, attribute in zip(found["attributes"], published["attributes"], strict=True):
        places = wide_places(attribute, labels[entry["name"]])[rated]
        cells = next(item["cells"] for item in entry["items"] if item["code"] == "b")
        columns += [(places == at).astype(float) for at, cell in enumerate(cells) if cell is not None]
    known = np.stack(columns, axis=1)
    east = np.array([label == "east" for label in labels["region"]])[rated].astype(float)
    assert east.sum() == 3
    left = east - known @ np.linalg.lstsq(known, east, rcond=None)[0]
    assert float(np.abs(left).max()) > 0.01
    # The control: with only the small cell hidden, the total gives it away.
    west, north = (
        np.array([label == name for label in labels["region"]])[rated] for name in ("west", "north")
    )
    naive = np.stack([np.ones(east.size), west, north], axis=1).astype(float)
    assert float(np.abs(east - naive @ np.linalg.lstsq(naive, east, rcond=None)[0]).max()) < 1e-9


def test_means_are_those_of_the_group() -> None:
    ratings, _ = survey()
    entry = next(one for one in figures()["attributes"] if one["name"] == "region")  # type: ignore[attr-defined]
    at = next(i for i, group in enumerate(entry["groups"]) if group["labels"] == ["west"])
    cell = next(item["cells"][at] for item in entry["items"] if item["code"] == "a")
    assert cell["importance"] == pytest.approx(float(ratings.importance[12:30, 0].mean()))
    assert cell["gap"]["low"] <= cell["gap"]["value"] <= cell["gap"]["high"]


def test_pooling_joins_the_small_and_leaves_two_labels_together() -> None:
    assert pooled({"a": 9, "b": 7, "c": 0}, 5) == (("a",), ("b", "c"))
    assert pooled({"a": 9, "b": 3, "c": 4}, 5) == (("a",), ("b", "c"))
    assert pooled({"1": 1, "2": 6, "3": 2, "4": 9}, 5, ordered=True) == (("1", "2", "3"), ("4",))
    assert len(pooled({"a": 4, "b": 40}, 5)) == 1


def test_names_of_options_change_no_logit_interval() -> None:
    sets = [(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)]
    people = [[Choice(m, m[(i + k) % 3], m[(i + k + 1) % 3]) for k, m in enumerate(sets)] for i in range(12)]
    first, second = (maxdiff(people, names, seed=5) for names in (tuple("abcd"), tuple("wxyz")))
    assert [(s.logit, s.logit_low, s.logit_high) for s in first.items] == [
        (s.logit, s.logit_low, s.logit_high) for s in second.items
    ]
    assert all(
        s.logit_low is not None and s.logit is not None and s.logit_low <= s.logit for s in first.items
    )
