"""Means and discrepancies of each item by group of people, so that no group that is too small is given away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from services.surveys.methods.bootstrap import STATISTICS, bootstrap
from services.surveys.methods.groups import THRESHOLD
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.publication import wide_places
from services.surveys.methods.ratings import BoolArray, FloatArray, IntArray, Ratings
from services.surveys.methods.sums import pair_sums

MEASURES = ("gap", "mwds")


def gaps_by_group(
    ratings: Ratings,
    attributes: Sequence[Mapping[str, Any]],
    labels: Mapping[str, Sequence[str]],
    *,
    seed: int,
    resamples: int = 2000,
) -> dict[str, Any]:
    """Mean importance, mean ability, gap and MWDS of every item in every group that the publication sets apart.

    `attributes`: the published ones (publication.publish), whose wide groups are used; `labels`: one per person and
    attribute, in the order of the ratings' rows. Gives `attributes` [{name, groups: [{labels, count}], items: [{code,
    cells: [null or {n, importance, ability, gap: {value, low, high}, mwds: {…}}]}]}] and the `manifest`.
    Formulas: see hennessy_hicks and borich, over the group's complete pairs; MWDS weights by the group's own mean
    importance. Interval: as in `bootstrap`, people of the group resampled.
    A cell is null under five pairs. Then another group of the attribute is null too, the smallest first, until the
    hidden ones have five pairs together and no hidden group's sums are a sum or difference of what is shown, totals and
    the other attributes' groups included (linear algebra over who is in which group).
    Units: points, points squared. Limits: many groups are compared, so differences by chance are to be expected; read
    the intervals. The order of people changes no figure.
    """
    order = np.lexsort([*(np.asarray(labels[name]) for name in labels), *_columns(ratings)])
    data = Ratings(ratings.importance[order], ratings.ability[order], ratings.items, ratings.scale)
    kept = [entry for entry in attributes if len(entry["wide"]) > 1]
    codes = [wide_places(entry, [labels[entry["name"]][i] for i in order]) for entry in kept]
    shown = [_shown(codes, data.pairs[:, item]) for item in range(len(data.items))]
    found = []
    for at, entry in enumerate(kept):
        groups = [{"labels": wide["labels"], "count": wide["count"]} for wide in entry["wide"]]
        cells = [_group(data, codes[at] == place, seed, resamples) for place in range(len(groups))]
        items = [
            {
                "code": code,
                "cells": [cells[g][i] if shown[i][at][g] else None for g in range(len(groups))],
            }
            for i, code in enumerate(data.items)
        ]
        found.append({"name": entry["name"], "groups": groups, "items": items})
    return {"attributes": found, "manifest": _manifest(ratings, labels, seed, resamples)}


def _columns(ratings: Ratings) -> FloatArray:
    both = np.concatenate([ratings.importance, ratings.ability], axis=1)
    columns: FloatArray = np.nan_to_num(both, nan=0.0).T
    return columns


def _manifest(
    ratings: Ratings, labels: Mapping[str, Sequence[str]], seed: int, resamples: int
) -> dict[str, Any]:
    versions = {"methods_version": METHODS_VERSION, **library_versions()}
    return {
        "data_sha256": ratings.sha256(), "attributes": list(labels), **versions, "seed": seed, "resamples": resamples,
    }  # fmt: skip


def _shown(codes: Sequence[IntArray], answered: BoolArray) -> list[BoolArray]:
    """Per attribute, which groups may be shown for one item."""
    counts = [np.bincount(of[answered], minlength=int(of.max()) + 1) for of in codes]
    shown = [_together(part, part >= THRESHOLD) for part in counts]
    while (pinned := _pinned([of[answered] for of in codes], shown)) is not None:
        if not shown[pinned].any():
            # It is worked out from other attributes alone: the last of them gives way.
            pinned = max(at for at, mask in enumerate(shown) if mask.any())
        mask, part = shown[pinned], counts[pinned]
        mask[int(np.argmin(np.where(mask, part, np.iinfo(np.int64).max)))] = False
        shown[pinned] = _together(part, mask)
    return shown


def _together(counts: IntArray, shown: BoolArray) -> BoolArray:
    """With so many hidden that the hidden ones are enough people together."""
    shown = shown.copy()
    while shown.any() and (~shown).any() and ((~shown).sum() < 2 or counts[~shown].sum() < THRESHOLD):
        shown[int(np.argmin(np.where(shown, counts, np.iinfo(np.int64).max)))] = False
    return shown


def _pinned(codes: Sequence[IntArray], shown: Sequence[BoolArray]) -> int | None:
    """An attribute that sets apart one to four people whose sum is a combination of what is shown, or None."""
    if not any(mask.any() for mask in shown):
        return None
    known = [np.ones(codes[0].size)]
    known += [codes[at] == group for at, mask in enumerate(shown) for group in np.flatnonzero(mask)]
    return next((at for at, target in small_sets(codes) if is_combination(target, known)), None)


def small_sets(codes: Sequence[IntArray]) -> Iterator[tuple[int, BoolArray]]:
    """One to four people set apart by one attribute or by two crossed, each with the (later) attribute's place."""
    for at, of in enumerate(codes):
        crossed = [np.zeros_like(of), *codes[:at]]
        for other in crossed:
            pairs, place = np.unique(np.stack([other, of]), axis=1, return_inverse=True)
            counts = np.bincount(place.ravel(), minlength=pairs.shape[1])
            yield from ((at, place.ravel() == cell) for cell in np.flatnonzero(counts < THRESHOLD))


def is_combination(target: BoolArray, known: Sequence[Any]) -> bool:
    """Whether the sum over some people follows from the sums that are known, columns of people."""
    columns, wanted = np.stack(known, axis=1).astype(np.float64), target.astype(np.float64)
    rest = wanted - columns @ np.linalg.lstsq(columns, wanted, rcond=None)[0]
    return float(np.abs(rest).max()) < 1e-6


def _group(data: Ratings, inside: BoolArray, seed: int, resamples: int) -> list[dict[str, Any] | None]:
    """The figures of one group, one per item; None under five pairs."""
    mine = Ratings(data.importance[inside], data.ability[inside], data.items, data.scale)
    enough = mine.n_per_item >= THRESHOLD
    if not enough.any():
        return [None] * len(data.items)
    some = mine.only(enough)
    sums = pair_sums(some)
    draws = bootstrap(some, seed=seed, resamples=resamples, methods=MEASURES)
    values = {name: STATISTICS[name](sums) for name in MEASURES}
    figures = iter(
        {
            "n": int(sums.n[i]),
            "importance": float(sums.mean_importance[i]),
            "ability": float(sums.mean_ability[i]),
            **{
                name: {
                    "value": float(values[name][i]),
                    "low": float(draws[name].low[i]),
                    "high": float(draws[name].high[i]),
                }
                for name in MEASURES
            },
        }
        for i in range(len(some.items))
    )
    return [next(figures) if kept else None for kept in enough]
