"""`cercle needs delphi`: from a CSV of ratings by round to consensus, concordance and stability."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np

from services.command.needs_text import Report
from services.command.tables import NOT_GIVEN, Numbering, points, read_rows, refuse_twins, required
from services.command.words import UNREADABLE, Refusal, clean, table, unreadable
from services.surveys.methods import MethodError
from services.surveys.methods.delphi import (
    Delphi,
    ItemRound,
    Panel,
    PanelRound,
    StopRule,
    default_rule,
    delphi,
)
from services.surveys.methods.ratings import IntArray

MAX_ROUND = 99


def read_panel(file: BinaryIO, round_column: str, scale: int) -> Panel:
    """The panel of a CSV with the columns respondent, item, the round column and rating.

    Raises Refusal: those of `tables` and `bad-round` (status 2), `rating-twice-in-round` (1).
    """
    columns = ("respondent", "item", round_column, "rating")
    if len(set(columns)) < len(columns):
        raise unreadable("by-not-a-group", column=clean(round_column))
    people, items, cells = Numbering(), Numbering(), array("q")
    for line, row in read_rows(file, columns):
        person, item = people[required(row[0], columns[0], line)], items[required(row[1], columns[1], line)]
        number = _round_number(row[2], round_column, line)
        cells.extend([line, person, item, number, points(row[3], scale, columns[3], line)])
    rows = np.array(cells, dtype=np.int64).reshape(-1, 5)
    key = (rows[:, 1] * len(items) + rows[:, 2]) * (MAX_ROUND + 1) + rows[:, 3]
    refuse_twins(key, rows[:, 0], "rating-twice-in-round")
    return _panel(rows, people, items, scale)


def _round_number(cell: str, column: str, line: int) -> int:
    number = int(cell) if re.fullmatch("[0-9]{1,2}", cell) else 0
    if number < 1:
        raise unreadable("bad-round", line, column=clean(column), maximum=MAX_ROUND)
    return number


def _panel(rows: IntArray, people: Numbering, items: Numbering, scale: int) -> Panel:
    rounds, at = np.unique(rows[:, 3], return_inverse=True)
    ratings = np.full((rounds.size, len(people), len(items)), np.nan)
    given = rows[:, 4] != NOT_GIVEN
    ratings[at[given], rows[given, 1], rows[given, 2]] = rows[given, 4]
    return Panel(ratings, tuple(rounds.tolist()), tuple(items), scale)


def rule_of(scale: int, options: Mapping[str, Any]) -> StopRule:
    """The default rule of the scale, with the options given (not None); Refusal on a band outside it."""
    given = {name: value for name, value in options.items() if value is not None}
    low, high = given.get("band", (1, scale))
    if not 1 <= low <= high <= scale:
        raise unreadable("band-outside-scale", scale=scale)
    try:
        return replace(default_rule(scale), **given)
    except MethodError as error:  # "nan" passes the bounds of an option
        raise Refusal(error.code, error.params, status=UNREADABLE) from error


def judge(panel: Panel, rule: StopRule) -> Delphi:
    """The judgement of every round; Refusal where the method refuses."""
    try:
        return delphi(panel, rule)
    except MethodError as error:
        raise Refusal(error.code, error.params) from error


def to_json(found: Delphi, round_column: str) -> dict[str, Any]:
    """Everything as plain JSON values; `report` holds what it takes, beside the data, to make the same again."""
    return {**found.to_dict(), "report": {"command": "delphi", "round_column": round_column}}


def report(found: Delphi, language: str) -> Iterator[str]:
    """The rounds as lines for people."""
    words = _DelphiReport(language)
    yield words.rule(found)
    for one in found.rounds:
        yield from words.round(one, found.rule)
    smallest = min(one.panellists for one in found.rounds)
    yield from ("", *words.people(smallest, indicative=found.indicative))
    yield words.word("manifest")
    yield from words.record({**found.manifest, "convention": found.rule.convention})


class _DelphiReport(Report):
    def rule(self, found: Delphi) -> str:
        rule = found.rule
        shares = {"agreement": rule.agreement, "moved": rule.moved}
        figures = {"iqr": rule.iqr, "w": rule.concordance, "gain": rule.gain}
        return self.word(
            "delphi.rule",
            low=rule.band[0],
            high=rule.band[1],
            rounds=rule.rounds,
            convention=rule.convention,
            **{name: self.share(value) for name, value in shares.items()},
            **{name: self.figure(value) for name, value in figures.items()},
        )

    def round(self, one: PanelRound, rule: StopRule) -> Iterator[str]:
        yield from ("", self.word("delphi.round", number=one.number, n=one.panellists))
        if one.stayed is not None:
            yield self.word("delphi.stayed", n=one.stayed)
        yield from table(self._head(rule), [self._row(item) for item in one.items if not item.suppressed], 2)
        hidden = [item.item for item in one.items if item.suppressed]
        if hidden:
            yield self.word("suppressed", minimum=5, items=clean(", ".join(hidden), 2000))
        yield from self._concordance(one)
        yield self.word(f"delphi.stop.{one.stop or 'none'}")

    def _head(self, rule: StopRule) -> list[str]:
        band = self.word("column.band", low=rule.band[0], high=rule.band[1])
        names = ("n", "median", "quartiles", "iqr")
        later = ("cv", "cv-change", "moved")
        start = [self.word("column.item"), self.word("column.state")]
        middle = [self.word(f"column.{name}") for name in names]
        return [*start, *middle, band, *(self.word(f"column.{name}") for name in later)]

    def _row(self, item: ItemRound) -> list[str]:
        first = [clean(item.item), self.word(f"delphi.state.{item.state}"), str(item.n)]
        quartiles = f"{self.figure(item.q1)}–{self.figure(item.q3)}"
        middle = [self.figure(item.median), quartiles, self.figure(item.iqr), self._share(item.agreement)]
        return [
            *first,
            *middle,
            self.figure(item.cv, 3),
            self.figure(item.cv_change, 3),
            self._share(item.moved),
        ]

    def _share(self, value: float | None) -> str:
        return "–" if value is None else self.share(value)

    def _concordance(self, one: PanelRound) -> Iterator[str]:
        found = one.concordance
        if found is None:
            yield self.word(f"delphi.no-w.{one.why_none}")
            return
        p_value = self.p_value(found.p_value)
        p_shown = p_value if p_value.startswith("<") else f"=\u00a0{p_value}"
        figures: dict[str, Any] = {"w": self.figure(found.w, 3), "chi2": self.figure(found.chi2)}
        yield self.word("delphi.w", **figures, df=found.df, p=p_shown, n=found.raters, items=found.items)
        if one.w_change is not None:
            yield self.word("delphi.w-change", change=self.figure(one.w_change, 3))
