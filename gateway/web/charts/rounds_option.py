"""A Delphi across its rounds as an ECharts option: each item with the median and the middle half of every round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.charts import live, svg
from gateway.web.charts.live import Part
from gateway.web.charts.text import width, wrap

Quartiles = tuple[float, float, float]
# px. The plot begins after the items and the names of the rounds; its foot carries the points of the scale.
ITEMS, GAP, NAMES, FIGURES, FOOT = 366, 24, 84, 108, 32
PLOT = ITEMS + GAP + NAMES
SIZE, LEADING, ROUND, BADGE = 17, 25, 30, 26
ABOVE, BELOW = 16, 12
# Share of the scale that is left free at either end of a row.
MARGIN = 3 / 94
LOOKS: dict[str, Part] = {
    "consensus": {"fill": svg.VOICE_STRONG, "backgroundColor": svg.VOICE_SOFT},
    "agreement": {"fill": svg.INK_2, "backgroundColor": svg.SUNK},
    "stable-dissensus": {"fill": svg.AMBER, "backgroundColor": svg.AMBER_SOFT},
    "open": {"fill": svg.INK_2, "borderColor": svg.LINE_STRONG, "borderWidth": 1},
}


@dataclass(frozen=True)
class Round:
    """One round of an item: its name, first quartile, median and third quartile in points (None: hidden).

    `figure`: what stands at the end of the row, or instead of hidden marks; `said`: the figures in words, line by line.
    """

    name: str
    quartiles: Quartiles | None
    figure: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One item: its words, its state as a code and in words (empty without a figure), where it comes from, its rounds."""

    statement: str
    state: str
    state_words: str
    source: str
    rounds: tuple[Round, ...]


@dataclass(frozen=True)
class _Block:
    """An item with its place: top and height in px."""

    item: Item
    lines: list[str]
    top: float
    height: float

    def row(self, at: int) -> float:
        """The middle of a round; all rounds of an item stand in the middle of its block."""
        return self.top + self.height / 2 + (at - (len(self.item.rounds) - 1) / 2) * ROUND


def option(items: Sequence[Item], scale: int, band: tuple[float, float], lang: str) -> dict[str, Any]:
    """Plain JSON values; `band` of agreement on a scale of 1..`scale` points. Heights are in px of the canvas."""
    blocks = _blocks(items)
    foot = blocks[-1].top + blocks[-1].height + BELOW if blocks else 0.0
    pad = MARGIN * (scale - 1)
    shown = [
        (block.item.statement, one, one.quartiles, block.row(at))
        for block in blocks
        for at, one in enumerate(block.item.rounds)
        if one.quartiles is not None
    ]
    return {
        **live.frame(foot + FOOT, 1, lang),
        "grid": {"left": PLOT, "right": FIGURES, "top": 0, "bottom": FOOT, "outerBoundsMode": "none"},
        "xAxis": {
            "type": "value", "min": 1 - pad, "max": scale + pad, "splitLine": {"show": False},
            "axisLine": {"show": False, "onZero": False}, "axisTick": {"show": False},
            "axisLabel": {"color": svg.INK_3, "fontSize": live.SMALL, "customValues": list(range(1, scale + 1))},
        },
        "yAxis": {"type": "value", "min": 0, "max": foot, "inverse": True, "show": False},
        "graphic": [
            *live.rules([block.top + block.height + BELOW for block in blocks]),
            *(part for block in blocks for part in _words(block)),
        ],
        "series": [
            live.spans([bar for _, _, quartiles, row in shown for bar in _bars(quartiles, row, scale, band)]),
            live.dots([
                live.dot(live.tip(statement, one.name, *one.said), (quartiles[1], row), 12, svg.VOICE, borderWidth=2.5)
                for statement, one, quartiles, row in shown
            ]),
        ],
    }  # fmt: skip


def _blocks(items: Sequence[Item]) -> list[_Block]:
    blocks: list[_Block] = []
    top = 0.0
    for item in items:
        lines = wrap(item.statement, SIZE, ITEMS, 6)
        _, _, deep = _under(item, len(lines))
        height = max(deep, len(item.rounds) * ROUND)
        blocks.append(_Block(item, lines, top, height))
        top += height + BELOW + ABOVE
    return blocks


def _under(item: Item, lines: int) -> tuple[float, float, float]:
    """Where the source stands below the words, beside the badge or under it: left and top; and how deep it all is."""
    below = lines * LEADING + 8
    badge = width(item.state_words, 13) + 32 if item.state_words else 0
    beside = badge + width(item.source, 14) <= ITEMS
    top = below if beside else below + BADGE
    return badge if beside else 0, top, top + (BADGE if item.state_words or item.source else 0)


def _words(block: _Block) -> list[Part]:
    item = block.item
    left, top, _ = _under(item, len(block.lines))
    parts = [
        live.text("\n".join(block.lines), {"top": block.top, "left": 0}, fontSize=SIZE, lineHeight=LEADING,
                  fontWeight=600, fill=svg.INK),
    ]  # fmt: skip
    if item.state_words:
        parts.append(_badge(item, block.top + len(block.lines) * LEADING + 8))
    if item.source:
        words = wrap(item.source, 14, ITEMS, 1)[0]
        parts.append(_line(words, block.top + top + 1, fontSize=14, left=left))
    for at, one in enumerate(block.item.rounds):
        top = block.row(at) - 9
        parts.append(_line(one.name, top, left=ITEMS + GAP))
        if one.quartiles:
            parts.append(_line(one.figure, top, right=FIGURES - 74, fill=svg.INK))
        else:
            parts.append(_line(one.figure, top, left=PLOT))
    return parts


def _line(words: str, top: float, **place: Any) -> Part:
    style = {"fontSize": place.pop("fontSize", 15), "fill": place.pop("fill", svg.INK_2)}
    return live.text(words, {"top": top, **place}, lineHeight=20, **style)


def _badge(item: Item, top: float) -> Part:
    return live.text(
        item.state_words, {"top": top, "left": 0}, fontSize=13, fontWeight=600, lineHeight=18,
        padding=[2, 10], borderRadius=11, **LOOKS[item.state],
    )  # fmt: skip


def _bars(quartiles: Quartiles, row: float, scale: int, band: tuple[float, float]) -> list[Part]:
    """The band of agreement, the line of the scale, and the middle half."""
    return [
        live.span(*band, row, svg.VOICE_SOFT, 20, lineCap="butt"),
        live.span(1, scale, row, svg.LINE, 1, lineCap="butt"),
        live.span(quartiles[0], quartiles[2], row, svg.VOICE, 3),
    ]
