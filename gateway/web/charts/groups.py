"""Needs by group of people: one small panel per group, each need with its gap and interval."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.web.charts import svg
from gateway.web.charts.groups_option import LABEL, ROW, WIDE, WIDEST, option
from gateway.web.charts.model import Chart, GroupCell, GroupRow, Table, to_csv
from gateway.web.charts.text import nice_ticks, number, tick_digits, wrap
from gateway.web.charts.words import counted, say

NARROW = 300.0


def groups_chart(
    rows: Sequence[GroupRow], groups: Sequence[str], *, lang: str, most: int = 4, ident: str = "groups"
) -> Chart:
    """Small multiples: needs down, the first `most` groups across; the table has all of them.

    The title counts the results whose interval leaves out the gap over everyone. Rows and groups: at least one each
    (ValueError otherwise).
    """
    if not rows or not groups:
        raise ValueError("no rows to draw")
    count = sum(row.apart(cell) for row in rows for cell in row.cells)
    title = counted(lang, "apart", count)
    alt = _alt(rows, groups, lang, title)
    shown = list(groups[:most])
    return Chart(
        title=title,
        sub=say(lang, "sub.groups"),
        svg=_wide(rows, shown, lang, (f"{ident}-wide", title, alt)),
        svg_narrow=_narrow(rows, shown, lang, (f"{ident}-narrow", title, alt)),
        option=option(rows, shown, _ticks(rows), lang),
        alt=alt,
        table=_table(rows, groups, lang, title),
        csv=_csv(rows, groups, lang),
        lang=lang,
    )


def _ticks(rows: Sequence[GroupRow]) -> list[float]:
    cells = [cell for row in rows for cell in row.cells if cell is not None]
    low = min([0.0, *(cell.low for cell in cells)])
    high = max([1.0, *(cell.high for cell in cells)])
    return nice_ticks(low, high, 3)


def _x(value: float, ticks: Sequence[float], left: float, width: float) -> float:
    return left + (value - ticks[0]) / (ticks[-1] - ticks[0]) * width


def _wide(rows: Sequence[GroupRow], groups: Sequence[str], lang: str, head: tuple[str, str, str]) -> str:
    ticks, top = _ticks(rows), 40.0
    bottom = top + ROW * len(rows)
    parts, panel = [], min(WIDEST, (WIDE - LABEL) / len(groups))
    for place, group in enumerate(groups):
        left = LABEL + place * panel + 14
        width = panel - 28
        words = wrap(group, 13, panel - 12, 2)
        parts.append(svg.lines_of(left, 16, words, 13, fill=svg.INK, font_weight=600))
        for tick in ticks:
            x = _x(tick, ticks, left, width)
            parts.append(svg.line(x, top, x, bottom, stroke=svg.LINE_STRONG if tick == 0 else svg.LINE))
            parts.append(
                svg.text(
                    x,
                    bottom + 16,
                    number(tick, lang, tick_digits(ticks)),
                    12,
                    fill=svg.INK_3,
                    text_anchor="middle",
                )
            )
        for at, row in enumerate(rows):
            parts.append(_mark(row, row.cells[place], (ticks, left, width), top + ROW * (at + 0.5), lang))
    for at, row in enumerate(rows):
        y = top + ROW * at
        lines = wrap(row.label, 14, LABEL - 16, 2)
        parts.append(svg.line(0, y, WIDE, y, stroke=svg.LINE))
        parts.append(svg.lines_of(0, y + ROW / 2 - (len(lines) - 1) * 9 + 5, lines, 14, fill=svg.INK))
    return svg.document((WIDE, bottom + 26), head, "".join(parts), lang)


def _narrow(rows: Sequence[GroupRow], groups: Sequence[str], lang: str, head: tuple[str, str, str]) -> str:
    ticks, y, parts = _ticks(rows), 0.0, []
    for row in rows:
        lines = wrap(row.label, 15, NARROW - 8, 4)
        parts.append(svg.line(0, y, NARROW, y, stroke=svg.LINE))
        parts.append(svg.lines_of(0, y + 20, lines, 15, fill=svg.INK, font_weight=600))
        y += 14 + 19.5 * len(lines)
        for place, group in enumerate(groups):
            parts.append(svg.text(0, y + 18, wrap(group, 13, 118, 1)[0], 13))
            zero = _x(0.0, ticks, 126, 160)
            parts.append(svg.line(zero, y + 6, zero, y + 22, stroke=svg.LINE_STRONG))
            parts.append(_mark(row, row.cells[place], (ticks, 126, 160), y + 14, lang))
            y += 28
        y += 6
    return svg.document((NARROW, y + 4), head, "".join(parts), lang)


def _mark(
    row: GroupRow, cell: GroupCell | None, axis: tuple[Sequence[float], float, float], y: float, lang: str
) -> str:
    if cell is None:
        return svg.text(axis[1], y + 4, say(lang, "hidden"), 12, fill=svg.INK_3)
    apart = row.apart(cell)
    low, value, high, all_ = (_x(v, *axis) for v in (cell.low, cell.value, cell.high, row.overall))
    whole = svg.line(all_, y - 8, all_, y + 8, stroke=svg.INK_3, stroke_width=1.5)
    bar = svg.line(
        low, y, high, y, stroke=svg.VOICE_LINE if apart else svg.LINE_STRONG, stroke_width=6 if apart else 3,
        stroke_linecap="round",
    )  # fmt: skip
    dot = svg.element("circle", cx=value, cy=y, r=6 if apart else 4.5, fill=svg.VOICE if apart else svg.INK_2,
                      stroke=svg.SURFACE, stroke_width=1.5)  # fmt: skip
    return bar + whole + dot


def _alt(rows: Sequence[GroupRow], groups: Sequence[str], lang: str, title: str) -> str:
    found = [
        say(lang, "alt.apart", group=group, label=row.label.rstrip("."), value=number(cell.value, lang),
            overall=number(row.overall, lang))
        for row in rows
        for group, cell in zip(groups, row.cells, strict=True)
        if cell is not None and row.apart(cell)
    ]  # fmt: skip
    more = say(lang, "colon") + "; ".join(found) if found else ""
    return f"{title}{more}. " + say(lang, "alt.groups", count=len(rows), groups=", ".join(groups))


def _head(lang: str) -> tuple[str, ...]:
    return tuple(say(lang, f"col.{name}") for name in ("need", "group", "gap", "low", "high", "n"))


def _table(rows: Sequence[GroupRow], groups: Sequence[str], lang: str, title: str) -> Table:
    cells = tuple(
        (row.label, group, *(
            (say(lang, "hidden"), "", "", "") if cell is None
            else (*(number(v, lang, 2) for v in (cell.value, cell.low, cell.high)), str(cell.n))
        ))
        for row in rows
        for group, cell in zip(groups, row.cells, strict=True)
    )  # fmt: skip
    return Table(title, _head(lang), cells)


def _csv(rows: Sequence[GroupRow], groups: Sequence[str], lang: str) -> str:
    figures = [
        (row.label, group, *(("", "", "", "") if cell is None else (cell.value, cell.low, cell.high, cell.n)))
        for row in rows
        for group, cell in zip(groups, row.cells, strict=True)
    ]
    return to_csv(_head(lang), figures)
