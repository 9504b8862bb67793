"""What changed since the survey that a survey follows, item by item, so that nobody is found by subtraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from services.surveys.analysis.material import Before, Material
from services.surveys.analysis.weighting import raked
from services.surveys.domain.instrument.elements import PAIR
from services.surveys.methods.errors import MethodError
from services.surveys.methods.groups import THRESHOLD
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.publication import attributes_of, wide_places
from services.surveys.methods.ratings import BoolArray, FloatArray, Ratings
from services.surveys.methods.singling import singles_out
from services.surveys.methods.waves import (
    INDICATIVE_BELOW,
    GroupsChange,
    ItemChange,
    independent_change,
    paired_change,
)

Figures = dict[str, Any]
Sums = list[FloatArray]
OWN = ".own-"
"""What stands between a bank code and the end of the code that the same statement gets in other words."""
CONVENTIONS = {
    "items": "same code, same statement in both languages, same scale",
    "pairs": "same person, neither wave anonymous; none or at least five outside, and no sum of fewer to be had",
    "interval": "95 %: percentile, quantile type 7",
    "resampling": "paired: people with both waves, PCG64 of the seed; else each wave by itself, PCG64 of the seed's children",
    "order": "rows sorted by their ratings",
    "effect": "paired: Hedges' g_av; else Hedges' g, pooled standard deviation",
}


def refused(code: str, **params: object) -> Figures:
    """Figures that there are none of, and why."""
    return {"refused": {"code": code, **params}}


def changes(material: Material, before: Before, *, resamples: int) -> Figures:
    """The figures of kind 'waves', as plain JSON values.

    `items` [{code, statement, paired, suppressed, indicative, n_before, n_after, gap, mwds: {before, after, change, low,
    high}, effect: {g, low, high}}], in the order asked; `new`, `dropped` [{code, statement}]; `reworded` [{code,
    statement, before}], whose answers are not compared; `manifest`. Or `refused`: no-pairs, too-few-responses.
    """
    first, last = before.material.ratings(), material.ratings()
    if first is None or last is None:
        return refused("no-pairs")
    if min(wave.pairs.any(axis=1).sum() for wave in (first, last)) < THRESHOLD:
        return refused("too-few-responses", minimum=THRESHOLD)
    words, same = _compared(_statements(before.material), _statements(material))
    manifest: Figures = {
        "before": {"data_sha256": first.sha256()}, "after": {"data_sha256": last.sha256()},
        "methods_version": METHODS_VERSION, **library_versions(), "seed": material.seed, "resamples": resamples,
        "conventions": CONVENTIONS,
    }  # fmt: skip
    # No fingerprint of the pairs: of a few people's answers, one could be tried out.
    items: list[Figures] = []
    if same:
        waves = (_columns(first, same), _columns(last, same))
        paired: dict[str, ItemChange] = {}
        if before.pairs is not None:
            fit = pairable(waves, before.pairs, published(before, material, same))
            if fit.any():
                joined = _joined((waves[0].only(fit), waves[1].only(fit)), before.pairs)
                drawn = paired_change(*joined, seed=material.seed, resamples=resamples)
                paired = {change.item: change for change in drawn}
        apart = independent_change(*waves, seed=material.seed, resamples=resamples)
        texts = _statements(material)
        items = [_row(change, paired.get(change.item), texts[change.item]) for change in apart]
    return {"items": items, **words, "manifest": manifest}


def pairable(
    waves: tuple[Ratings, Ratings],
    pairs: Sequence[tuple[int, int]],
    known: tuple[Sums, Sums],
) -> BoolArray:
    """Of which items the change of the same people may be shown; shape (items,).

    Its means, beside those of everybody and of groups, are sums that can be subtracted. So at least five people must have
    rated the item in both waves; in each wave, none or at least five of those who rated it may be outside; and no
    combination with the sums of that wave that are published elsewhere (`known`: see `published`) may be about fewer.
    """
    both = waves[0].pairs[[row for row, _ in pairs]] & waves[1].pairs[[row for _, row in pairs]]
    fit: BoolArray = both.sum(axis=0) >= THRESHOLD
    for side, wave in enumerate(waves):
        inside = np.zeros(wave.pairs.shape, dtype=bool)
        inside[[pair[side] for pair in pairs]] = both
        fit &= _none_or_five(wave.pairs & ~inside)
        for item in np.flatnonzero(fit):
            rated = wave.pairs[:, item]
            sums = np.column_stack([np.ones(rated.sum()), *(part[rated, item] for part in known[side])])
            fit[item] = not singles_out(sums, inside[rated, item].astype(np.float64))
    return fit


def _none_or_five(people: BoolArray) -> BoolArray:
    counts = people.sum(axis=0)
    found: BoolArray = (counts == 0) | (counts >= THRESHOLD)
    return found


def published(before: Before, material: Material, same: Sequence[str]) -> tuple[Sums, Sums]:
    """The sums that are published of each wave beside that of everybody: what each person weighs in it, per row and item.

    Every group of every attribute; the weighted reading; and in the wave before, those who were paired already in the
    figures of another survey.
    """
    first, last = (_of_groups(wave, len(same)) for wave in (before.material, material))
    ratings = before.material.ratings()
    if ratings is not None:
        rated = _columns(ratings, same).pairs
        for other in before.others:
            named = np.array([[code in other.get(row, ()) for code in same] for row in range(len(rated))])
            again = named & rated
            # With fewer inside or outside, nothing was shown of them that could be subtracted.
            shown = (again.sum(axis=0) >= THRESHOLD) & _none_or_five(rated & ~again)
            first.append((again & shown).astype(np.float64))
    return first, last


def _of_groups(wave: Material, items: int) -> Sums:
    labels = wave.labels()
    attributes = [entry for entry in attributes_of(labels) if len(entry["wide"]) > 1]
    columns: list[FloatArray] = []
    for entry in attributes:
        places = wide_places(entry, labels[entry["name"]])
        columns += [(places == place).astype(np.float64) for place in range(len(entry["wide"]))]
    try:
        found = raked(wave, attributes)
    except MethodError:  # then there is no weighted reading either
        found = None
    columns += [] if found is None else [found.weights.values]
    return [np.broadcast_to(column[:, np.newaxis], (len(column), items)) for column in columns]


def _statements(wave: Material) -> dict[str, Mapping[str, str]]:
    return {element["code"]: element["text"] for element in wave.elements if element["kind"] == PAIR}


def _compared(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> tuple[Figures, list[str]]:
    """What cannot be compared, and the codes of what can, in the order of the later wave."""
    same = [code for code, text in new.items() if old.get(code) == text]
    reworded = {code: code for code in new if code in old and code not in same}
    gone = {_stem(code): code for code in old if code not in new}
    for code in new:
        if code not in old and _stem(code) in gone:
            reworded[code] = gone.pop(_stem(code))
    known = {*same, *reworded, *reworded.values()}
    return {
        "new": [{"code": code, "statement": text} for code, text in new.items() if code not in known],
        "dropped": [{"code": code, "statement": text} for code, text in old.items() if code not in known],
        "reworded": [
            {"code": code, "statement": text, "before": old[reworded[code]]}
            for code, text in new.items()
            if code in reworded
        ],
    }, same


def _stem(code: str) -> str:
    return code.partition(OWN)[0]


def _columns(wave: Ratings, codes: Sequence[str]) -> Ratings:
    at = [wave.items.index(code) for code in codes]
    return Ratings(wave.importance[:, at], wave.ability[:, at], tuple(codes), wave.scale)


def _joined(waves: tuple[Ratings, Ratings], pairs: Sequence[tuple[int, int]]) -> tuple[Ratings, Ratings]:
    """The rows of those who answered both waves."""

    def of(side: int) -> Ratings:
        wave, rows = waves[side], [pair[side] for pair in pairs]
        return Ratings(wave.importance[rows], wave.ability[rows], wave.items, wave.scale)

    return of(0), of(1)


def _row(apart: GroupsChange, paired: ItemChange | None, statement: Mapping[str, str]) -> Figures:
    change = apart if paired is None else paired
    counts = (apart.n_before, apart.n_after) if paired is None else (paired.n, paired.n)
    effect = change.effect
    return {
        "code": apart.item,
        "statement": statement,
        "paired": paired is not None,
        "suppressed": change.suppressed,
        "indicative": any(n is not None and n < INDICATIVE_BELOW for n in counts),
        "n_before": counts[0],
        "n_after": counts[1],
        "gap": asdict(change.gap) if change.gap else None,
        "mwds": asdict(change.mwds) if change.mwds else None,
        "effect": {"g": effect.g, "low": effect.low, "high": effect.high} if effect else None,
    }
