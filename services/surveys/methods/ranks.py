"""Ranks with ties shown as ties."""

from __future__ import annotations

import numpy as np

from services.surveys.methods.ratings import BoolArray, FloatArray, IntArray

TIE_DECIMALS = 9


def competition_ranks(need: FloatArray) -> tuple[IntArray, BoolArray]:
    """Rank of each item (1 is the greatest need) and whether it shares that rank; shape (items,).

    Tied items all take the best rank of their group and the next ranks are left out: 1, 2, 2, 4.
    Values equal to nine decimals are ties, since floating arithmetic may part what is equal.
    """
    best, worst = _span(need[np.newaxis, :])
    return best[0].astype(np.int64), (worst > best)[0]


def top_shares(need: FloatArray, top: int) -> FloatArray:
    """Share of a top-`top` place that each item takes in each row; shape (rows, items), 0..1.

    A group of tied items shares the places that are left evenly, so every row sums to
    min(top, items): two items tied for first place take one half each. NaN ranks last.
    """
    best, worst = _span(need)
    return np.clip((top - best + 1) / (worst - best + 1), 0.0, 1.0)


def _span(need: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Best and worst rank that each value's tie group covers, per row."""
    order = -np.round(np.where(np.isnan(need), -np.inf, need), TIE_DECIMALS)
    places = np.argsort(order, axis=1)
    ordered = np.take_along_axis(order, places, axis=1)
    starts = np.ones(order.shape, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ends = np.roll(starts, -1, axis=1)  # before the next start, and at the row's end
    ranks = np.broadcast_to(np.arange(1.0, order.shape[1] + 1), order.shape)
    first = np.maximum.accumulate(np.where(starts, ranks, 0.0), axis=1)
    last = np.minimum.accumulate(np.where(ends, ranks, np.inf)[:, ::-1], axis=1)[:, ::-1]
    best, worst = np.empty(order.shape), np.empty(order.shape)
    np.put_along_axis(best, places, first, axis=1)
    np.put_along_axis(worst, places, last, axis=1)
    return best, worst
