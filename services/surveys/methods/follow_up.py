"""A need measured again: the same item asked of the same people before and after, as one result with its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.ratings import FloatArray, Ratings
from services.surveys.methods.response_shift import ResponseShift, response_shift
from services.surveys.methods.waves import INDICATIVE_BELOW, ItemChange, paired_change

RESAMPLES = 2000
CONVENTIONS = {
    "pairs": "both ratings in both waves, same pseudonym",
    "interval": "95 %: percentile, quantile type 7",
    "resampling": "people with both waves, PCG64",
    "order": "rows sorted by their ratings",
    "then": "ability of before, judged afterwards",
}


@dataclass(frozen=True)
class Row:
    """One person's two waves in points; `then`: how they judge, afterwards, their ability of before, or None."""

    importance_before: int
    ability_before: int
    importance: int
    ability: int
    then: int | None = None


@dataclass(frozen=True)
class FollowUp:
    """`change`: the item over the two waves; `shift`: response shift of the ability, or None under five answers.

    `levels`: whether `before`, `after` and the shift may be shown beside the change.
    """

    change: ItemChange
    shift: ResponseShift | None
    indicative: bool
    levels: bool
    manifest: Mapping[str, Any]

    def figures(self) -> dict[str, Any]:
        """Plain JSON values without the manifest; without the levels where they may not be shown."""
        plain = asdict(self.change)
        if not self.levels:
            for name in ("gap", "mwds"):
                plain[name] = {**plain[name], "before": None, "after": None} if plain[name] else None
        return {name: plain[name] for name in ("n", "gap", "mwds", "effect", "p_value")} | {
            "shift": asdict(self.shift) if self.shift else None,
            "indicative": self.indicative,
        }


def follow_up(
    rows: Sequence[Row], *, item: str, scale: int, seed: int, resamples: int = RESAMPLES, levels: bool = True
) -> FollowUp:
    """The change of one need's discrepancy between two waves, its effect size and its response shift.

    `levels` False where the people differ by fewer than five from those of another wave: two means of the same answers
    of before, subtracted, would be about them. Then the change stands alone.
    Formula, units and limits: waves.paired_change, effect.hedges_g_paired, response_shift.response_shift. The rows are
    sorted first, so that the figures depend on the answers and the seed alone, and the manifest rebuilds them bit for
    bit. Raises MethodError `too-few-responses` under five rows, and what those functions raise.
    """
    if len(rows) < 5:
        raise MethodError("too-few-responses", {"n": len(rows), "minimum": 5})
    table = _table(rows)
    before, after = (Ratings(table[:, [at]], table[:, [at + 1]], (item,), scale) for at in (0, 2))
    (change,) = paired_change(before, after, seed=seed, resamples=resamples)
    manifest = {
        "data_sha256": _sha256(table, item, scale),
        "methods_version": METHODS_VERSION,
        **library_versions(),
        "seed": seed,
        "resamples": resamples,
        "item": item,
        "scale": scale,
        "levels": levels,
        "conventions": CONVENTIONS,
    }
    shift = _shift(table, seed, resamples) if levels else None
    return FollowUp(change, shift, len(rows) < INDICATIVE_BELOW, levels, manifest)


def again(rows: Sequence[Row], manifest: Mapping[str, Any]) -> FollowUp:
    """The figures of the answers under the settings of a stored manifest. Raises MethodError as `follow_up`."""
    return follow_up(
        rows, **{name: manifest[name] for name in ("item", "scale", "seed", "resamples", "levels")}
    )


def _table(rows: Sequence[Row]) -> FloatArray:
    cells = [
        [row.importance_before, row.ability_before, row.importance, row.ability,
         np.nan if row.then is None else row.then]
        for row in rows
    ]  # fmt: skip
    table: FloatArray = np.array(cells, dtype=np.float64)
    return table[np.lexsort(np.nan_to_num(table, nan=0.0).T[::-1])]


def _shift(table: FloatArray, seed: int, resamples: int) -> ResponseShift | None:
    # Between one and four without a then-test would come back by subtracting these means from those of everyone.
    if 0 < int(np.isnan(table[:, 4]).sum()) < 5:
        return None
    try:
        return response_shift(table[:, 1], table[:, 3], table[:, 4], seed=seed, resamples=resamples)
    except MethodError:
        return None


def _sha256(table: FloatArray, item: str, scale: int) -> str:
    digest = hashlib.sha256(f"cercle-follow-up-1|{scale}|{len(table)}|{item}|".encode())
    digest.update(np.nan_to_num(table, nan=0.0).astype("<i2").tobytes(order="C"))
    return digest.hexdigest()
