"""What changed between two waves as an ECharts option: the gaps, and beside them the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.model import ChangeRow
from gateway.web.charts.panels_option import Panel, Room
from gateway.web.charts.panels_option import option as panels_option
from gateway.web.charts.text import number, signed
from gateway.web.charts.words import say

LABEL, WIDTH, ROW, TOP = 320.0, 900.0, 52.0, 44.0
GAPS, CHANGES = (346.0, 240.0), (650.0, 230.0)
INSET = GAPS[0] - LABEL


def option(
    rows: Sequence[ChangeRow], ticks: tuple[Sequence[float], Sequence[float]], lang: str
) -> dict[str, Any]:
    """Plain JSON values; `ticks` of the gaps and of the changes. One stop of the arrow keys for each need."""
    tips = [_tip(row, lang) for row in rows]
    panels = [_gaps(rows, tips, ticks[0], lang), _changes(rows, tips, ticks[1], lang)]
    return panels_option([(row.label, row.clear) for row in rows], panels, Room(LABEL, INSET, TOP, ROW), lang)


def _gaps(rows: Sequence[ChangeRow], tips: Sequence[str], ticks: Sequence[float], lang: str) -> Panel:
    """Before is a ring and after a dot, so that neither needs a colour to be told."""
    ring = {"borderColor": svg.INK_2, "borderWidth": 2}
    pairs = list(enumerate(zip(rows, tips, strict=True)))
    return Panel(
        heading=say(lang, "head.waves"),
        across=_across(GAPS),
        ticks=ticks,
        bars=[
            live.interval(row.before, row.after, at, strong=row.clear, width=3) for at, row in enumerate(rows)
        ],
        under=[live.dot(tip, (row.before, at), 11, svg.SURFACE, **ring) for at, (row, tip) in pairs],
        points=[live.dot(tip, (row.after, at), 12, _color(row)) for at, (row, tip) in pairs],
        walked=False,
    )


def _changes(rows: Sequence[ChangeRow], tips: Sequence[str], ticks: Sequence[float], lang: str) -> Panel:
    pairs = enumerate(zip(rows, tips, strict=True))
    return Panel(
        heading=say(lang, "head.change"),
        across=_across(CHANGES),
        ticks=ticks,
        bars=[live.interval(row.low, row.high, at, strong=row.clear, width=6) for at, row in enumerate(rows)],
        under=[],
        points=[
            live.dot(tip, (row.change, at), 12 if row.clear else 9, _color(row)) for at, (row, tip) in pairs
        ],
    )


def _across(place: tuple[float, float]) -> tuple[float, float]:
    """The panel with its inset, as shares of the room beside the labels."""
    left, width = place
    room = WIDTH - LABEL
    return (left - INSET - LABEL) / room, min(1.0, (left + width + INSET - LABEL) / room)


def _color(row: ChangeRow) -> str:
    return svg.VOICE if row.clear else svg.INK_2


def _tip(row: ChangeRow, lang: str) -> str:
    moved = {name: signed(getattr(row, name), lang, 2) for name in ("change", "low", "high")}
    figures = (
        say(lang, "narrow.gaps", before=number(row.before, lang, 2), after=number(row.after, lang, 2)),
        say(lang, "tip.change", **moved),
        *([] if row.g is None else [say(lang, "col.effect") + say(lang, "colon") + signed(row.g, lang, 2)]),
        say(lang, "tip.waves", before=row.n_before, after=row.n_after),
        say(lang, "tip.paired" if row.paired else "tip.unpaired"),
    )
    return live.tip(row.label, *figures)
