"""The data of a needs survey: importance and ability on one scale, respondents by items."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.surveys.methods.errors import MethodError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MIN_SCALE = 2
MAX_SCALE = 100
WEIGHT_GRID = 1024
MAX_WEIGHT = 1000.0


@dataclass(frozen=True, eq=False)
class Ratings:
    """Importance and ability as given by the respondents of one survey.

    `importance`, `ability`: shape (respondents, items), whole points 1..`scale`, NaN where a
    person did not answer or said "not applicable". `items`: one stable id per column. `weights`: shape
    (respondents,), above 0, multiples of 1/1024 (see raking), or None where everybody counts as one. Rows
    carry no identity: nothing here says who answered. Raises MethodError when built on anything else.
    The arrays are copied and locked, so a Ratings never changes once it is made.
    """

    importance: FloatArray
    ability: FloatArray
    items: tuple[str, ...]
    scale: int = 5
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(self.items))
        _check_scale(self.scale)
        for name in ("importance", "ability"):
            object.__setattr__(self, name, _locked(getattr(self, name)))
        _check_shapes(self.importance, self.ability, self.items)
        _check_items(self.items)
        for name in ("importance", "ability"):
            _check_points(getattr(self, name), self.scale, name)
        if self.weights is not None:
            object.__setattr__(self, "weights", _locked(self.weights))
            _check_weights(self.weights, self.importance.shape[0])

    @property
    def pairs(self) -> BoolArray:
        """Where a respondent gave both ratings of an item; shape (respondents, items)."""
        return ~(np.isnan(self.importance) | np.isnan(self.ability))

    @property
    def n_per_item(self) -> IntArray:
        """Complete pairs per item, in people; shape (items,)."""
        counts: IntArray = self.pairs.sum(axis=0, dtype=np.int64)
        return counts

    @property
    def respondents(self) -> int:
        """Rows, answered or not, in people."""
        return int(self.importance.shape[0])

    def canonical(self) -> Ratings:
        """The same data in one agreed order: items by id, then rows sorted.

        Half-answered pairs are kept; rows without a single complete pair are dropped, since no
        method can use them. Two surveys with the same answers, in whatever order they came,
        have the same canonical form, so a seeded resample gives the same figures.
        """
        order = sorted(range(len(self.items)), key=self.items.__getitem__)
        kept = self.pairs.any(axis=1)
        both = np.concatenate([self.importance[kept][:, order], self.ability[kept][:, order]], axis=1)
        weights = np.ones(len(both)) if self.weights is None else self.weights[kept]
        rows = np.lexsort([weights, *np.nan_to_num(both, nan=0.0).T[::-1]])
        both, width = both[rows], len(order)
        items = tuple(self.items[i] for i in order)
        carried = None if self.weights is None else weights[rows]
        return Ratings(both[:, :width], both[:, width:], items, self.scale, carried)

    def only(self, keep: BoolArray) -> Ratings:
        """The columns where `keep` (shape (items,)) is true, all respondents kept."""
        items = tuple(item for item, kept in zip(self.items, keep, strict=True) if kept)
        return Ratings(self.importance[:, keep], self.ability[:, keep], items, self.scale, self.weights)

    def sha256(self) -> str:
        """Fingerprint of the canonical data: 64 hex digits, the same on every machine.

        Covers scale, item ids (length-prefixed UTF-8) and points as little-endian int16, 0 for
        no answer, importance before ability, row by row; then the weights, if any, in 1/1024.
        """
        data = self.canonical()
        digest = hashlib.sha256(f"cercle-ratings-1|{data.scale}|{data.respondents}|".encode())
        for item in data.items:
            raw = item.encode()
            digest.update(f"{len(raw)}:".encode() + raw)
        for points in (data.importance, data.ability):
            digest.update(np.nan_to_num(points, nan=0.0).astype("<i2").tobytes(order="C"))
        if data.weights is not None:
            digest.update(b"weights" + (data.weights * WEIGHT_GRID).astype("<i8").tobytes())
        return digest.hexdigest()


def ratings_from_rows(
    rows: Sequence[Sequence[tuple[float | None, float | None] | None]], items: Sequence[str], scale: int = 5
) -> Ratings:
    """Build Ratings from one list per respondent of (importance, ability) per item.

    None, for a pair or for either half, is "no answer". Raises MethodError as Ratings does.
    """
    if any(len(row) != len(items) for row in rows):
        raise MethodError("bad-shape", {"items": len(items)})
    cells = [[_pair(cell) for cell in row] for row in rows]
    points = np.array(cells, dtype=np.float64).reshape(len(rows), len(items), 2)
    return Ratings(points[:, :, 0], points[:, :, 1], tuple(items), scale)


def _pair(cell: tuple[float | None, float | None] | None) -> tuple[float, float]:
    first, second = cell or (None, None)
    return (np.nan if first is None else float(first), np.nan if second is None else float(second))


def _locked(values: Any) -> FloatArray:
    try:
        array = np.array(values, dtype=np.float64, copy=True)
    except (TypeError, ValueError) as error:
        raise MethodError("bad-shape") from error
    array.setflags(write=False)
    return array


def _check_scale(scale: int) -> None:
    if not is_whole(scale) or not MIN_SCALE <= scale <= MAX_SCALE:
        raise MethodError("bad-scale", {"minimum": MIN_SCALE, "maximum": MAX_SCALE})


def is_whole(value: object) -> bool:
    """Whether a value is an int and not a bool."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _check_shapes(importance: FloatArray, ability: FloatArray, items: tuple[str, ...]) -> None:
    if importance.ndim != 2 or importance.shape != ability.shape or importance.shape[1] != len(items):
        raise MethodError("bad-shape", {"items": len(items)})


def _check_items(items: tuple[str, ...]) -> None:
    if not items or len(set(items)) != len(items) or not all(_is_id(item) for item in items):
        raise MethodError("bad-item-ids", {"items": len(items)})


def _check_points(points: FloatArray, scale: int, name: str) -> None:
    given = points[~np.isnan(points)]
    if given.size and not bool(np.all((given >= 1) & (given <= scale) & (given == np.floor(given)))):
        raise MethodError("bad-rating", {"part": name, "minimum": 1, "maximum": scale})


def _check_weights(weights: FloatArray | None, respondents: int) -> None:
    given = np.empty(0) if weights is None else weights
    fits = given.shape == (respondents,) and bool(np.isfinite(given).all())
    exact = fits and bool(np.all(given * WEIGHT_GRID == np.floor(given * WEIGHT_GRID)))
    if not exact or bool(((given <= 0) | (given > MAX_WEIGHT)).any()):
        raise MethodError("bad-weights", {"people": respondents})
