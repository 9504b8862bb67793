"""One question crossed with several attributes of the same people: which cells may be shown together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import BoolArray, FloatArray, IntArray

ROOM = 2.0
"""How far apart the lowest and highest possible value of a small cell must stay, in people."""
MOSTLY_HIDDEN = 0.5
"""Share of hidden cells from which a table is not worth reading, and is left out whole."""
MAX_VARIABLES = 600
MAX_ALONE = 6
PATIENCE = 3
SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Crossed:
    """One attribute against one question: `counts` and where they may be `shown`; shape (groups, categories)."""

    counts: IntArray
    shown: BoolArray


def protected_crosses(
    groups: Sequence[IntArray],
    answers: IntArray,
    threshold: int,
    allowed: Sequence[BoolArray] | None = None,
) -> list[Crossed]:
    """The tables of one question by every attribute, with every cell hidden that must be.

    `groups`: one array per attribute, of shape (people,), each person's group from 0; `answers`: each person's
    category from 0; `allowed`: where a cell may be shown at all (default: everywhere).
    The categories' totals are public, and so, to be on the safe side, are the groups that everybody is in: an attacker
    is granted the full cross of all attributes. Then what is published about other questions adds nothing about
    this one, and a question can be judged alone, however many there are.
    Method: cells under the threshold, zero included, are hidden, and a second one in their row and column. Then linear
    programmes look for other answers of the same people that give every figure shown: a small cell must be able to
    differ by two people at least. Where no such answers are found, the smallest figure of its row, then of its column,
    is hidden too, then whole tables, those of the later attributes first. The programmes look among those who are
    near hidden cells only, which can hide too much and never too little.
    Source: Fischetti and Salazar 2001, Management Science 47(7):1008-1027.
    Units: people. Limits: a group with a single answer leaves a range of one (0 or 1).
    Raises MethodError `bad-threshold` below 2, `bad-shape`.
    """
    if threshold < 2:
        raise MethodError("bad-threshold", {"minimum": 2})
    if any(codes.shape != answers.shape for codes in groups):
        raise MethodError("bad-shape", {"people": int(answers.size)})
    if not groups or answers.size == 0:
        return [Crossed(np.zeros((0, 0), np.int64), np.zeros((0, 0), bool)) for _ in groups]
    counts = [_count(codes, answers) for codes in groups]
    shown = [_started(part, threshold) for part in counts]
    if allowed is not None:
        shown = [_completed(part, mask & may) for part, mask, may in zip(counts, shown, allowed, strict=True)]
    if any((part < threshold).any() for part in counts):
        _audit(groups, answers, counts, shown, threshold)
    return [Crossed(part, mask) for part, mask in zip(counts, shown, strict=True)]


def _count(codes: IntArray, answers: IntArray) -> IntArray:
    width = int(answers.max()) + 1
    flat = np.bincount(codes * width + answers, minlength=(int(codes.max()) + 1) * width)
    return flat.reshape(-1, width).astype(np.int64)


def _started(counts: IntArray, threshold: int) -> BoolArray:
    return _completed(counts, counts >= threshold)


def _completed(counts: IntArray, shown: BoolArray) -> BoolArray:
    """With a second hidden cell in every row and column that has one; nothing where little would be left."""
    shown = shown.copy()
    moved = True
    while moved:
        moved = False
        for part, sizes in ((shown, counts), (shown.T, counts.T)):
            for row in np.flatnonzero((~part).sum(axis=1) == 1):
                if part[row].any():
                    _hide_smallest(part[row], sizes[row])
                    moved = True
    if (~shown).mean() > MOSTLY_HIDDEN:
        shown[:] = False
    return shown


def _hide_smallest(line: BoolArray, sizes: IntArray) -> None:
    line[int(np.argmin(np.where(line, sizes, np.iinfo(np.int64).max)))] = False


def _audit(
    groups: Sequence[IntArray],
    answers: IntArray,
    counts: Sequence[IntArray],
    shown: list[BoolArray],
    threshold: int,
) -> None:
    """Hide more until no small cell is pinned. Effect: writes into `shown`."""
    turn = 0
    exposed = [
        (at, int(row), int(column))
        for at, part in enumerate(counts)
        for row, column in np.argwhere(part < threshold)
        if part[row].sum() > 1
    ]
    while any(mask.any() for mask in shown):
        # Hiding more never narrows a range: what was safe stays safe.
        exposed = _Frame(groups, answers, counts, shown, exposed).exposed()
        if not exposed:
            return
        for table, row, column in exposed:
            _hide_near(shown, counts, (table, row, column), patient=turn < PATIENCE)
        turn += 1


def _hide_near(
    shown: list[BoolArray], counts: Sequence[IntArray], cell: tuple[int, int, int], *, patient: bool
) -> None:
    """One more figure hidden near an exposed cell; without patience, or where none is near, a whole table."""
    table, row, column = cell
    mask, sizes = shown[table], counts[table]
    if patient and mask[row].any():
        _hide_smallest(mask[row], sizes[row])
    elif patient and mask[:, column].any():
        _hide_smallest(mask[:, column], sizes[:, column])
    elif mask.any():
        mask[:] = False
        return
    else:
        last = max((at for at, other in enumerate(shown) if other.any()), default=None)
        if last is not None:
            shown[last][:] = False
        return
    mask[:] = _completed(sizes, mask)


class _Frame:
    """Other answers of the same people, as changes d of the number of people by pattern of groups and category."""

    def __init__(
        self,
        groups: Sequence[IntArray],
        answers: IntArray,
        counts: Sequence[IntArray],
        shown: Sequence[BoolArray],
        cells: Sequence[tuple[int, int, int]],
    ) -> None:
        self.cells = list(cells)
        self.width = counts[0].shape[1]
        patterns, of = np.unique(np.stack(groups, axis=1), axis=0, return_inverse=True)
        flat = np.bincount(of.ravel() * self.width + answers, minlength=len(patterns) * self.width)
        present = flat.reshape(-1, self.width)
        kept = self._near(patterns, counts)
        self.patterns, self.present = patterns[kept], present[kept].astype(np.float64)
        self._known = self._constraints(shown)
        self._wanted = self._rows(self.cells)

    def _near(self, patterns: IntArray, counts: Sequence[IntArray]) -> IntArray:
        """The patterns to move: those in rows with many cells in question first, as many as fit."""
        room = max(1, MAX_VARIABLES // self.width)
        small = [np.zeros(len(part), np.int64) for part in counts]
        for table, row, _ in self.cells:
            small[table][row] += 1
        score = sum(rows[patterns[:, at]] for at, rows in enumerate(small))
        return np.sort(np.argsort(-np.asarray(score), kind="stable")[:room])

    def _rows(self, cells: Sequence[tuple[int, int, int]]) -> Any:
        """A sparse row of 0 and 1 over (pattern, category) per cell (table, group, category)."""
        at, columns = [], []
        for place, (table, row, column) in enumerate(cells):
            inside = np.flatnonzero(self.patterns[:, table] == row) * self.width + column
            at.append(np.full(inside.size, place))
            columns.append(inside)
        places = (np.concatenate(at), np.concatenate(columns)) if cells else (np.empty(0), np.empty(0))
        ones = np.ones(places[0].size)
        return import_module("scipy.sparse").csr_matrix((ones, places), shape=(len(cells), self.present.size))

    def _constraints(self, shown: Sequence[BoolArray]) -> Any:
        """What must not change: people per pattern, people per category, and every figure shown."""
        sparse = import_module("scipy.sparse")
        count = len(self.patterns)
        people = sparse.kron(sparse.identity(count), np.ones((1, self.width)))
        totals = sparse.kron(np.ones((1, count)), sparse.identity(self.width))
        cells = [
            (at, int(row), int(column)) for at, mask in enumerate(shown) for row, column in np.argwhere(mask)
        ]
        return sparse.vstack([people, totals, self._rows(cells)]).tocsr()

    def exposed(self) -> list[tuple[int, int, int]]:
        """Small cells that were not seen to differ by two people."""
        size = len(self.cells)
        if not size:
            return []
        up = np.ones(size)
        mixed = np.where(np.arange(size) % 2 == 0, 1.0, -1.0)
        halves = np.where(np.arange(size) * 7 % 11 < 5, 1.0, -1.0)
        low, high = np.zeros(size), np.zeros(size)
        for sign in (up, -up, mixed, -mixed, halves, -halves):
            if bool((high - low >= ROOM - SLACK).all()):
                return []
            self._look(sign, low, high)
        left = np.flatnonzero(high - low < ROOM - SLACK)
        for place in left if left.size <= MAX_ALONE else ():
            alone = np.zeros(size)
            alone[place] = 1.0
            self._look(alone, low, high)
            self._look(-alone, low, high)
        return [self.cells[place] for place in np.flatnonzero(high - low < ROOM - SLACK)]

    def _look(self, sign: FloatArray, low: FloatArray, high: FloatArray) -> None:
        """One programme: move every small cell the way of its sign, none by more than two. Widens low and high."""
        sparse = import_module("scipy.sparse")
        size, free = len(self.cells), self.present.size
        linked = sparse.hstack([self._wanted, -sparse.identity(size)])
        fixed = sparse.hstack([self._known, sparse.csr_matrix((self._known.shape[0], size))])
        matrix = sparse.vstack([fixed, linked]).tocsr()
        bounds = np.empty((free + size, 2))
        bounds[:free, 0], bounds[:free, 1] = -self.present.ravel(), np.inf
        bounds[free:] = (-ROOM, ROOM)
        found = import_module("scipy.optimize").linprog(
            np.concatenate([np.zeros(free), -sign]),
            A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=bounds, method="highs-ds",
        )  # fmt: skip
        if found.status == 0:
            moved = found.x[free:]
            np.minimum(low, moved, out=low)
            np.maximum(high, moved, out=high)
