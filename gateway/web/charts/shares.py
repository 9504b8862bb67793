"""How many of those asked have answered, by one attribute: a bar for each value, and its figure beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.model import Chart, Table, to_csv
from gateway.web.charts.text import plain, wrap

WIDE, NARROW = 900.0, 300.0
LABELS, FIGURES = 250.0, 96.0
SIZE, LINE = 15.0, 44.0
THICK = 16


@dataclass(frozen=True)
class Share:
    """One value. `share` 0..1 of those asked, None where it is hidden; `figure` stands at the end of the bar, `said`: in words."""

    label: str
    share: float | None
    figure: str
    said: str = ""


def shares_chart(rows: Sequence[Share], table: Table, *, sub: str, alt: str, lang: str, ident: str) -> Chart:
    """Horizontal bars in the order given, at least one (ValueError otherwise). A hidden share has a dashed track alone."""
    if not rows:
        raise ValueError("no rows to draw")
    return Chart(
        title=table.caption,
        sub=sub,
        svg=_draw(rows, (f"{ident}-wide", table.caption, alt), lang, narrow=False),
        svg_narrow=_draw(rows, (f"{ident}-narrow", table.caption, alt), lang, narrow=True),
        option=_option(rows, lang),
        alt=alt,
        table=table,
        csv=to_csv(table.head, table.rows),
        lang=lang,
    )


def _draw(rows: Sequence[Share], head: tuple[str, str, str], lang: str, *, narrow: bool) -> str:
    width = NARROW if narrow else WIDE
    left = 0.0 if narrow else LABELS
    step = LINE + 18 if narrow else LINE
    parts = [_bar(row, index * step, (left, width - left), narrow=narrow) for index, row in enumerate(rows)]
    return svg.document((width, step * len(rows)), head, "".join(parts), lang)


def _bar(row: Share, top: float, place: tuple[float, float], *, narrow: bool) -> str:
    left, room = place
    track, middle = room - FIGURES, top + (40 if narrow else 22)
    label = wrap(row.label, SIZE, room if narrow else left - 12, 1)
    words = svg.lines_of(0, top + (18 if narrow else 27), label, SIZE, fill=svg.INK)
    dash: dict[str, str | float] = {"stroke_dasharray": "3 5"} if row.share is None else {}
    line = svg.line(left, middle, left + track, middle, stroke=svg.LINE_STRONG, stroke_width=1, **dash)
    filled = ""
    if row.share:
        filled = svg.element(
            "rect", x=left, y=middle - THICK / 2, width=track * row.share, height=THICK, rx=3, fill=svg.VOICE
        )
    return words + line + filled + svg.text(left + track + 10, middle + 5, row.figure, SIZE, fill=svg.INK_2)


def _option(rows: Sequence[Share], lang: str) -> dict[str, Any]:
    names = live.labels([(row.label, True) for row in rows], SIZE, LABELS - 12, LABELS, lines=1)
    label = {"align": "left", "margin": 10, "fontSize": SIZE, "color": svg.INK_2}
    figures = live.rows_axis([row.figure for row in rows], label, position="right")
    return {
        **live.frame(LINE * len(rows), 1, lang),
        "grid": {"left": LABELS, "right": FIGURES, "top": 0, "bottom": 0, "outerBoundsMode": "none"},
        "xAxis": {"type": "value", "min": 0, "max": 1, "show": False},
        "yAxis": [names, figures],
        "series": [live.spans([_track(row, at) for at, row in enumerate(rows)], z=1), _bars(rows)],
    }


def _track(row: Share, at: int) -> dict[str, Any]:
    dash = {"lineDash": [3, 5]} if row.share is None else {}
    return live.span(0, 1, at, svg.LINE_STRONG, 1, lineCap="butt", **dash)


def _bars(rows: Sequence[Share]) -> dict[str, Any]:
    """The shares that are shown; each says its words."""
    data = [
        {"name": plain(f"{row.label}\n{row.said}"), "value": [live.figure(row.share), at]}
        for at, row in enumerate(rows)
        if row.share is not None
    ]
    style = {"color": svg.VOICE, "borderRadius": 3}
    return {"type": "bar", "z": 3, "barWidth": THICK, "itemStyle": style, "data": data}
