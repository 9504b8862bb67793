"""What the live charts share: the frame of an ECharts option, rows down the side, and the marks on them.

All are plain JSON values; charts.js resolves colours and numbers, draws intervals and spreads panels over the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.web.charts import svg
from gateway.web.charts.text import plain, tick_digits, wrap

Part = dict[str, Any]
Points = int | list[int]
SMALL = 12.5
TIP_WIDTH, TIP_LINES = 380, 6


def frame(height: float, points: Points, lang: str) -> Part:
    """What every option starts with: height in px, and the series whose points the arrow keys walk, by index.

    Several series, on one set of rows, are walked row by row; the second value of a point is its row.
    """
    return {
        "cercle": {"height": round(height), "points": points, "lang": lang},
        "animation": False,
        "textStyle": {"fontFamily": svg.FONT, "color": svg.INK_2},
        "tooltip": _tooltip(),
    }


def _tooltip() -> Part:
    """Tooltips drawn on the canvas: no HTML, so nothing to inject and nothing for the policy to block."""
    return {
        "renderMode": "richText", "formatter": "{b}", "confine": True, "padding": [10, 14],
        "backgroundColor": svg.SURFACE, "borderColor": svg.LINE_STRONG, "borderWidth": 1,
        "textStyle": {"color": svg.INK, "fontSize": 14, "lineHeight": 20, "fontFamily": svg.FONT},
    }  # fmt: skip


def tip(statement: str, *lines: str) -> str:
    """What a point says: the whole statement, then its figures in words, line by line."""
    return plain("\n".join([*wrap(statement, 14, TIP_WIDTH, TIP_LINES), *lines]))


def value_axis(ticks: Sequence[float], **more: Any) -> Part:
    """Numbers along the foot, with a line at every tick."""
    return {
        "type": "value", "min": ticks[0], "max": ticks[-1], "interval": ticks[1] - ticks[0],
        "axisLabel": {"color": svg.INK_3, "fontSize": SMALL, "digits": tick_digits(ticks)},
        "splitLine": {"lineStyle": {"color": svg.LINE}}, **more,
    }  # fmt: skip


def rows_axis(words: Sequence[str], label: Part, **more: Any) -> Part:
    """One row for each of the words, the first on top."""
    bare = {
        "axisTick": {"show": False},
        "axisLine": {"show": False, "onZero": False},
        "splitLine": {"show": False},
    }
    return {
        "type": "category", "inverse": True, "data": list(words), "axisLabel": {"interval": 0, **label}, **bare, **more,
    }  # fmt: skip


def labels(
    rows: Sequence[tuple[str, bool]], size: float, room: float, margin: float, lines: int = 2, **more: Any
) -> Part:
    """Statements in `lines` lines at most, `room` px wide and `margin` px left of the plot; those with True in full ink."""
    words = [
        "\n".join(f"{{{'v' if strong else 'q'}|{plain(line)}}}" for line in wrap(label, size, room, lines))
        for label, strong in rows
    ]
    rich = {
        name: {"color": ink, "fontSize": size, "lineHeight": size * 1.3}
        for name, ink in (("v", svg.INK), ("q", svg.INK_2))
    }
    return rows_axis(words, {"align": "left", "margin": margin, "rich": rich}, **more)


def rules(heights: Sequence[float]) -> list[Part]:
    """Lines at these heights, drawn as wide as the chart by charts.js."""
    style = {"stroke": svg.LINE, "lineWidth": 1}
    return [
        {"type": "line", "silent": True, "shape": {"x1": 0, "x2": "width", "y1": y, "y2": y}, "style": style}
        for y in heights
    ]


def text(words: str, place: Part, **style: Any) -> Part:
    """Words on the canvas; `place`: top, and left or right, in px."""
    drawn = {"text": words, "fontSize": SMALL, "fontFamily": svg.FONT, "fill": svg.INK_3, **style}
    return {"type": "text", "silent": True, **place, "style": drawn}


def zero(label: Part | None = None) -> Part:
    """A stronger line where the axis is zero."""
    line = {
        "xAxis": 0,
        "lineStyle": {"color": svg.LINE_STRONG, "type": "solid", "width": 1},
        "label": label or {"show": False},
    }
    return {"silent": True, "symbol": "none", "animation": False, "z": 1, "data": [line]}


def span(low: float, high: float, row: float, stroke: str, width: float, **style: Any) -> Part:
    """A bar from low to high on a row."""
    bar = {"stroke": stroke, "lineWidth": width, "lineCap": "round", **style}
    return {"value": [figure(low), figure(high), row], "bar": bar, "itemStyle": {"color": stroke}}


def interval(low: float, high: float, row: float, *, strong: bool, width: float) -> Part:
    """An interval: in colour and `width` px wide where it is strong, thin and quiet otherwise."""
    return span(low, high, row, svg.VOICE_LINE if strong else svg.LINE_STRONG, width if strong else 3)


def spans(data: Sequence[Part], **more: Any) -> Part:
    """A series of bars that charts.js draws."""
    return {"type": "custom", "renderItem": "interval", "silent": True, "z": 2, "data": list(data), **more}


def dot(name: str, place: tuple[float, float], size: float, color: str, **style: Any) -> Part:
    """A point that says `name`; `place`: its value and its row."""
    drawn = {"opacity": 1, "color": color, "borderColor": svg.SURFACE, "borderWidth": 1.5, **style}
    return {"name": name, "value": [figure(place[0]), place[1]], "symbolSize": size, "itemStyle": drawn}


def dots(data: Sequence[Part], **more: Any) -> Part:
    """A series of points."""
    return {"type": "scatter", "z": 4, "data": list(data), **more}


def figure(value: float) -> float:
    """No finer than the CSV file gives it."""
    return round(value, 4)
