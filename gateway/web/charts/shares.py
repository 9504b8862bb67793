"""How many of those asked have answered, by one attribute: a bar for each value, as a drawing and as words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.web.charts import svg
from gateway.web.charts.text import wrap

WIDE, NARROW = 700.0, 300.0
LABELS = 250.0
SIZE, LINE = 15.0, 44.0


@dataclass(frozen=True)
class Share:
    """One value. `share` 0..1 of those asked, None where it is hidden; `figure`: what stands at the end of the bar."""

    label: str
    share: float | None
    figure: str


def shares_svg(rows: Sequence[Share], head: tuple[str, str, str], lang: str, *, narrow: bool = False) -> str:
    """Horizontal bars in the order given; `head` = (id, title, description). A hidden share has a dashed track."""
    width = NARROW if narrow else WIDE
    left = 0.0 if narrow else LABELS
    room = width - left
    step = LINE + 18 if narrow else LINE
    parts = [_bar(row, index * step, (left, room), narrow=narrow) for index, row in enumerate(rows)]
    return svg.document((width, max(step, step * len(rows))), head, "".join(parts), lang)


def _bar(row: Share, top: float, place: tuple[float, float], *, narrow: bool) -> str:
    left, room = place
    track, middle = room - 96, top + (40 if narrow else 22)
    label = wrap(row.label, SIZE, room if narrow else left - 12, 1)
    words = svg.lines_of(0, top + (18 if narrow else 27), label, SIZE, fill=svg.INK)
    dash: dict[str, str | float] = {"stroke_dasharray": "3 5"} if row.share is None else {}
    line = svg.line(left, middle, left + track, middle, stroke=svg.LINE_STRONG, stroke_width=1, **dash)
    filled = ""
    if row.share:
        filled = svg.element(
            "rect", x=left, y=middle - 8, width=track * row.share, height=16, rx=3, fill=svg.VOICE
        )
    return words + line + filled + svg.text(left + track + 10, middle + 5, row.figure, SIZE, fill=svg.INK_2)
