"""Reading a CSV file strictly: every fault has a line number, a stable code and a sentence."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np

from services.command.words import Refusal, clean, unreadable
from services.surveys.methods.ratings import IntArray

DELIMITERS = (",", ";", "\t")
MISSING = frozenset({"", "na", "n/a"})
NOT_GIVEN = 0
_WHOLE = re.compile(r"[0-9]{1,9}(?:[.,]0+)?")


def read_rows(file: BinaryIO, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and the cells of `columns`, in that order and stripped, row by row.

    UTF-8 with or without a byte order mark; comma, semicolon or tab, as the header has it; blank lines are
    passed over. Raises Refusal with status 2: `not-utf8`, `csv-broken`, `no-header`, `column-missing`,
    `column-twice`, `row-width`, `no-rows`.
    """
    lines = _decoded(file)
    header = next(lines, "")
    delimiter = max(DELIMITERS, key=header.count)
    rows = _parsed([header], lines, delimiter)
    names = _header(next(rows, (1, []))[1], columns)
    places, empty = [names.index(column) for column in columns], True
    for line, cells in rows:
        empty = False
        yield line, [cells[place] for place in _checked(cells, places, len(names), line)]
    if empty:
        raise unreadable("no-rows")


def points(cell: str, scale: int, column: str, line: int) -> int:
    """The whole points 1..scale of a cell, or 0 for no answer (empty, NA, N/A).

    Raises Refusal `bad-rating` with status 2.
    """
    if len(cell) == 1 and "1" <= cell <= "9" and int(cell) <= scale:
        return int(cell)  # nearly every cell of a large file
    if cell.lower() in MISSING:
        return NOT_GIVEN
    value = int(re.split("[.,]", cell)[0]) if _WHOLE.fullmatch(cell) else 0
    if not 1 <= value <= scale:
        raise unreadable("bad-rating", line, column=column, scale=scale)
    return value


def required(cell: str, column: str, line: int) -> str:
    """The cell, which must say something; Refusal `cell-empty` with status 2."""
    if not cell:
        raise unreadable("cell-empty", line, column=column)
    return cell


def refuse_twins(keys: IntArray, lines: IntArray, code: str) -> None:
    """Refuse the first row (in file order) whose key an earlier row has; `keys`, `lines` of shape (rows,)."""
    order = np.lexsort((lines, keys))
    same = keys[order][1:] == keys[order][:-1]
    if same.any():
        pairs = zip(lines[order][1:][same].tolist(), lines[order][:-1][same].tolist(), strict=True)
        line, first = min(pairs)
        raise Refusal(code, {"first": first}, line=line)


class Numbering(dict[str, int]):
    """Numbers labels 0, 1, 2… in order of first sight."""

    def __missing__(self, label: str) -> int:
        self[label] = len(self)
        return self[label]


def _decoded(file: BinaryIO) -> Iterator[str]:
    for number, raw in enumerate(file, 1):
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise unreadable("not-utf8", number) from error


def _parsed(head: list[str], rest: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_chained(head, rest), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise unreadable("csv-broken", reader.line_num) from error


def _chained(head: list[str], rest: Iterable[str]) -> Iterator[str]:
    yield from head
    yield from rest


def _header(cells: list[str], wanted: Sequence[str]) -> list[str]:
    names = _without_blank_end(cells)
    if not names:
        raise unreadable("no-header", 1)
    for column in wanted:
        if names.count(column) != 1:
            code = "column-twice" if column in names else "column-missing"
            raise unreadable(code, 1, column=clean(column), found=clean(", ".join(names)))
    return names


def _checked(cells: list[str], places: list[int], width: int, line: int) -> list[int]:
    # Spreadsheets leave empty cells at the end of a row; anything else beyond the header is a fault.
    surplus = _without_blank_end(cells[width:])
    if len(cells) < width or surplus:
        raise unreadable("row-width", line, expected=width, found=len(cells))
    return places


def _without_blank_end(cells: list[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept
