"""Needs in rank order, each with its score and interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.web.charts import svg
from gateway.web.charts.model import Chart, NeedRow, Table, answers, message, to_csv
from gateway.web.charts.ranking_option import option
from gateway.web.charts.text import chance, nice_ticks, number, tick_digits, wrap
from gateway.web.charts.words import counted, say

LEADING = 1.3
TITLES = {"score": "stand", "choices": "options"}
ALTS = {"score": "ranking", "choices": "options"}


@dataclass(frozen=True)
class _Layout:
    """Places in the units of the viewBox; `stacked` puts the interval under the words."""

    width: float
    size: float
    label_x: float
    label_room: float
    label_lines: int
    plot: tuple[float, float]
    stacked: bool
    measure: str = "score"


WIDE = _Layout(900, 15, 34, 392, 2, (462, 764), stacked=False)
NARROW = _Layout(300, 15, 26, 216, 4, (28, 290), stacked=True)


@dataclass(frozen=True)
class _Scale:
    ticks: tuple[float, ...]
    left: float
    right: float

    def x(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.left + (value - low) / (high - low) * (self.right - self.left)


def ranking_chart(
    rows: Sequence[NeedRow],
    *,
    lang: str,
    title: str | None = None,
    top_k: int = 3,
    ident: str = "ranking",
    measure: str = "score",
) -> Chart:
    """Point and interval for each need, the greatest first.

    Rows come in rank order, at least one (ValueError otherwise). `title`: the message; by default
    it counts the needs that are at least 80 % sure to be in the top k. `ident` prefixes the ids
    inside the picture: give each chart of a page its own. `measure`: score (MWDS), or choices (of a MaxDiff survey, most
    minus least per 100 appearances).
    """
    if not rows:
        raise ValueError("no rows to draw")
    shown = title or message(rows, lang, counted(lang, TITLES[measure], sum(row.stands_out for row in rows)))
    alt = _alt(rows, lang, shown, measure)
    wide, narrow = (replace(layout, measure=measure) for layout in (WIDE, NARROW))
    head = (f"{ident}-wide", shown, alt)
    return Chart(
        title=shown,
        sub=say(lang, "sub.ranking", answers=answers(rows, lang), k=top_k),
        svg=_draw(rows, lang, wide, head, top_k),
        svg_narrow=_draw(rows, lang, narrow, (f"{ident}-narrow", shown, alt), top_k),
        option=option(rows, _ticks(rows, 5), lang, top_k, measure),
        alt=alt,
        table=_table(rows, lang, shown, top_k),
        csv=_csv(rows, lang, top_k),
        lang=lang,
    )


def _draw(rows: Sequence[NeedRow], lang: str, layout: _Layout, head: tuple[str, str, str], top_k: int) -> str:
    ticks = _ticks(rows, 4 if layout.stacked else 5)
    scale = _Scale(tuple(ticks), *layout.plot)
    top = 0.0 if layout.stacked else 34.0
    parts, y = [] if layout.stacked else [_heads(lang, top_k, scale, layout.measure)], top
    bands = []
    for row in rows:
        words = wrap(row.label, layout.size, layout.label_room, layout.label_lines)
        height = _height(len(words), layout)
        bands.append((row, words, y, height))
        y += height
    parts.append(_grid(scale, top, y, lang, layout))
    parts.extend(_band(band, scale, layout, lang) for band in bands)
    return svg.document((layout.width, y + 50), head, "".join(parts), lang)


def _height(lines: int, layout: _Layout) -> float:
    words = lines * layout.size * LEADING
    return words + 42 if layout.stacked else max(48.0, words + 18)


def _heads(lang: str, top_k: int, scale: _Scale, measure: str) -> str:
    style: dict[str, str | float] = {"fill": svg.INK_3}
    sure = wrap(say(lang, "head.chance", k=top_k), 12.5, 78, 2)
    return (
        svg.text(34, 24, say(lang, "col.need"), 12.5, **style)
        + svg.text(scale.x(0), 24, say(lang, f"none.{measure}"), 12.5, text_anchor="middle", **style)
        + svg.text(812, 24, say(lang, "col.score"), 12.5, text_anchor="end", **style)
        + svg.lines_of(896, 24 - 16.25 * (len(sure) - 1), sure, 12.5, text_anchor="end", **style)
    )


def _grid(scale: _Scale, top: float, bottom: float, lang: str, layout: _Layout) -> str:
    digits = tick_digits(scale.ticks)
    parts = []
    for tick in scale.ticks:
        x, zero = scale.x(tick), tick == 0
        stroke = svg.LINE_STRONG if zero else svg.LINE
        if not layout.stacked:
            parts.append(svg.line(x, top, x, bottom, stroke=stroke, stroke_width=1))
        parts.append(
            svg.text(x, bottom + 18, number(tick, lang, digits), 12.5, fill=svg.INK_3, text_anchor="middle")
        )
    middle = (scale.left + scale.right) / 2
    words = wrap(say(lang, f"axis.{layout.measure}"), 12.5, 440, 1)
    anchor = middle if not layout.stacked else layout.width / 2
    parts.append(svg.lines_of(anchor, bottom + 38, words, 12.5, fill=svg.INK_3, text_anchor="middle"))
    return "".join(parts)


def _band(band: tuple[NeedRow, list[str], float, float], scale: _Scale, layout: _Layout, lang: str) -> str:
    row, words, y, height = band
    middle = y + height / 2
    first = (
        y + 19
        if layout.stacked
        else middle - (len(words) - 1) * layout.size * LEADING / 2 + layout.size * 0.35
    )
    strong = svg.VOICE if row.stands_out else svg.INK_3
    rank = svg.text(0, first, row.place, layout.size, fill=strong, font_weight=650)
    ink = svg.INK if row.stands_out else svg.INK_2
    label = svg.lines_of(layout.label_x, first, words, layout.size, fill=ink)
    track = y + height - 18 if layout.stacked else middle
    rule = svg.line(0, y, layout.width, y, stroke=svg.LINE, stroke_width=1) if y else ""
    return (
        rule
        + rank
        + label
        + _tracks(scale, track, layout)
        + _mark(row, scale, track)
        + _figures(row, first if layout.stacked else middle + 5, layout, lang)
    )


def _tracks(scale: _Scale, y: float, layout: _Layout) -> str:
    """On a phone each row carries its own axis, with a tick at every gridline of the foot."""
    if not layout.stacked:
        return ""
    ticks = [
        svg.line(
            scale.x(t),
            y - 4,
            scale.x(t),
            y + 4,
            stroke=svg.LINE_STRONG if t == 0 else svg.LINE,
            stroke_width=1,
        )
        for t in scale.ticks
    ]
    return svg.line(scale.left, y, scale.right, y, stroke=svg.LINE, stroke_width=1) + "".join(ticks)


def _mark(row: NeedRow, scale: _Scale, y: float) -> str:
    sure = row.stands_out
    bar = svg.line(
        scale.x(row.low), y, scale.x(row.high), y,
        stroke=svg.VOICE_LINE if sure else svg.LINE_STRONG, stroke_width=7 if sure else 3, stroke_linecap="round",
    )  # fmt: skip
    fill = svg.VOICE if sure else svg.INK_2
    return bar + svg.element(
        "circle",
        cx=scale.x(row.value),
        cy=y,
        r=7 if sure else 5.5,
        fill=fill,
        stroke=svg.SURFACE,
        stroke_width=2,
    )


def _figures(row: NeedRow, y: float, layout: _Layout, lang: str) -> str:
    score = number(row.value, lang)
    fill = svg.VOICE if row.stands_out else svg.INK
    if layout.stacked:
        return svg.text(layout.width, y, score, layout.size, fill=fill, font_weight=650, text_anchor="end")
    sure = svg.text(896, y, chance(row.p_top, lang), 14, fill=svg.INK_2, text_anchor="end")
    return svg.text(812, y, score, 15, fill=fill, font_weight=650, text_anchor="end") + sure


def _ticks(rows: Sequence[NeedRow], wanted: int) -> list[float]:
    """Ticks over every interval; zero, where importance and ability meet, is always in sight."""
    return nice_ticks(min(0.0, *(row.low for row in rows)), max(1.0, *(row.high for row in rows)), wanted)


def _alt(rows: Sequence[NeedRow], lang: str, title: str, measure: str) -> str:
    leaders = [_alt_item(row, lang) for row in rows if row.stands_out]
    opening = title + (say(lang, "colon") + "; ".join(leaders) if leaders else "") + ". "
    first, last = number(rows[0].value, lang), number(rows[-1].value, lang)
    return opening + say(
        lang, f"alt.{ALTS[measure]}", count=len(rows), first=first, last=last, answers=answers(rows, lang)
    )


def _alt_item(row: NeedRow, lang: str) -> str:
    value, low, high = (number(v, lang) for v in (row.value, row.low, row.high))
    return say(lang, "alt.item", label=row.label.rstrip("."), value=value, low=low, high=high)


def _head(lang: str, top_k: int) -> tuple[str, ...]:
    names = ("need", "rank", "score", "low", "high", "rds", "n", "chance")
    return tuple(say(lang, f"col.{name}", k=top_k) for name in names)


def _table(rows: Sequence[NeedRow], lang: str, title: str, top_k: int) -> Table:
    cells = tuple(
        (
            row.label,
            row.place,
            *(number(value, lang, 2) for value in (row.value, row.low, row.high)),
            "" if row.rds is None else number(row.rds, lang),
            str(row.n),
            chance(row.p_top, lang),
        )
        for row in rows
    )
    return Table(title, _head(lang, top_k), cells)


def _csv(rows: Sequence[NeedRow], lang: str, top_k: int) -> str:
    figures = [
        (r.label, r.rank, r.value, r.low, r.high, "" if r.rds is None else r.rds, r.n, r.p_top) for r in rows
    ]
    return to_csv(_head(lang, top_k), figures)
