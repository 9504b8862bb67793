"""The ranking as an ECharts option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.web.charts import svg
from gateway.web.charts.model import NeedRow
from gateway.web.charts.text import chance, number, plain, wrap
from gateway.web.charts.words import say

TOP, ROW, BOTTOM = 42, 50, 50
LABELS = 440


def _tip(row: NeedRow, lang: str, top_k: int) -> str:
    value, low, high = (number(v, lang) for v in (row.value, row.low, row.high))
    lines = [
        *wrap(f"{row.place}  {row.label}", 14, 380, 6),
        say(lang, "tip.score", value=value, low=low, high=high),
        say(lang, "tip.chance", k=top_k, chance=chance(row.p_top, lang)),
        say(lang, "tip.n", n=row.n),
    ]
    return plain("\n".join(lines))


def option(
    rows: Sequence[NeedRow], ticks: Sequence[float], lang: str, top_k: int, measure: str = "score"
) -> dict[str, Any]:
    """Plain JSON values; charts.js resolves colours, numbers and the drawing of intervals."""
    return {
        "cercle": {"height": TOP + ROW * len(rows) + BOTTOM, "points": 1, "lang": lang},
        "animation": False,
        "textStyle": {"fontFamily": svg.FONT, "color": svg.INK_2},
        "grid": {"left": LABELS, "right": 136, "top": TOP, "bottom": BOTTOM},
        "tooltip": tooltip(),
        "xAxis": {
            "type": "value", "min": ticks[0], "max": ticks[-1], "interval": ticks[1] - ticks[0],
            "name": say(lang, f"axis.{measure}"), "nameLocation": "middle", "nameGap": 32,
            "nameTextStyle": {"color": svg.INK_3, "fontSize": 12.5},
            "axisLabel": {"color": svg.INK_3, "fontSize": 12.5, "cercle": "number"},
            "splitLine": {"lineStyle": {"color": svg.LINE}},
        },
        "yAxis": [_labels(rows), _figures(rows, lang), _ranks(rows)],
        "graphic": [*_rules(len(rows)), *_heads(lang, top_k)],
        "series": [
            {
                "type": "custom", "renderItem": "interval", "silent": True, "z": 2,
                "data": [_bar(row, i) for i, row in enumerate(rows)],
            },
            {
                "type": "scatter", "z": 3, "markLine": _zero(lang, measure),
                "data": [_point(row, i, lang, top_k) for i, row in enumerate(rows)],
            },
        ],
    }  # fmt: skip


def tooltip() -> dict[str, Any]:
    """Tooltips drawn on the canvas: no HTML, so nothing to inject and nothing for the policy to block."""
    return {
        "renderMode": "richText", "formatter": "{b}", "confine": True, "padding": [10, 14],
        "backgroundColor": svg.SURFACE, "borderColor": svg.LINE_STRONG, "borderWidth": 1,
        "textStyle": {"color": svg.INK, "fontSize": 14, "lineHeight": 20, "fontFamily": svg.FONT},
    }  # fmt: skip


def _axis(words: list[str], label: dict[str, Any]) -> dict[str, Any]:
    bare = {"axisTick": {"show": False}, "axisLine": {"show": False}, "splitLine": {"show": False}}
    return {"type": "category", "inverse": True, "data": words, "axisLabel": {"interval": 0, **label}, **bare}


def _tone(row: NeedRow) -> str:
    return "v" if row.stands_out else "q"


def _rich(voice: str, quiet: str, **style: str | float) -> dict[str, Any]:
    return {"v": {"color": voice, **style}, "q": {"color": quiet, **style}}


def _labels(rows: Sequence[NeedRow]) -> dict[str, Any]:
    words = ["\n".join(f"{{{_tone(r)}|{plain(line)}}}" for line in wrap(r.label, 15, 376, 2)) for r in rows]
    rich = _rich(svg.INK, svg.INK_2, fontSize=15, lineHeight=19.5)
    return _axis(words, {"align": "left", "margin": LABELS - 34, "rich": rich})


def _ranks(rows: Sequence[NeedRow]) -> dict[str, Any]:
    words = [f"{{{_tone(r)}|{r.place}}}" for r in rows]
    rich = _rich(svg.VOICE, svg.INK_3, fontSize=15, fontWeight=650)
    return {**_axis(words, {"align": "left", "margin": LABELS, "rich": rich}), "position": "left"}


def _figures(rows: Sequence[NeedRow], lang: str) -> dict[str, Any]:
    words = [f"{{{_tone(r)}|{number(r.value, lang)}}}{{c|{chance(r.p_top, lang)}}}" for r in rows]
    rich = {
        **_rich(svg.VOICE, svg.INK, width=44, align="right", fontWeight=650, fontSize=15),
        "c": {"width": 78, "align": "right", "fontSize": 14, "color": svg.INK_2},
    }
    return {**_axis(words, {"rich": rich, "margin": 6}), "position": "right"}


def _rules(rows: int) -> list[dict[str, Any]]:
    """Lines between rows, drawn as wide as the chart by charts.js."""
    style = {"stroke": svg.LINE, "lineWidth": 1}
    return [
        {"type": "line", "silent": True, "shape": {"x1": 0, "x2": "width", "y1": TOP + ROW * i, "y2": TOP + ROW * i},
         "style": style}
        for i in range(rows)
    ]  # fmt: skip


def _heads(lang: str, top_k: int) -> list[dict[str, Any]]:
    sure = wrap(say(lang, "head.chance", k=top_k), 12.5, 78, 2)
    return [
        _head({"left": 34}, 0, say(lang, "col.need")),
        _head({"right": 84}, 0, say(lang, "col.score")),
        *(_head({"right": 6}, i, words) for i, words in enumerate(reversed(sure))),
    ]


def _head(side: dict[str, Any], up: int, words: str) -> dict[str, Any]:
    style = {"text": words, "fontSize": 12.5, "fontFamily": svg.FONT, "fill": svg.INK_3}
    return {"type": "text", "silent": True, "top": TOP - 22 - 16 * up, **side, "style": style}


def _zero(lang: str, measure: str) -> dict[str, Any]:
    """Where importance and ability meet."""
    label = {
        "show": True,
        "position": "start",
        "fontSize": 12.5,
        "color": svg.INK_3,
        "formatter": say(lang, f"none.{measure}"),
    }
    line = {"xAxis": 0, "lineStyle": {"color": svg.LINE_STRONG, "type": "solid", "width": 1}, "label": label}
    return {"silent": True, "symbol": "none", "animation": False, "z": 1, "data": [line]}


def _bar(row: NeedRow, place: int) -> dict[str, Any]:
    style = {
        "stroke": svg.VOICE_LINE if row.stands_out else svg.LINE_STRONG,
        "lineWidth": 7 if row.stands_out else 3,
        "lineCap": "round",
    }
    return {"value": [row.low, row.high, place], "bar": style, "itemStyle": {"color": style["stroke"]}}


def _point(row: NeedRow, place: int, lang: str, top_k: int) -> dict[str, Any]:
    return {
        "name": _tip(row, lang, top_k),
        "value": [row.value, place],
        "symbolSize": 16 if row.stands_out else 13,
        "itemStyle": {
            "opacity": 1,
            "color": svg.VOICE if row.stands_out else svg.INK_2,
            "borderColor": svg.SURFACE,
            "borderWidth": 2,
        },
    }
