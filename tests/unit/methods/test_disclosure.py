"""An attacker with linear programmes over every published table must not pin a small cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from services.surveys.methods import MethodError
from services.surveys.methods.disclosure import Protected, Table, protect

PROVINCES, SECTORS, WAVE = ("AB", "ON", "QC"), ("health", "police", "school"), ("no", "yes")
LABELS = {"province": PROVINCES, "sector": SECTORS, "second": WAVE}
CROSS = list(product(PROVINCES, SECTORS, WAVE))
TABLES = (
    Table(), Table(("province",)), Table(("sector",)), Table(("province", "sector")),
    Table((), {"second": frozenset({"yes"})}), Table(("province",), {"second": frozenset({"yes"})}),
    Table((), {"sector": frozenset({"health"})}),
)  # fmt: skip


def attack(
    protected: Protected, tables: tuple[Table, ...], target: tuple[int, tuple[str, ...]]
) -> tuple[float, float]:
    """The attacker's own arithmetic: what the hidden cell can be, from nothing but what is shown."""

    def row(at: int, cell: tuple[str, ...]) -> list[float]:
        def inside(one: tuple[str, str, str]) -> bool:
            person = dict(zip(("province", "sector", "second"), one, strict=True))
            table = tables[at]
            within = all(person[name] in allowed for name, allowed in table.where.items())
            return within and tuple(person[name] for name in table.dims) == cell

        return [float(inside(one)) for one in CROSS]

    known = [
        (row(at, cell), n)
        for at, cells in enumerate(protected.tables)
        for cell, n in cells.items()
        if n is not None
    ]
    a_eq, b_eq = ([r for r, _ in known], [n for _, n in known]) if known else (None, None)
    goal = np.array(row(*target))
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal, A_eq=a_eq, b_eq=b_eq, bounds=(0, None))
        ends.append(sign * float(found.fun) if found.fun is not None else np.inf)
    return ends[0], ends[1]


def people_of(cells: list[int]) -> dict[str, list[str]]:
    rows = [one for one, n in zip(CROSS, cells, strict=True) for _ in range(n)]
    return {name: [one[at] for one in rows] for at, name in enumerate(("province", "sector", "second"))}


def true_count(people: dict[str, list[str]], table: Table, cell: tuple[str, ...]) -> int:
    total = len(people["province"])
    return sum(
        all(people[name][i] in allowed for name, allowed in table.where.items())
        and tuple(people[name][i] for name in table.dims) == cell
        for i in range(total)
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=len(CROSS), max_size=len(CROSS)))
def test_no_small_cell_can_be_worked_out(cells: list[int]) -> None:
    people = people_of(cells)
    found = protect(people, TABLES, labels=LABELS)
    for at, table in enumerate(TABLES):
        for cell, n in found.tables[at].items():
            truth = true_count(people, table, cell)
            assert n is None or n == truth >= 5
            if truth < 5:
                low, high = attack(found, TABLES, (at, cell))
                assert high - low >= 2 - 1e-6, (at, cell, low, high)


def test_hiding_one_small_cell_alone_would_not_do() -> None:
    # The attack is able to win: with only the small cell hidden, the total gives it away.
    people = people_of([10 if i < 12 else 3 * (i == 12) for i in range(len(CROSS))])
    shown: tuple[dict[tuple[str, ...], int | None], ...] = (
        {(): 123},
        {("AB",): 60, ("ON",): 60, ("QC",): None},
    )
    naive = Protected(shown, 5)
    tables = (Table(), Table(("province",)))
    assert attack(naive, tables, (1, ("QC",))) == pytest.approx((3, 3))
    safe = protect(people, tables, labels=LABELS)
    assert safe.tables[1]["QC",] is None
    assert safe.hidden >= 2
    low, high = attack(safe, tables, (1, ("QC",)))
    assert high - low >= 2


def test_large_tables_are_shown_whole() -> None:
    people = people_of([20] * len(CROSS))
    assert protect(people, TABLES, labels=LABELS).hidden == 0
    assert protect(people, TABLES, labels=LABELS, threshold=200).hidden > 0


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(MethodError, match="bad-shape"):
        protect({"a": ["x"]}, [Table(("b",))])
    with pytest.raises(MethodError, match="bad-shape"):
        protect({"a": ["x"], "b": []}, [Table(("a", "b"))])
    with pytest.raises(MethodError, match="bad-threshold"):
        protect({"a": ["x"]}, [Table(("a",))], threshold=1)
    many = {name: [str(i) for i in range(40)] for name in "abc"}
    with pytest.raises(MethodError, match="too-many-cells"):
        protect(many, [Table(("a", "b", "c"))])
