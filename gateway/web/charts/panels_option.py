"""Rows with marks in one or more panels side by side, as an ECharts option."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.live import Part

TEXT = 14
BOTTOM = 30


@dataclass(frozen=True)
class Panel:
    """One panel: its heading, where it stands in shares 0..1 of the room beside the labels, and its marks.

    `bars`, `under` and `points` lie on each other in this order; the arrow keys walk the points where `walked`. `empty`:
    what stands in a row that has no mark, by row.
    """

    heading: str
    across: tuple[float, float]
    ticks: Sequence[float]
    bars: Sequence[Part]
    under: Sequence[Part]
    points: Sequence[Part]
    walked: bool = True
    empty: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Room:
    """Places in px: the column of the labels, the inset of each panel, the first row and the height of a row."""

    labels: float
    inset: float
    top: float
    row: float


def option(
    labels: Sequence[tuple[str, bool]], panels: Sequence[Panel], room: Room, lang: str
) -> dict[str, Any]:
    """Labels with whether they stand in full ink, and at least one panel; charts.js spreads panels over the width."""
    height = room.top + room.row * len(labels) + BOTTOM
    walked = [3 * at + 2 for at, panel in enumerate(panels) if panel.walked]
    statements = live.labels(labels, TEXT, room.labels - 16, room.labels + room.inset, position="left")
    return {
        **live.frame(height, walked, lang),
        "grid": [_grid(panel, room) for panel in panels],
        "xAxis": [live.value_axis(panel.ticks, gridIndex=at) for at, panel in enumerate(panels)],
        "yAxis": [*(_rows(panel, at, len(labels), room) for at, panel in enumerate(panels)), statements],
        "graphic": live.rules([room.top + room.row * at for at in range(len(labels))]),
        "series": [one for at, panel in enumerate(panels) for one in _series(panel, at)],
    }


def _grid(panel: Panel, room: Room) -> Part:
    return {
        "left": room.labels, "right": room.inset, "across": list(panel.across), "top": room.top, "bottom": BOTTOM,
        "outerBoundsMode": "none",
    }  # fmt: skip


def _rows(panel: Panel, at: int, rows: int, room: Room) -> Part:
    """The rows of a panel carry its heading, and the words of those that are empty."""
    heading = {
        "name": panel.heading, "nameLocation": "start", "nameGap": room.top - 4, "nameMoveOverlap": False,
        "nameTextStyle": {"color": svg.INK, "fontSize": 13, "fontWeight": 600, "lineHeight": 17,
                          "align": "left", "verticalAlign": "top"},
    }  # fmt: skip
    words = [panel.empty.get(row, "") for row in range(rows)]
    label = {"inside": True, "align": "left", "margin": 0, "fontSize": 12, "color": svg.INK_3}
    return live.rows_axis(words, label, gridIndex=at, position="left", **heading)


def _series(panel: Panel, at: int) -> list[Part]:
    here = {"xAxisIndex": at, "yAxisIndex": at}
    return [
        live.spans(panel.bars, **here, markLine=live.zero()),
        live.dots(panel.under, **{**here, "z": 3}),
        live.dots(panel.points, **here),
    ]
