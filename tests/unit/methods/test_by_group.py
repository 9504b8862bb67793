"""Means by group: right, in any order of people, and not to be had by subtraction where they are hidden."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from services.surveys.analysis.figures import _weighted
from services.surveys.analysis.material import Material
from services.surveys.methods.by_group import gaps_by_group, is_combination
from services.surveys.methods.choices import Choice, maxdiff
from services.surveys.methods.pooling import pooled
from services.surveys.methods.publication import People, publish, wide_places
from services.surveys.methods.ratings import FloatArray, Ratings
from services.surveys.queries.responses import GivenResponse
from shared.ids import new_id

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


def crossed(cells: dict[tuple[str, str], int], seed: int = 4) -> tuple[Ratings, dict[str, list[str]]]:
    """So many people in each cell of province and language, who rate three items."""
    people = [cell for cell, count in cells.items() for _ in range(count)]
    points = np.random.default_rng(seed).integers(1, 6, size=(2, len(people), 3)).astype(float)
    labels = {name: [cell[at] for cell in people] for at, name in enumerate(("province", "language"))}
    return Ratings(points[0], points[1], ("a", "b", "c")), labels


def test_a_person_whom_two_attributes_set_apart_is_no_combination_either() -> None:
    """Everybody of one province answers in French, all but one of the other in English: French less the province is one."""
    cells = {("QC", "fr"): 15, ("ON", "en"): 14, ("ON", "fr"): 1}
    ratings, labels = crossed(cells)
    published = publish(People(30, labels, []))["members"]
    assert published is not None
    assert [len(entry["wide"]) for entry in published["attributes"]] == [2, 2]
    found = gaps_by_group(ratings, published["attributes"], labels, seed=9)
    shown = {
        entry["name"]: [cell is not None for cell in entry["items"][0]["cells"]]
        for entry in found["attributes"]
    }
    assert sorted(shown.values()) == [[False, False], [True, True]]
    one = (np.array(labels["province"]) == "ON") & (np.array(labels["language"]) == "fr")
    known = [np.ones(30)]
    known += [np.array([label == name for label in labels[of]]) for of, kept in shown.items() if all(kept) for name in set(labels[of])]  # fmt: skip
    assert not is_combination(one, known)
    # The control: with both attributes shown, it is.
    known += [np.array([label == name for label in labels[of]]) for of in shown for name in set(labels[of])]
    assert is_combination(one, known)


def test_the_weighted_reading_is_one_equation_more() -> None:
    """Four means by group leave the cells of a two by two cross open; the mean under known weights closes them."""
    cells = {("QC", "fr"): 12, ("QC", "en"): 1, ("ON", "en"): 14, ("ON", "fr"): 9}
    ratings, labels = crossed(cells)
    published = publish(People(36, labels, []))["members"]
    assert published is not None
    responses = [
        GivenResponse(new_id(), language, 1, {"province": province, "language": language}, {})
        for province, language in zip(labels["province"], labels["language"], strict=True)
    ]
    margins = {"province": {"QC": 50, "ON": 70}, "language": {"fr": 60, "en": 60}}
    elements = [{"code": code, "kind": "pair", "text": {}} for code in "abc"]
    material = Material(
        responses, elements, tuple("abc"), "mwds", ("province", "language"), margins, 1, "grand-mean"
    )
    assert (
        _weighted(material, ratings, published["attributes"])["refused"]["code"] == "too-few-item-responses"
    )
    # The same people without the lonely one: nothing is given away.
    kept = [
        at
        for at, pair in enumerate(zip(labels["province"], labels["language"], strict=True))
        if pair != ("QC", "en")
    ]
    fewer = Material([responses[at] for at in kept], elements, tuple("abc"), "mwds", ("province", "language"), margins, 1, "grand-mean")  # fmt: skip
    again = publish(People(35, {name: [of[at] for at in kept] for name, of in labels.items()}, []))["members"]
    assert again is not None
    whole = Ratings(ratings.importance[kept], ratings.ability[kept], ratings.items)
    found = _weighted(fewer, whole, again["attributes"])
    assert (found["hidden"], found["unreached"]) == ([], False)
    asked = {**margins, "province": {**margins["province"], "YT": 3}}
    assert (
        _weighted(dataclasses.replace(fewer, margins=asked), whole, again["attributes"])["unreached"] is True
    )
