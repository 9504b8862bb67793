"""Two waves of the same needs: each gap before and after, and the change with its interval beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.web.charts import svg
from gateway.web.charts.changes_option import CHANGES, GAPS, LABEL, ROW, TOP, WIDTH, option
from gateway.web.charts.model import INDICATIVE_BELOW, ChangeRow, Chart, Table, to_csv
from gateway.web.charts.text import nice_ticks, number, signed, tick_digits, wrap
from gateway.web.charts.words import counted, say

NARROW, NARROW_PLOT = 300.0, (10.0, 280.0)


@dataclass(frozen=True)
class _Axis:
    ticks: tuple[float, ...]
    left: float
    width: float

    def x(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.left + (value - low) / (high - low) * self.width


def changes_chart(rows: Sequence[ChangeRow], *, lang: str, ident: str = "waves") -> Chart:
    """Needs in the order given, at least one (ValueError otherwise).

    The title counts the changes whose interval leaves zero out, in either direction; below ten answers in a wave it says
    that it is indicative.
    """
    if not rows:
        raise ValueError("no rows to draw")
    title = _title(rows, lang)
    alt = _alt(rows, lang, title)
    return Chart(
        title=title,
        sub=say(lang, "sub.changes"),
        svg=_wide(rows, lang, (f"{ident}-wide", title, alt)),
        svg_narrow=_narrow(rows, lang, (f"{ident}-narrow", title, alt)),
        option=option(rows, (_gap_ticks(rows, 4), _change_ticks(rows, 4)), lang),
        alt=alt,
        table=_table(rows, lang, title),
        csv=_csv(rows, lang),
        lang=lang,
    )


def _title(rows: Sequence[ChangeRow], lang: str) -> str:
    shrank, grew = (sum(getattr(row, name) for row in rows) for name in ("shrank", "grew"))
    words = counted(lang, "shrank", shrank) + counted(lang, "grew", grew)
    if min(min(row.n_before, row.n_after) for row in rows) >= INDICATIVE_BELOW:
        return words
    return say(lang, "indicative") + words[0].lower() + words[1:]


def _gap_ticks(rows: Sequence[ChangeRow], wanted: int) -> tuple[float, ...]:
    ends = [value for row in rows for value in (row.before, row.after)]
    return tuple(nice_ticks(min(0.0, *ends), max(1.0, *ends), wanted))


def _change_ticks(rows: Sequence[ChangeRow], wanted: int) -> tuple[float, ...]:
    """Zero, where nothing changed, is always in sight."""
    return tuple(
        nice_ticks(min(-0.5, *(row.low for row in rows)), max(0.5, *(row.high for row in rows)), wanted)
    )


def _wide(rows: Sequence[ChangeRow], lang: str, head: tuple[str, str, str]) -> str:
    bottom = TOP + ROW * len(rows)
    axes = _Axis(_gap_ticks(rows, 4), *GAPS), _Axis(_change_ticks(rows, 4), *CHANGES)
    parts = [_grid(axis, TOP, bottom, lang) for axis in axes]
    for axis, key in zip(axes, ("head.waves", "head.change"), strict=True):
        parts.append(svg.text(axis.left, 20, say(lang, key), 13, fill=svg.INK, font_weight=600))
    for at, row in enumerate(rows):
        y = TOP + ROW * at
        lines = wrap(row.label, 14, LABEL - 16, 2)
        parts.append(svg.line(0, y, WIDTH, y, stroke=svg.LINE))
        first = y + ROW / 2 - (len(lines) - 1) * 9 + 5
        parts.append(svg.lines_of(0, first, lines, 14, fill=svg.INK if row.clear else svg.INK_2))
        parts.append(_dumbbell(row, axes[0], y + ROW / 2) + _interval(row, axes[1], y + ROW / 2))
    return svg.document((WIDTH, bottom + 28), head, "".join(parts), lang)


def _grid(axis: _Axis, top: float, bottom: float, lang: str) -> str:
    digits = tick_digits(axis.ticks)
    parts = []
    for tick in axis.ticks:
        x = axis.x(tick)
        parts.append(svg.line(x, top, x, bottom, stroke=svg.LINE_STRONG if tick == 0 else svg.LINE))
        words = number(tick, lang, digits)
        parts.append(svg.text(x, bottom + 18, words, 12.5, fill=svg.INK_3, text_anchor="middle"))
    return "".join(parts)


def _dumbbell(row: ChangeRow, axis: _Axis, y: float) -> str:
    """Before is a ring and after a dot, so that neither needs a colour to be told."""
    before, after = axis.x(row.before), axis.x(row.after)
    bar = svg.line(
        before, y, after, y, stroke=svg.VOICE_LINE if row.clear else svg.LINE_STRONG, stroke_width=3
    )
    ring = svg.element("circle", cx=before, cy=y, r=5.5, fill=svg.SURFACE, stroke=svg.INK_2, stroke_width=2)
    fill = svg.VOICE if row.clear else svg.INK_2
    return (
        bar
        + ring
        + svg.element("circle", cx=after, cy=y, r=6, fill=fill, stroke=svg.SURFACE, stroke_width=1.5)
    )


def _interval(row: ChangeRow, axis: _Axis, y: float) -> str:
    bar = svg.line(
        axis.x(row.low), y, axis.x(row.high), y, stroke=svg.VOICE_LINE if row.clear else svg.LINE_STRONG,
        stroke_width=6 if row.clear else 3, stroke_linecap="round",
    )  # fmt: skip
    fill = svg.VOICE if row.clear else svg.INK_2
    dot = svg.element("circle", cx=axis.x(row.change), cy=y, r=6 if row.clear else 4.5, fill=fill,
                      stroke=svg.SURFACE, stroke_width=1.5)  # fmt: skip
    return bar + dot


def _narrow(rows: Sequence[ChangeRow], lang: str, head: tuple[str, str, str]) -> str:
    """Under each need its gaps, and under them the change, on two axes that all rows share."""
    gaps, moves = (_Axis(ticks, *NARROW_PLOT) for ticks in (_gap_ticks(rows, 3), _change_ticks(rows, 3)))
    y, parts = 0.0, []
    for row in rows:
        lines = wrap(row.label, 15, NARROW - 20, 4)
        parts.append(svg.line(0, y, NARROW, y, stroke=svg.LINE))
        parts.append(svg.lines_of(0, y + 20, lines, 15, fill=svg.INK, font_weight=600))
        y += 14 + 19.5 * len(lines)
        said = say(lang, "narrow.gaps", before=number(row.before, lang), after=number(row.after, lang))
        parts.append(svg.text(0, y + 14, said, 13))
        parts.append(_zero(gaps, y + 30) + _dumbbell(row, gaps, y + 30))
        said = say(lang, "narrow.change", change=signed(row.change, lang), low=signed(row.low, lang),
                   high=signed(row.high, lang))  # fmt: skip
        parts.append(svg.text(0, y + 58, said, 13))
        parts.append(_zero(moves, y + 74) + _interval(row, moves, y + 74))
        y += 92
    return svg.document((NARROW, y + 4), head, "".join(parts), lang)


def _zero(axis: _Axis, y: float) -> str:
    base = svg.line(axis.left, y, axis.left + axis.width, y, stroke=svg.LINE)
    return base + svg.line(axis.x(0.0), y - 8, axis.x(0.0), y + 8, stroke=svg.LINE_STRONG)


def _alt(rows: Sequence[ChangeRow], lang: str, title: str) -> str:
    """What changed clearly, need by need; then what the picture holds."""
    found = [
        say(lang, "alt.change", label=row.label.rstrip("."), before=number(row.before, lang),
            after=number(row.after, lang), change=signed(row.change, lang), low=signed(row.low, lang),
            high=signed(row.high, lang))
        for row in rows if row.clear
    ]  # fmt: skip
    more = say(lang, "colon") + "; ".join(found) if found else ""
    return f"{title}{more}. " + say(lang, "alt.changes", count=len(rows))


def _table(rows: Sequence[ChangeRow], lang: str, title: str) -> Table:
    head = tuple(
        say(lang, f"col.{name}")
        for name in ("need", "before", "after", "change.interval", "effect", "people")
    )
    cells = tuple(
        (
            row.label,
            *(say(lang, "gap.n", gap=number(gap, lang, 2), n=n)
              for gap, n in ((row.before, row.n_before), (row.after, row.n_after))),
            say(lang, "change.interval", change=signed(row.change, lang, 2), low=signed(row.low, lang, 2),
                high=signed(row.high, lang, 2)),
            "–" if row.g is None else signed(row.g, lang, 2),
            say(lang, "paired" if row.paired else "apart"),
        )
        for row in rows
    )  # fmt: skip
    return Table(title, head, cells)


def _csv(rows: Sequence[ChangeRow], lang: str) -> str:
    names = ("need", "people", "before", "n.before", "after", "n.after", "change", "low", "high", "effect")
    figures = [
        (row.label, say(lang, "paired" if row.paired else "apart"), row.before, row.n_before, row.after, row.n_after,
         row.change, row.low, row.high, "" if row.g is None else row.g)
        for row in rows
    ]  # fmt: skip
    return to_csv([say(lang, f"col.{name}") for name in names], figures)
