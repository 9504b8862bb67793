"""What goes into a chart and what comes out of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from gateway.web.charts.words import say

SURE = 0.8
INDICATIVE_BELOW = 10
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class NeedRow:
    """One need, its words in the reader's language.

    `value`, `low`, `high`: score and 95 % interval; `p_top`: chance 0..1 of the top k; `importance`,
    `ability`: item means in points; `quadrant`: concentrate, keep-up, low-priority or
    possible-overkill; `tied`: shares its rank; `rds`: ranked discrepancy
    score, -100 (all fall short) to 100, for the table.
    """

    label: str
    rank: int
    value: float
    low: float
    high: float
    n: int
    p_top: float
    importance: float
    ability: float
    quadrant: str
    tied: bool = False
    rds: float | None = None

    @property
    def place(self) -> str:
        """Rank as shown: "2", or "2=" where it is shared."""
        return f"{self.rank}=" if self.tied else str(self.rank)

    @property
    def stands_out(self) -> bool:
        """At least 80 % sure to be in the top k."""
        return self.p_top >= SURE


@dataclass(frozen=True)
class GroupCell:
    """One need in one group: gap in points with its 95 % interval, and people; None stands for a hidden cell."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class GroupRow:
    """One need: its words, its gap over everyone, and one cell per group."""

    label: str
    overall: float
    cells: tuple[GroupCell | None, ...]

    def apart(self, cell: GroupCell | None) -> bool:
        """The interval of the group does not hold the gap over everyone."""
        return cell is not None and not cell.low <= self.overall <= cell.high


@dataclass(frozen=True)
class ChangeRow:
    """One need: mean gap `before` and `after` in points, `change` = after - before with its 95 % interval.

    `n_before`, `n_after`: answers behind each; `g`: Hedges' g, None where nobody differs; `paired`: the same people.
    """

    label: str
    before: float
    after: float
    change: float
    low: float
    high: float
    n_before: int
    n_after: int
    g: float | None
    paired: bool

    @property
    def shrank(self) -> bool:
        """The whole interval lies below zero."""
        return self.high < 0

    @property
    def grew(self) -> bool:
        """The whole interval lies above zero."""
        return self.low > 0

    @property
    def clear(self) -> bool:
        """The interval leaves zero out."""
        return self.shrank or self.grew


@dataclass(frozen=True)
class CutLines:
    """Where the quadrants meet, in points of a 1..`scale` scale, and the rule that says so."""

    importance: float
    ability: float
    rule: str = "grand-mean"
    scale: int = 5


@dataclass(frozen=True)
class Table:
    """The chart as a table of formatted cells; the first cell names its row."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A figure in every form a page needs.

    `title` says the message, `sub` how to read it; `svg` is drawn for 560 px and wider,
    `svg_narrow` for phones; `option` is an ECharts option (colours as CSS variables, resolved by
    charts.js); `alt` says what the picture shows; `csv` starts with a byte order mark, for
    spreadsheets, and its text cells cannot become formulas.
    """

    title: str
    sub: str
    svg: str
    svg_narrow: str
    option: dict[str, Any]
    alt: str
    table: Table
    csv: str
    lang: str

    @property
    def markup(self) -> str:
        """The picture as HTML, ready for a figure: both drawings and the data that charts.js reads.

        Safe to insert as it is. Without script the wide drawing shows, or the narrow one where
        the page's style sheet says so.
        """
        drawings = f'<div class="chart-wide">{self.svg}</div><div class="chart-narrow" hidden>{self.svg_narrow}</div>'
        return host(drawings, self.option, self.alt, self.lang)


def host(drawings: str, option: dict[str, Any], alt: str, lang: str) -> str:
    """What charts.js makes live: drawings as safe HTML (classes chart-wide and chart-narrow, or chart-any) and the option."""
    data = json.dumps(option, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    hint = escape(say(lang, "ui.points"))
    return (
        f'<div data-chart data-chart-hint="{hint}" data-chart-alt="{escape(alt)}">{drawings}'
        f'<script type="application/json">{data}</script></div>'
    )


def need_rows(analysis: Mapping[str, Any], labels: Mapping[str, str]) -> list[NeedRow]:
    """Rows from an analysis as plain values, in its order; suppressed items are left out.

    `labels`: words by item id in the reader's language.
    """
    ranking = analysis["ranking"]
    return [
        _row(item, item["estimates"][ranking], labels) for item in analysis["items"] if not item["suppressed"]
    ]


def cut_lines(analysis: Mapping[str, Any]) -> CutLines:
    """Cut lines from an analysis as plain values."""
    cuts = analysis["cuts"]
    return CutLines(cuts["importance"], cuts["ability"], cuts["rule"], analysis["scale"])


def answers(rows: Sequence[NeedRow], lang: str) -> str:
    """How many people stand behind the figures."""
    low, high = min(row.n for row in rows), max(row.n for row in rows)
    if low == high:
        return say(lang, "answers.one", n=low)
    return say(lang, "answers.range", low=low, high=high)


def message(rows: Sequence[NeedRow], lang: str, words: str) -> str:
    """The message, marked as indicative below ten answers."""
    if min(row.n for row in rows) >= INDICATIVE_BELOW:
        return words
    return say(lang, "indicative") + words[0].lower() + words[1:]


def to_csv(head: Sequence[str], rows: Sequence[Sequence[str | float]]) -> str:
    """RFC 4180 text with a byte order mark; text that a spreadsheet would run is quoted with '."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) or value.strip().startswith(_RISKY) else value
    return f"{round(value, 4):g}"


def _row(item: Mapping[str, Any], estimate: Mapping[str, Any], labels: Mapping[str, str]) -> NeedRow:
    return NeedRow(
        label=labels[item["item"]],
        rank=estimate["rank"],
        value=estimate["value"],
        low=estimate["low"],
        high=estimate["high"],
        n=item["n"],
        p_top=estimate["p_top"],
        importance=item["mean_importance"],
        ability=item["mean_ability"],
        quadrant=item["quadrant"],
        tied=estimate["tied"],
        rds=item["estimates"].get("rds", {}).get("value"),
    )
