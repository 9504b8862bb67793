"""The quadrant as an ECharts option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.model import CutLines, NeedRow
from gateway.web.charts.quadrant_key import FOCUS, REGIONS, SIZE, KeyLine, cut_label
from gateway.web.charts.text import number
from gateway.web.charts.words import say

Pair = tuple[float, float]
LEFT, RIGHT, TOP, BOTTOM = 34, 384, 30, 52


@dataclass(frozen=True)
class Layout:
    """Ranges of both axes, where each marker stands (points of the scale), the key, the height in px."""

    x_range: Pair
    y_range: Pair
    places: Sequence[Pair]
    key: Sequence[KeyLine]
    height: float


def option(rows: Sequence[NeedRow], cuts: CutLines, layout: Layout, lang: str) -> dict[str, Any]:
    """Plain JSON values; charts.js resolves the colours."""
    across = say(lang, "axis.more", axis=say(lang, "axis.ability"), scale=cuts.scale)
    up = "↑ " + say(lang, "axis.importance")
    return {
        **live.frame(layout.height, 0, lang),
        "grid": {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "xAxis": _axis(layout.x_range, across, {"nameLocation": "middle", "nameGap": 32}, cuts.scale),
        "yAxis": _axis(layout.y_range, up, {"nameLocation": "end", "nameGap": 10}, cuts.scale),
        "series": [_series(rows, cuts, layout, lang)],
        "graphic": [_words(entry) for entry in layout.key]
        + [_count(entry) for entry in layout.key if entry.count],
    }


def _axis(span: Pair, name: str, place: dict[str, Any], scale: int) -> dict[str, Any]:
    whole = [tick for tick in range(1, scale + 1) if span[0] <= tick <= span[1]]
    return {
        "type": "value", "min": span[0], "max": span[1], "name": name, **place,
        "nameTextStyle": {"color": svg.INK_2, "fontSize": 12.5},
        "splitLine": {"show": False}, "axisLine": {"show": False}, "axisTick": {"show": False},
        "axisLabel": {"color": svg.INK_3, "fontSize": 12.5, "customValues": whole},
    }  # fmt: skip


def _series(rows: Sequence[NeedRow], cuts: CutLines, layout: Layout, lang: str) -> dict[str, Any]:
    pairs = zip(rows, layout.places, strict=True)
    return {
        "type": "scatter", "symbolSize": 24, "z": 5,
        "data": [_point(row, place, i, lang) for i, (row, place) in enumerate(pairs)],
        "markArea": {"silent": True, "z": 1, "data": _areas(cuts, layout, lang)},
        "markLine": {
            "silent": True, "symbol": "none", "z": 2, "animation": False,
            "data": [*_cuts(cuts, lang), *_leads(rows, layout)],
        },
    }  # fmt: skip


def _point(row: NeedRow, place: Pair, i: int, lang: str) -> dict[str, Any]:
    focus = row.quadrant == FOCUS
    means = {"importance": number(row.importance, lang, 2), "ability": number(row.ability, lang, 2)}
    figures = say(lang, "tip.means", **means), say(lang, "tip.n", n=row.n)
    return {
        "name": live.tip(f"{i + 1}  {row.label}", *figures),
        "value": [round(v, 4) for v in place],
        "label": {"show": True, "formatter": str(i + 1), "fontSize": 13, "fontWeight": 650,
                  "color": svg.ON_VOICE if focus else svg.INK_2},
        "itemStyle": {"opacity": 1, "color": svg.VOICE if focus else svg.SURFACE, "borderWidth": 1.5,
                      "borderColor": svg.SURFACE if focus else svg.LINE_STRONG},
    }  # fmt: skip


def _areas(cuts: CutLines, layout: Layout, lang: str) -> list[list[dict[str, Any]]]:
    (left, right), (bottom, top) = layout.x_range, layout.y_range
    x, y = cuts.ability, cuts.importance
    corners = [
        ((left, top), (x, y), "insideTopLeft"),
        ((x, top), (right, y), "insideTopRight"),
        ((left, y), (x, bottom), "insideBottomLeft"),
        ((x, y), (right, bottom), "insideBottomRight"),
    ]
    return [_area(region, *corner, lang) for region, corner in zip(REGIONS, corners, strict=True)]


def _area(region: str, start: Pair, end: Pair, position: str, lang: str) -> list[dict[str, Any]]:
    focus = region == FOCUS
    label = {
        "show": True, "position": position, "distance": 10, "fontSize": 13, "fontWeight": 650,
        "color": svg.VOICE if focus else svg.INK_3,
    }  # fmt: skip
    style = {"color": svg.VOICE_SOFT if focus else svg.SUNK, "opacity": 1}
    return [
        {"name": say(lang, f"region.{region}"), "coord": list(start), "itemStyle": style, "label": label},
        {"coord": list(end)},
    ]


def _cuts(cuts: CutLines, lang: str) -> list[dict[str, Any]]:
    style = {"color": svg.LINE_STRONG, "type": [4, 4], "width": 1.25}
    label = {"show": True, "fontSize": 12, "color": svg.INK_2}
    across = {**label, "formatter": cut_label(lang, cuts.rule, cuts.importance)}
    up = {**label, "formatter": cut_label(lang, cuts.rule, cuts.ability)}
    return [
        {"yAxis": cuts.importance, "lineStyle": style, "label": {**across, "position": "insideEndTop"}},
        {"xAxis": cuts.ability, "lineStyle": style, "label": {**up, "position": "end", "distance": 6}},
    ]


def _leads(rows: Sequence[NeedRow], layout: Layout) -> list[list[dict[str, Any]]]:
    """From where a point belongs to where its marker had to move."""
    style = {"color": svg.INK_3, "type": "solid", "width": 1}
    width, height = (span[1] - span[0] for span in (layout.x_range, layout.y_range))
    return [
        [
            {"coord": [row.ability, row.importance], "symbol": "circle", "symbolSize": 5, "lineStyle": style,
             "label": {"show": False}},
            {"coord": [round(x, 4), round(y, 4)], "symbol": "none"},
        ]
        for row, (x, y) in zip(rows, layout.places, strict=True)
        if abs(x - row.ability) / width + abs(y - row.importance) / height > 0.007
    ]  # fmt: skip


def _words(entry: KeyLine) -> dict[str, Any]:
    plain = svg.INK if entry.focus else svg.INK_2
    fill = plain if entry.count else (svg.VOICE if entry.focus else svg.INK_2)
    style = {
        "text": "\n".join(entry.words), "fontSize": SIZE, "lineHeight": SIZE * 1.3, "fill": fill,
        "fontFamily": svg.FONT, "fontWeight": 400 if entry.count else 650,
    }  # fmt: skip
    left = {"left": "key-text" if entry.count else "key"}
    return {"type": "text", "silent": True, "top": round(entry.y + 6), "style": style, **left}


def _count(entry: KeyLine) -> dict[str, Any]:
    style = {
        "text": entry.count, "fontSize": SIZE, "lineHeight": SIZE * 1.3, "fill": svg.INK_3,
        "fontFamily": svg.FONT, "fontWeight": 650,
    }  # fmt: skip
    return {"type": "text", "silent": True, "top": round(entry.y + 6), "left": "key-count", "style": style}
