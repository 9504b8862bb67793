"""Needs by ability (across) and importance (up), in four named regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.charts import svg
from gateway.web.charts.model import Chart, CutLines, NeedRow, Table, answers, message, to_csv
from gateway.web.charts.quadrant_key import FOCUS, REGIONS, KeyLine, cut_label, key_lines
from gateway.web.charts.quadrant_option import Layout, option
from gateway.web.charts.text import number, wrap
from gateway.web.charts.words import counted, say

RADIUS = 12.0
APART = 2 * RADIUS + 2
ROUNDS = 200


@dataclass(frozen=True)
class _Frame:
    """The square of the plot in the units of the viewBox, and the points it covers on each axis."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, ability: float) -> float:
        low, high = self.x_range
        return self.left + (ability - low) / (high - low) * self.width

    def y(self, importance: float) -> float:
        low, high = self.y_range
        return self.bottom - (importance - low) / (high - low) * self.height

    def ability(self, x: float) -> float:
        low, high = self.x_range
        return low + (x - self.left) / self.width * (high - low)

    def importance(self, y: float) -> float:
        low, high = self.y_range
        return low + (self.bottom - y) / self.height * (high - low)


def quadrant_chart(
    rows: Sequence[NeedRow], cuts: CutLines, *, lang: str, title: str | None = None, ident: str = "quadrant"
) -> Chart:
    """Importance-ability quadrants, each need a numbered point with its words beside the picture.

    Rows come in rank order, at least one (ValueError otherwise); the number of a point is its
    place in that order. `title`: the message; by default it counts the first quadrant.
    """
    if not rows:
        raise ValueError("no rows to draw")
    focus = sum(row.quadrant == FOCUS for row in rows)
    shown = title or message(rows, lang, counted(lang, "focus", focus))
    alt = _alt(rows, cuts, lang, shown)
    return Chart(
        title=shown,
        sub=say(lang, "sub.quadrant", answers=answers(rows, lang)),
        svg=_wide(rows, cuts, lang, (f"{ident}-wide", shown, alt)),
        svg_narrow=_narrow(rows, cuts, lang, (f"{ident}-narrow", shown, alt)),
        option=_option(rows, cuts, lang),
        alt=alt,
        table=_table(rows, lang, shown),
        csv=_csv(rows, lang),
        lang=lang,
    )


def spread(
    points: Sequence[tuple[float, float]], frame: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    """Places for markers so that none covers another, as near to the points as that allows.

    Pairs that are too close push each other apart, round after round, inside `frame` (left, top,
    right, bottom). The same points give the same places.
    """
    places = list(points)
    for _ in range(ROUNDS):
        moved = False
        for i in range(len(places)):
            for j in range(i + 1, len(places)):
                moved = _push(places, i, j) or moved
        places = [_inside(place, frame) for place in places]
        if not moved:
            break
    return places


def _push(places: list[tuple[float, float]], i: int, j: int) -> bool:
    (ax, ay), (bx, by) = places[i], places[j]
    distance = math.hypot(bx - ax, by - ay)
    if distance >= APART - 0.01:
        return False
    # Two markers on one spot part along an angle of their own, so that a pile opens as a fan.
    angle = math.atan2(by - ay, bx - ax) if distance > 1e-6 else 2.4 * (i + j)
    step = (APART - distance) / 2 + 0.05
    dx, dy = step * math.cos(angle), step * math.sin(angle)
    places[i], places[j] = (ax - dx, ay - dy), (bx + dx, by + dy)
    return True


def _inside(place: tuple[float, float], frame: tuple[float, float, float, float]) -> tuple[float, float]:
    left, top, right, bottom = frame
    x = min(max(place[0], left + RADIUS + 2), right - RADIUS - 2)
    return x, min(max(place[1], top + RADIUS + 2), bottom - RADIUS - 2)


def _ranges(rows: Sequence[NeedRow], cuts: CutLines) -> tuple[tuple[float, float], tuple[float, float]]:
    return (
        _range([row.ability for row in rows], cuts.ability, cuts.scale),
        _range([row.importance for row in rows], cuts.importance, cuts.scale),
    )


def _range(values: Sequence[float], cut: float, scale: int) -> tuple[float, float]:
    """Half points around the data, the cut line well inside, never beyond the scale by more than a hair."""
    low, high = min(*values, cut - 0.35), max(*values, cut + 0.35)
    pad = 0.15 * (high - low)
    return max(0.8, math.floor(2 * (low - pad)) / 2), min(scale + 0.2, math.ceil(2 * (high + pad)) / 2)


def _wide(rows: Sequence[NeedRow], cuts: CutLines, lang: str, head: tuple[str, str, str]) -> str:
    key, depth = key_lines(rows, lang, 348, 2)
    frame = _wide_frame(rows, cuts, depth)
    body = _plot(rows, cuts, frame, lang) + _draw_key(key, 552, 22)
    return svg.document((900, max(frame.bottom + 48, depth + 22)), head, body, lang)


def _wide_frame(rows: Sequence[NeedRow], cuts: CutLines, depth: float) -> _Frame:
    return _Frame(30, 28, 486, max(430.0, min(540.0, depth - 50)), *_ranges(rows, cuts))


def _narrow(rows: Sequence[NeedRow], cuts: CutLines, lang: str, head: tuple[str, str, str]) -> str:
    frame = _Frame(22, 26, 276, 300, *_ranges(rows, cuts))
    key, depth = key_lines(rows, lang, 300, 4)
    top = frame.bottom + 68
    return svg.document(
        (300, top + depth), head, _plot(rows, cuts, frame, lang) + _draw_key(key, 0, top), lang
    )


def _draw_key(key: Sequence[KeyLine], left: float, top: float) -> str:
    parts = []
    for entry in key:
        fill = svg.INK if entry.focus else svg.INK_2
        y = top + entry.y
        if entry.count:
            parts.append(
                svg.text(left + 18, y, entry.count, 13.5, fill=svg.INK_3, font_weight=650, text_anchor="end")
            )
            parts.append(svg.lines_of(left + 28, y, entry.words, 13.5, fill=fill))
        else:
            fill = svg.VOICE if entry.focus else svg.INK_2
            parts.append(svg.lines_of(left, y, entry.words, 13.5, fill=fill, font_weight=650))
    return "".join(parts)


def _option(rows: Sequence[NeedRow], cuts: CutLines, lang: str) -> dict[str, Any]:
    """The same places as in the wide drawing, turned back into points of the scale."""
    key, depth = key_lines(rows, lang, 348, 2)
    frame = _wide_frame(rows, cuts, depth)
    places = [(frame.ability(x), frame.importance(y)) for x, y in _places(rows, frame)]
    layout = Layout(frame.x_range, frame.y_range, places, key, max(frame.bottom + 48, depth + 30))
    return option(rows, cuts, layout, lang)


def _places(rows: Sequence[NeedRow], frame: _Frame) -> list[tuple[float, float]]:
    true = [(frame.x(row.ability), frame.y(row.importance)) for row in rows]
    # Markers keep out of the bands where the regions have their names: two lines of them on a phone.
    low = 26 if frame.width > 400 else 43
    return spread(true, (frame.left, frame.top + 26, frame.right, frame.bottom - low))


def _plot(rows: Sequence[NeedRow], cuts: CutLines, frame: _Frame, lang: str) -> str:
    return (
        _regions(cuts, frame, lang)
        + _axes(cuts, frame, lang)
        + _cut_lines(cuts, frame, lang)
        + _markers(rows, frame)
    )


def _regions(cuts: CutLines, frame: _Frame, lang: str) -> str:
    x, y = frame.x(cuts.ability), frame.y(cuts.importance)
    ground = svg.element(
        "rect", x=frame.left, y=frame.top, width=frame.width, height=frame.height, fill=svg.SUNK, rx=6
    )
    focus = svg.element(
        "rect",
        x=frame.left,
        y=frame.top,
        width=x - frame.left,
        height=y - frame.top,
        fill=svg.VOICE_SOFT,
        rx=6,
    )
    names = [
        ((frame.left + 10, frame.top + 20), "start", REGIONS[0], x - frame.left),
        ((frame.right - 10, frame.top + 20), "end", REGIONS[1], frame.right - x),
        ((frame.left + 10, frame.bottom - 11), "start", REGIONS[2], x - frame.left),
        ((frame.right - 10, frame.bottom - 11), "end", REGIONS[3], frame.right - x),
    ]
    return ground + focus + "".join(_region_name(*name, lang) for name in names)


def _region_name(place: tuple[float, float], anchor: str, region: str, room: float, lang: str) -> str:
    x, y = place
    lines = wrap(say(lang, f"region.{region}"), 13, max(room - 18, 60), 3)
    up = 16.9 * (len(lines) - 1) if region in REGIONS[2:] else 0
    fill = svg.VOICE if region == FOCUS else svg.INK_3
    return svg.lines_of(x, y - up, lines, 13, fill=fill, font_weight=650, text_anchor=anchor)


def _axes(cuts: CutLines, frame: _Frame, lang: str) -> str:
    style: dict[str, str | float] = {"fill": svg.INK_3, "text_anchor": "middle"}
    parts = [
        svg.text(frame.x(tick), frame.bottom + 18, number(tick, lang, 0), 12.5, **style)
        for tick in _whole(frame.x_range, cuts.scale)
    ] + [
        svg.text(frame.left - 12, frame.y(tick) + 4, number(tick, lang, 0), 12.5, **style)
        for tick in _whole(frame.y_range, cuts.scale)
    ]
    across = say(lang, "axis.more", axis=say(lang, "axis.ability"), scale=cuts.scale)
    up = say(lang, "axis.importance")
    parts.append(svg.text(frame.right, frame.bottom + 38, across, 12.5, fill=svg.INK_2, text_anchor="end"))
    parts.append(svg.text(0, frame.top - 12, f"↑ {up}", 12.5, fill=svg.INK_2))
    return "".join(parts)


def _whole(span: tuple[float, float], scale: int) -> list[int]:
    return [tick for tick in range(1, scale + 1) if span[0] <= tick <= span[1]]


def _cut_lines(cuts: CutLines, frame: _Frame, lang: str) -> str:
    x, y = frame.x(cuts.ability), frame.y(cuts.importance)
    style: dict[str, str | float] = {
        "stroke": svg.LINE_STRONG,
        "stroke_width": 1.25,
        "stroke_dasharray": "4 4",
    }
    across = cut_label(lang, cuts.rule, cuts.importance)
    up = cut_label(lang, cuts.rule, cuts.ability)
    small: dict[str, str | float] = {"fill": svg.INK_2, "text_anchor": "end"}
    return (
        svg.line(frame.left, y, frame.right, y, **style)
        + svg.line(x, frame.top, x, frame.bottom, **style)
        + svg.text(frame.right - 8, y - 6, across, 12, **small)
        + svg.text(
            min(max(x, frame.left + 130), frame.right),
            frame.top - 10,
            up,
            12,
            fill=svg.INK_2,
            text_anchor="middle",
        )
    )


def _markers(rows: Sequence[NeedRow], frame: _Frame) -> str:
    true = [(frame.x(row.ability), frame.y(row.importance)) for row in rows]
    places = _places(rows, frame)
    leads = [_lead(*pair) for pair in zip(true, places, strict=True)]
    marks = [_marker(place, i + 1, row) for i, (row, place) in enumerate(zip(rows, places, strict=True))]
    return "".join(leads) + "".join(reversed(marks))


def _lead(true: tuple[float, float], place: tuple[float, float]) -> str:
    """Where a marker had to move, a line and a dot show where it belongs."""
    if math.hypot(true[0] - place[0], true[1] - place[1]) < 3:
        return ""
    dot = svg.element("circle", cx=true[0], cy=true[1], r=2.5, fill=svg.INK_2)
    return svg.line(*true, *place, stroke=svg.INK_3, stroke_width=1) + dot


def _marker(place: tuple[float, float], count: int, row: NeedRow) -> str:
    focus = row.quadrant == FOCUS
    fill, ink, edge = (
        (svg.VOICE, svg.ON_VOICE, svg.SURFACE) if focus else (svg.SURFACE, svg.INK_2, svg.LINE_STRONG)
    )
    ring = svg.element("circle", cx=place[0], cy=place[1], r=RADIUS, fill=fill, stroke=edge, stroke_width=1.5)
    return ring + svg.text(
        place[0], place[1] + 4.5, str(count), 13, fill=ink, font_weight=650, text_anchor="middle"
    )


def _alt(rows: Sequence[NeedRow], cuts: CutLines, lang: str, title: str) -> str:
    ability, importance = number(cuts.ability, lang, 2), number(cuts.importance, lang, 2)
    rule = say(lang, f"rule.{cuts.rule}")
    frame = say(lang, "alt.quadrant", count=len(rows), ability=ability, importance=importance, rule=rule)
    regions = [
        _alt_region(rows, region, lang) for region in REGIONS if any(r.quadrant == region for r in rows)
    ]
    return " ".join([f"{title}.", *regions, frame])


def _alt_region(rows: Sequence[NeedRow], region: str, lang: str) -> str:
    labels = "; ".join(row.label.rstrip(".") for row in rows if row.quadrant == region)
    return say(lang, "alt.region", region=say(lang, f"region.{region}"), labels=labels)


def _head(lang: str) -> tuple[str, ...]:
    return tuple(
        say(lang, f"col.{name}") for name in ("need", "rank", "importance", "ability", "quadrant", "n")
    )


def _table(rows: Sequence[NeedRow], lang: str, title: str) -> Table:
    cells = tuple(
        (
            row.label,
            row.place,
            number(row.importance, lang, 2),
            number(row.ability, lang, 2),
            say(lang, f"region.{row.quadrant}"),
            str(row.n),
        )
        for row in rows
    )
    return Table(title, _head(lang), cells)


def _csv(rows: Sequence[NeedRow], lang: str) -> str:
    figures = [
        (row.label, row.rank, row.importance, row.ability, say(lang, f"region.{row.quadrant}"), row.n)
        for row in rows
    ]
    return to_csv(_head(lang), figures)
