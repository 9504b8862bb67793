"""The ranking as an ECharts option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.model import NeedRow
from gateway.web.charts.text import chance, number, wrap
from gateway.web.charts.words import say

TOP, ROW, BOTTOM = 42, 50, 50
LABELS = 440


def _tip(row: NeedRow, lang: str, top_k: int) -> str:
    value, low, high = (number(v, lang) for v in (row.value, row.low, row.high))
    return live.tip(
        f"{row.place}  {row.label}",
        say(lang, "tip.score", value=value, low=low, high=high),
        say(lang, "tip.chance", k=top_k, chance=chance(row.p_top, lang)),
        say(lang, "tip.n", n=row.n),
    )


def option(
    rows: Sequence[NeedRow], ticks: Sequence[float], lang: str, top_k: int, measure: str = "score"
) -> dict[str, Any]:
    """Plain JSON values; charts.js resolves colours, numbers and the drawing of intervals."""
    named = {
        "name": say(lang, f"axis.{measure}"), "nameLocation": "middle", "nameGap": 32,
        "nameTextStyle": {"color": svg.INK_3, "fontSize": live.SMALL},
    }  # fmt: skip
    bars = [live.interval(row.low, row.high, i, strong=row.stands_out, width=7) for i, row in enumerate(rows)]
    labels = live.labels([(row.label, row.stands_out) for row in rows], 15, 376, LABELS - 34)
    points = [_point(row, i, lang, top_k) for i, row in enumerate(rows)]
    return {
        **live.frame(TOP + ROW * len(rows) + BOTTOM, 1, lang),
        "grid": {"left": LABELS, "right": 136, "top": TOP, "bottom": BOTTOM},
        "xAxis": live.value_axis(ticks, **named),
        "yAxis": [labels, _figures(rows, lang), _ranks(rows)],
        "graphic": [*live.rules([TOP + ROW * i for i in range(len(rows))]), *_heads(lang, top_k)],
        "series": [live.spans(bars), live.dots(points, markLine=_zero(lang, measure))],
    }


def _tone(row: NeedRow) -> str:
    return "v" if row.stands_out else "q"


def _rich(voice: str, quiet: str, **style: str | float) -> dict[str, Any]:
    return {"v": {"color": voice, **style}, "q": {"color": quiet, **style}}


def _ranks(rows: Sequence[NeedRow]) -> dict[str, Any]:
    words = [f"{{{_tone(r)}|{r.place}}}" for r in rows]
    rich = _rich(svg.VOICE, svg.INK_3, fontSize=15, fontWeight=650)
    return live.rows_axis(words, {"align": "left", "margin": LABELS, "rich": rich}, position="left")


def _figures(rows: Sequence[NeedRow], lang: str) -> dict[str, Any]:
    words = [f"{{{_tone(r)}|{number(r.value, lang)}}}{{c|{chance(r.p_top, lang)}}}" for r in rows]
    rich = {
        **_rich(svg.VOICE, svg.INK, width=44, align="right", fontWeight=650, fontSize=15),
        "c": {"width": 78, "align": "right", "fontSize": 14, "color": svg.INK_2},
    }
    return live.rows_axis(words, {"rich": rich, "margin": 6}, position="right")


def _heads(lang: str, top_k: int) -> list[dict[str, Any]]:
    sure = wrap(say(lang, "head.chance", k=top_k), live.SMALL, 78, 2)
    return [
        live.text(say(lang, "col.need"), {"top": TOP - 22, "left": 34}),
        live.text(say(lang, "col.score"), {"top": TOP - 22, "right": 84}),
        *(live.text(words, {"top": TOP - 22 - 16 * i, "right": 6}) for i, words in enumerate(reversed(sure))),
    ]


def _zero(lang: str, measure: str) -> dict[str, Any]:
    """Where importance and ability meet."""
    words = say(lang, f"none.{measure}")
    label = {
        "show": True,
        "position": "start",
        "fontSize": live.SMALL,
        "color": svg.INK_3,
        "formatter": words,
    }
    return live.zero(label)


def _point(row: NeedRow, place: int, lang: str, top_k: int) -> dict[str, Any]:
    sure = row.stands_out
    color = svg.VOICE if sure else svg.INK_2
    return live.dot(_tip(row, lang, top_k), (row.value, place), 16 if sure else 13, color, borderWidth=2)
