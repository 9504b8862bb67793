"""Importance-performance analysis: four quadrants under a stored cut rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ranks import TIE_DECIMALS
from services.surveys.methods.ratings import FloatArray

CONCENTRATE = "concentrate"
KEEP_UP = "keep-up"
LOW_PRIORITY = "low-priority"
OVERKILL = "possible-overkill"

CUT_RULES = ("grand-mean", "median", "midpoint")


@dataclass(frozen=True)
class Cuts:
    """Where the quadrants meet, in points of the scale, and the rule that placed them."""

    importance: float
    ability: float
    rule: str


def cut_lines(importance: FloatArray, ability: FloatArray, rule: str, scale: int) -> Cuts:
    """Cuts from item means of shape (items,).

    Rules: `grand-mean`, the mean of the item means on each axis; `median`, their median;
    `midpoint`, the middle (1 + k) / 2 of the scale on both. Raises MethodError `unknown-cut-rule`.
    """
    if rule == "grand-mean":
        return Cuts(float(np.mean(importance)), float(np.mean(ability)), rule)
    if rule == "median":
        return Cuts(float(np.median(importance)), float(np.median(ability)), rule)
    if rule == "midpoint":
        return Cuts((1 + scale) / 2, (1 + scale) / 2, rule)
    raise MethodError("unknown-cut-rule", {"known": list(CUT_RULES)})


def quadrants(importance: FloatArray, ability: FloatArray, cuts: Cuts) -> tuple[str, ...]:
    """The quadrant of each item, from item means of shape (items,).

    Formula: high importance is mean >= cut, high ability likewise; high and low `concentrate`,
    high and high `keep-up`, low and low `low-priority`, low and high `possible-overkill`.
    Source: Martilla and James 1977, Journal of Marketing 41(1):77-79.
    Units: means and cuts in points of the scale.
    Limits: a point on a line counts as high; items close to a line change side with the rule, so
    the rule is stored and shown with the picture.
    """
    # The mean of equal means may lie a rounding step above them: on the line is on the line.
    edges = [round(cut, TIE_DECIMALS) for cut in (cuts.importance, cuts.ability)]
    high_i, high_a = (
        np.round(part, TIE_DECIMALS) >= edge for part, edge in zip((importance, ability), edges, strict=True)
    )
    return tuple(_quadrant(bool(i), bool(a)) for i, a in zip(high_i, high_a, strict=True))


def _quadrant(high_importance: bool, high_ability: bool) -> str:
    if high_importance:
        return KEEP_UP if high_ability else CONCENTRATE
    return OVERKILL if high_ability else LOW_PRIORITY
