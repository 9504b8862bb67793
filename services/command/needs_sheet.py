"""Reading the CSV of `cercle needs analyse`: ratings, group columns, waves, and the margins of weights."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from services.command.tables import NOT_GIVEN, Numbering, points, read_rows, refuse_twins, required
from services.command.words import Refusal, clean, unreadable
from services.surveys.methods import Ratings
from services.surveys.methods.ratings import IntArray

COLUMNS = ("respondent", "item", "importance", "ability")
MARGIN_COLUMNS = ("variable", "label", "share")
WAVE = "wave"
MAX_WAVE = 999
FIXED = 6  # of a row: line, person, item, importance, ability, wave

Margins = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Sheet:
    """Ratings by wave (one wave, 0, where the file has none); row i is the same person in all of them.

    `groups`: for each group column, one label per person.
    """

    waves: Mapping[int, Ratings]
    groups: Mapping[str, tuple[str, ...]]


def read_sheet(file: BinaryIO, scale: int, group_columns: Sequence[str], *, waves: bool = False) -> Sheet:
    """Read the columns respondent, item, importance, ability, the group columns and, with `waves`, wave (0 to 999).

    A respondent's missing row, or an empty rating, is no answer. Raises Refusal: those of `tables` (status 2),
    `by-not-a-group`, `bad-wave` (2), `rating-twice`, `rating-twice-in-wave`, `two-groups` (1).
    """
    columns = tuple(dict.fromkeys(group_columns))
    fixed = (*COLUMNS, WAVE) if waves else COLUMNS
    for column in columns:
        if column in fixed:
            raise unreadable("by-not-a-group", column=column)
    people, items = Numbering(), Numbering()
    labels = [Numbering() for _ in columns]
    cells, width = array("q"), FIXED + len(columns)
    for line, row in read_rows(file, (*fixed, *columns)):
        person, item = people[required(row[0], COLUMNS[0], line)], items[required(row[1], COLUMNS[1], line)]
        given = [points(row[i], scale, COLUMNS[i], line) for i in (2, 3)]
        wave = _wave(row[4], line) if waves else 0
        marks = [known[label] for known, label in zip(labels, row[len(fixed) :], strict=True)]
        cells.extend([line, person, item, *given, wave, *marks])
    table = np.array(cells, dtype=np.int64).reshape(-1, width)
    key = (table[:, 5] * len(people) + table[:, 1]) * len(items) + table[:, 2]
    refuse_twins(key, table[:, 0], "rating-twice-in-wave" if waves else "rating-twice")
    numbers = [int(wave) for wave in np.unique(table[:, 5])]
    ratings = {wave: _ratings(table[table[:, 5] == wave], people, items, scale) for wave in numbers}
    groups = {name: _labels(table, FIXED + place, labels[place], name) for place, name in enumerate(columns)}
    return Sheet(ratings, groups)


def read_margins(file: BinaryIO) -> Margins:
    """The margins of weights: columns variable, label, share (or count), one row per label.

    Raises Refusal: those of `tables`, `bad-share` (2), `label-twice` (1).
    """
    margins: dict[str, dict[str, float]] = {}
    for line, (variable, label, share) in read_rows(file, MARGIN_COLUMNS):
        shares = margins.setdefault(required(variable, "variable", line), {})
        if label in shares:
            raise Refusal("label-twice", {"label": clean(label)}, line=line)
        shares[label] = _share(share, line)
    return margins


def _wave(cell: str, line: int) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 9 and int(cell) <= MAX_WAVE):
        raise unreadable("bad-wave", line, column=WAVE, maximum=MAX_WAVE)
    return int(cell)


def _share(cell: str, line: int) -> float:
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise unreadable("bad-share", line, column="share")
    return value


def _ratings(table: IntArray, people: Numbering, items: Numbering, scale: int) -> Ratings:
    both = np.full((2, len(people), len(items)), np.nan)
    for part, column in enumerate((3, 4)):
        given = table[table[:, column] != NOT_GIVEN]
        both[part, given[:, 1], given[:, 2]] = given[:, column]
    return Ratings(both[0], both[1], tuple(items), scale)


def _labels(table: IntArray, place: int, labels: Numbering, column: str) -> tuple[str, ...]:
    """One label per person, in the order of their numbers; a person with two is refused."""
    _, first, who = np.unique(table[:, 1], return_index=True, return_inverse=True)
    apart = table[first[who], place] != table[:, place]
    if apart.any():
        at = int(table[apart, 0].min())
        begun = int(table[first[who], 0][table[:, 0] == at][0])
        raise Refusal("two-groups", {"column": clean(column), "first": begun}, line=at)
    names = list(labels)
    return tuple(names[label] for label in table[first, place].tolist())
