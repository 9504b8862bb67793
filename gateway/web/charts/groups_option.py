"""Needs by group as an ECharts option: one panel per group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.model import GroupCell, GroupRow
from gateway.web.charts.panels_option import Panel, Room
from gateway.web.charts.panels_option import option as panels_option
from gateway.web.charts.text import number, wrap
from gateway.web.charts.words import say

WIDE, LABEL, WIDEST, ROW = 900.0, 300.0, 300.0, 46.0


def option(
    rows: Sequence[GroupRow], groups: Sequence[str], ticks: Sequence[float], lang: str
) -> dict[str, Any]:
    """Plain JSON values; a hidden cell has its word and nothing else."""
    panel = min(WIDEST, (WIDE - LABEL) / len(groups)) / (WIDE - LABEL)
    panels = [
        _panel(rows, (place, group), (place * panel, (place + 1) * panel), ticks, lang)
        for place, group in enumerate(groups)
    ]
    return panels_option([(row.label, True) for row in rows], panels, Room(LABEL, 14, 40, ROW), lang)


def _panel(
    rows: Sequence[GroupRow],
    group: tuple[int, str],
    across: tuple[float, float],
    ticks: Sequence[float],
    lang: str,
) -> Panel:
    place, name = group
    cells = [(at, row, row.cells[place]) for at, row in enumerate(rows)]
    seen = [(at, row, cell, _tip(row, name, cell, lang)) for at, row, cell in cells if cell is not None]
    return Panel(
        heading="\n".join(wrap(name, 13, (WIDE - LABEL) * (across[1] - across[0]) - 12, 2)),
        across=across,
        ticks=ticks,
        bars=[
            live.interval(cell.low, cell.high, at, strong=row.apart(cell), width=6)
            for at, row, cell, _ in seen
        ],
        under=[_whole(tip, row.overall, at) for at, row, _, tip in seen],
        points=[live.dot(tip, (cell.value, at), *_look(row.apart(cell))) for at, row, cell, tip in seen],
        empty={at: say(lang, "hidden") for at, _, cell in cells if cell is None},
    )


def _whole(tip: str, overall: float, at: int) -> live.Part:
    """The gap over everyone, an upright line."""
    bare = live.dot(tip, (overall, at), 16, svg.INK_3, borderWidth=0)
    return {**bare, "symbol": "rect", "symbolSize": [1.5, 16]}


def _tip(row: GroupRow, group: str, cell: GroupCell, lang: str) -> str:
    value, low, high = (number(v, lang, 2) for v in (cell.value, cell.low, cell.high))
    figures = (
        group,
        say(lang, "tip.gap", value=value, low=low, high=high),
        say(lang, "tip.overall", overall=number(row.overall, lang, 2)),
        say(lang, "tip.n", n=cell.n),
    )
    return live.tip(row.label, *figures, *([say(lang, "tip.apart")] if row.apart(cell) else []))


def _look(apart: bool) -> tuple[float, str]:
    return (12, svg.VOICE) if apart else (9, svg.INK_2)
