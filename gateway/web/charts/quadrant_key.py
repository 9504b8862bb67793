"""The words behind the numbers of the quadrant, region by region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.web.charts.model import NeedRow
from gateway.web.charts.text import number, wrap
from gateway.web.charts.words import say

FOCUS = "concentrate"
REGIONS = (FOCUS, "keep-up", "low-priority", "possible-overkill")
SIZE = 13.5


@dataclass(frozen=True)
class KeyLine:
    """A region's name (no `count`) or a numbered need; `y` is the first baseline, from the key's top."""

    y: float
    words: tuple[str, ...]
    count: str
    focus: bool


def key_lines(rows: Sequence[NeedRow], lang: str, room: float, lines: int) -> tuple[list[KeyLine], float]:
    """The key at 13.5 px in a column `room` wide, and how deep it is."""
    out: list[KeyLine] = []
    y = 0.0
    for region in REGIONS:
        members = [(i + 1, row) for i, row in enumerate(rows) if row.quadrant == region]
        if members:
            out.append(KeyLine(y, (say(lang, f"region.{region}"),), "", region == FOCUS))
            y += 22
        for count, row in members:
            words = tuple(wrap(row.label, SIZE, room - 28, lines))
            out.append(KeyLine(y, words, str(count), region == FOCUS))
            y += len(words) * SIZE * 1.3 + 5
        y += 12 if members else 0
    return out, y - 12


def cut_label(lang: str, rule: str, value: float) -> str:
    """What stands beside a cut line: the rule that placed it and where it is."""
    words = say(lang, f"rule.{rule}")
    return say(lang, "cut", rule=words[0].upper() + words[1:], value=number(value, lang, 2))
