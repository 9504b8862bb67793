"""MaxDiff (best-worst scaling): counts, square-root scores and the maxdiff logit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import BoolArray, FloatArray, IntArray

MAX_STEPS = 100
PRECISION = 1e-10
RUNAWAY = 20.0


@dataclass(frozen=True, eq=False)
class BestWorst:
    """Scores of shape (items,): `difference` B - W in choices, `standard` -1..1, `root` 0 or more.

    `smoothed` marks items never chosen worst, whose root score adds one half to both counts.
    """

    difference: IntArray
    standard: FloatArray
    root: FloatArray
    smoothed: BoolArray


def best_worst(best: IntArray, worst: IntArray, shown: int) -> BestWorst:
    """Count scores from choices of best and worst per item, shape (items,).

    Formula: BW = B - W; standard = BW / shown, `shown` = respondents x appearances of each item;
    root = sqrt(B / W), or sqrt((B + .5) / (W + .5)) where W = 0.
    Source: Louviere, Flynn and Marley 2015, Best-Worst Scaling, chapter 2.
    Units: choices; shares of appearances (-1..1); a ratio.
    Limits: needs a balanced design; says nothing of how sure each choice was.
    Raises MethodError `bad-counts` on negative, unequal or impossible counts.
    """
    _check_counts(best, worst, shown)
    difference = (best - worst).astype(np.int64)
    smoothed = worst == 0
    half = np.where(smoothed, 0.5, 0.0)
    root = np.sqrt((best + half) / (worst + half))
    return BestWorst(difference, difference / shown, root, smoothed)


def maxdiff_logit(difference: IntArray, sets: IntArray, respondents: int) -> FloatArray:
    """Utilities of the maxdiff model, shape (items,), the last item at 0.

    Formula: P(best i, worst j in a set) = exp(u_i - u_j) / sum over a != b of exp(u_a - u_b);
    B - W per item is sufficient, so the likelihood is maximised by Newton's steps from the counts
    and the design alone. `sets`: item indexes, shape (sets, items per set); every respondent
    answers every set.
    Source: Marley and Louviere 2005, Journal of Mathematical Psychology 49:464-480.
    Units: logits. Limits: one utility for all (no heterogeneity); does not exist where an item is
    always best or always worst. Raises MethodError `bad-design`, `no-variation`.
    """
    _check_design(difference, sets, respondents)
    utility = np.zeros(difference.size)
    for _ in range(MAX_STEPS):
        expected, information = _moments(utility, sets, respondents)
        step = np.linalg.solve(information[:-1, :-1], (difference - expected)[:-1])
        utility[:-1] += np.clip(step, -2.0, 2.0)
        if float(np.max(np.abs(utility))) > RUNAWAY:
            break
        if float(np.max(np.abs(step))) < PRECISION:
            return utility
    raise MethodError("no-variation", {"items": int(difference.size)})


def many_logits(difference: FloatArray, asked: FloatArray, sets: IntArray, start: FloatArray) -> FloatArray:
    """The same utilities for many resamples at once, shape (resamples, items), the last item at 0.

    `difference`: B - W, shape (resamples, items); `asked`: how often each set was answered, (resamples, sets); `start`:
    where Newton's steps begin. NaN for a resample in which they do not settle (an item always best or always worst), and
    for an item that a resample did not ask.
    """
    items = difference.shape[1]
    utility = np.tile(start, (len(difference), 1))
    moving = np.ones(len(difference), dtype=bool)
    for _ in range(MAX_STEPS // 4):
        at = np.flatnonzero(moving)
        if not at.size:
            break
        expected, information = _many_moments(utility[at], asked[at], sets)
        # A ridge far below the precision keeps a runaway resample solvable; it is dropped below.
        square = information[:, :-1, :-1] + 1e-9 * np.eye(items - 1)
        step = np.linalg.solve(square, (difference[at] - expected)[:, :-1, np.newaxis])[..., 0]
        utility[at, :-1] += np.clip(step, -2.0, 2.0)
        moving[at] = np.abs(step).max(axis=1) >= PRECISION * 100
    utility[moving | (np.abs(utility).max(axis=1) > RUNAWAY)] = np.nan
    # An item that a resample never asked has moved nowhere: it has no utility there.
    holds = (sets[:, :, np.newaxis] == np.arange(items)).any(axis=1).astype(np.float64)
    utility[asked @ holds == 0] = np.nan
    return utility


def _many_moments(utility: FloatArray, asked: FloatArray, sets: IntArray) -> tuple[FloatArray, FloatArray]:
    """Expected B - W and its covariance, per resample."""
    count, items = utility.shape
    expected, information = np.zeros((count, items)), np.zeros((count, items, items))
    for place, members in enumerate(sets):
        first, second = np.nonzero(~np.eye(members.size, dtype=bool))
        signs = np.zeros((first.size, items))
        signs[np.arange(first.size), members[first]] = 1.0
        signs[np.arange(first.size), members[second]] -= 1.0
        weight = np.exp(utility @ signs.T)
        chance = weight / weight.sum(axis=1, keepdims=True)
        mean = chance @ signs
        products = (signs[:, :, np.newaxis] * signs[:, np.newaxis, :]).reshape(first.size, -1)
        square = (chance @ products).reshape(count, items, items) - mean[:, :, np.newaxis] * mean[
            :, np.newaxis
        ]
        expected += asked[:, place, np.newaxis] * mean
        information += asked[:, place, np.newaxis, np.newaxis] * square
    return expected, information


def _moments(utility: FloatArray, sets: IntArray, respondents: int) -> tuple[FloatArray, FloatArray]:
    """Expected B - W per item and its covariance under the model."""
    expected = np.zeros(utility.size)
    information = np.zeros((utility.size, utility.size))
    for members in sets:
        first, second = np.nonzero(~np.eye(members.size, dtype=bool))
        signs = np.zeros((first.size, utility.size))
        signs[np.arange(first.size), members[first]] = 1.0
        signs[np.arange(first.size), members[second]] = -1.0
        weight = np.exp(signs @ utility)
        chance = weight / weight.sum()
        mean = chance @ signs
        expected += respondents * mean
        information += respondents * ((signs.T * chance) @ signs - np.outer(mean, mean))
    return expected, information


def _check_counts(best: IntArray, worst: IntArray, shown: int) -> None:
    same = best.shape == worst.shape and best.ndim == 1 and shown > 0
    if not same or best.sum() != worst.sum() or min(best.min(), worst.min()) < 0:
        raise MethodError("bad-counts")
    if int((best + worst).max()) > shown:
        raise MethodError("bad-counts", {"shown": shown})


def _check_design(difference: IntArray, sets: IntArray, respondents: int) -> None:
    inside = sets.ndim == 2 and sets.shape[1] >= 2 and sets.min() >= 0 and sets.max() < difference.size
    if not inside or respondents < 1 or any(len(set(row.tolist())) < row.size for row in sets):
        raise MethodError("bad-design")
    if not _connected(sets, difference.size) or int(difference.sum()) != 0:
        raise MethodError("bad-design")


def _connected(sets: IntArray, items: int) -> bool:
    reached = {int(sets[0, 0])}
    for _ in range(items):
        reached |= {int(i) for row in sets if reached & set(row.tolist()) for i in row}
    return len(reached) == items
