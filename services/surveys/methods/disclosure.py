"""Small cells over all the tables of one population together: what may be shown, so that no table betrays another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import product
from typing import Any

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.groups import THRESHOLD
from services.surveys.methods.ratings import FloatArray

Cell = tuple[str, ...]
MAX_CELLS = 20_000
ROOM = 2.0
"""How far apart the lowest and highest possible value of a small cell must stay, in people."""


@dataclass(frozen=True)
class Table:
    """A table to publish: people counted by `dims`, of those whose attributes are in `where`.

    A filter and a wave are tables too: a wave is an attribute ("in-wave-2": yes or no), and its table has it in
    `where`. No dims: the total alone.
    """

    dims: tuple[str, ...] = ()
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Protected:
    """What may be shown: per table, in the order given, a count or None for every cell that its labels make."""

    tables: tuple[Mapping[Cell, int | None], ...]
    threshold: int

    @property
    def hidden(self) -> int:
        """Cells without a figure, over all tables."""
        return sum(count is None for cells in self.tables for count in cells.values())


def protect(
    people: Mapping[str, Sequence[str]],
    tables: Sequence[Table],
    *,
    labels: Mapping[str, Sequence[str]] | None = None,
    threshold: int = THRESHOLD,
) -> Protected:
    """Hide small cells, and as many others as it takes that nobody can work a small one out from all tables together.

    `people`: one label per person and attribute; `labels`: every label that an attribute may have (else those that
    occur). Every table counts the same population.
    Method: cells under the threshold, zero included, are hidden. Then, for each of them, two linear programmes over
    the full cross of all attributes find the least and the most it can be, given every figure still shown (totals
    included) and that nobody counts less than zero. While that range is narrower than two people, or its upper end is
    below the threshold, the smallest figure that helps to pin it is hidden as well, a cell of the same table first,
    then of its neighbours, then a total.
    Source: Willenborg and de Waal 2001, Elements of Statistical Disclosure Control, chapters 4 and 5; Fischetti and
    Salazar 2001, Management Science 47(7):1008-1027, on auditing by linear programmes.
    Units: people. Limits: it knows these tables only: what was published before of the same people must be among them.
    Raises MethodError `bad-threshold` below 2, `bad-shape` (attributes unknown or of unequal length), `too-many-cells`
    where the attributes cross to more than 20,000 cells.
    """
    if threshold < 2:
        raise MethodError("bad-threshold", {"minimum": 2})
    frame = _Frame(people, tables, labels or {})
    counts = [frame.count(table) for table in tables]
    shown = [{cell: n >= threshold for cell, n in cells.items()} for cells in counts]
    safe: set[tuple[int, Cell]] = set()
    while exposed := _first_exposed(frame, counts, shown, threshold, safe):
        victim = _victim(tables, counts, shown, exposed)
        if victim is None:
            break
        shown[victim[0]][victim[1]] = False
        # Hiding more never narrows a range, so what was safe stays safe.
    kept = [
        {cell: n if visible[cell] else None for cell, n in cells.items()}
        for cells, visible in zip(counts, shown, strict=True)
    ]
    return Protected(tuple(kept), threshold)


class _Frame:
    """The full cross of all attributes, and where each cell of a table lies in it."""

    def __init__(
        self,
        people: Mapping[str, Sequence[str]],
        tables: Sequence[Table],
        labels: Mapping[str, Sequence[str]],
    ) -> None:
        used = sorted({name for table in tables for name in (*table.dims, *table.where)})
        lengths = {len(people[name]) for name in used if name in people}
        if any(name not in people for name in used) or len(lengths) > 1:
            raise MethodError("bad-shape", {"attributes": used})
        self.labels = {name: sorted({*people[name], *labels.get(name, ())}) for name in used}
        self.size = int(np.prod([len(known) for known in self.labels.values()] or [1]))
        if self.size > MAX_CELLS:
            raise MethodError("too-many-cells", {"cells": self.size, "maximum": MAX_CELLS})
        self.tables = tables
        total = lengths.pop() if lengths else len(next(iter(people.values()), ()))
        self._rows = [tuple(people[name][i] for name in used) for i in range(total)]
        self._place = {name: at for at, name in enumerate(used)}
        self._cross = list(product(*self.labels.values()))

    def count(self, table: Table) -> dict[Cell, int]:
        """Every cell of a table with its number of people, empty ones included."""
        found = Counter(self._cell(row, table) for row in self._rows if self._within(row, table))
        return {cell: found[cell] for cell in product(*(self.labels[name] for name in table.dims))}

    def rows_of(self, at: int, cells: Iterable[Cell]) -> FloatArray:
        """For each cell of table `at`, a row of 0 and 1 over the full cross; shape (cells, size)."""
        order = {cell: row for row, cell in enumerate(cells)}
        matrix: FloatArray = np.zeros((len(order), self.size))
        table = self.tables[at]
        for place, combination in enumerate(self._cross):
            if self._within(combination, table):
                row = order.get(self._cell(combination, table))
                if row is not None:
                    matrix[row, place] = 1.0
        return matrix

    def _cell(self, row: Cell, table: Table) -> Cell:
        return tuple(row[self._place[name]] for name in table.dims)

    def _within(self, row: Cell, table: Table) -> bool:
        return all(row[self._place[name]] in allowed for name, allowed in table.where.items())


def _first_exposed(
    frame: _Frame,
    counts: list[dict[Cell, int]],
    shown: list[dict[Cell, bool]],
    threshold: int,
    safe: set[tuple[int, Cell]],
) -> tuple[int, Cell] | None:
    """A hidden small cell that the figures still pin; None when every one has room. Effect: adds to `safe`."""
    small = [
        (at, cell)
        for at, cells in enumerate(counts)
        for cell, n in sorted(cells.items(), key=lambda pair: -pair[1])
        if n < threshold and (at, cell) not in safe
    ]
    if not small:
        return None
    known, totals = _published(frame, counts, shown)
    for at, cell in small:
        low, high = _range(frame.rows_of(at, [cell])[0], known, totals)
        if high - low < ROOM or high < threshold:
            return at, cell
        safe.add((at, cell))
    return None


def _published(
    frame: _Frame, counts: list[dict[Cell, int]], shown: list[dict[Cell, bool]]
) -> tuple[Any, FloatArray]:
    rows, totals = [np.zeros((0, frame.size))], [np.zeros(0)]
    for at, visible in enumerate(shown):
        cells = [cell for cell, is_shown in visible.items() if is_shown]
        rows.append(frame.rows_of(at, cells))
        totals.append(np.array([counts[at][cell] for cell in cells], dtype=np.float64))
    return import_module("scipy.sparse").csr_matrix(np.concatenate(rows)), np.concatenate(totals)


def _range(target: FloatArray, known: Any, totals: FloatArray) -> tuple[float, float]:
    """The least and the most that a sum of cells can be."""
    ends = []
    for sign in (1.0, -1.0):
        found = import_module("scipy.optimize").linprog(
            sign * target, A_eq=known, b_eq=totals, bounds=(0, None), method="highs"
        )
        # 3: without bound, that is, as large as one likes.
        ends.append(np.inf if found.status == 3 else sign * float(found.fun))
    return ends[0], ends[1]


def _victim(
    tables: Sequence[Table],
    counts: list[dict[Cell, int]],
    shown: list[dict[Cell, bool]],
    exposed: tuple[int, Cell],
) -> tuple[int, Cell] | None:
    """The figure to hide next: nearest to the exposed cell, then the smallest; totals last."""
    at, cell = exposed

    def distance(other: int, candidate: Cell) -> tuple[int, int, int, int, Cell]:
        alike = dict(zip(tables[at].dims, cell, strict=True))
        agree = sum(
            alike.get(name) == label for name, label in zip(tables[other].dims, candidate, strict=True)
        )
        is_total = not tables[other].dims
        return (int(is_total), int(other != at), -agree, counts[other][candidate], candidate)

    options = [(i, c) for i, visible in enumerate(shown) for c, is_shown in visible.items() if is_shown]
    return min(options, key=lambda option: distance(*option), default=None)
