"""Raking: weights that bring the people who answered to known shares of the whole network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import WEIGHT_GRID, BoolArray, FloatArray, IntArray

MAX_ROUNDS = 1000
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Weights:
    """`values` of shape (n,), mean about 1, above 0; `effective_n` people; `design_effect` = n / effective_n >= 1.

    `trimmed`: people whose weight met the limit.
    """

    values: FloatArray
    effective_n: float
    design_effect: float
    rounds: int
    trimmed: int


def rake(
    labels: Mapping[str, Sequence[str]], margins: Mapping[str, Mapping[str, float]], *, limit: float = 5.0
) -> Weights:
    """Iterative proportional fitting of weights to the margins.

    `labels`: one label per person and variable; `margins`: for each of these variables, the share (or count) of
    every label in the whole network. Each round multiplies the weights of a label by target / present share, for
    one variable after the other, until no share is off by more than 1e-9; then weights above `limit` times the
    mean are cut to it and the fit is repeated with what is left, so that nobody speaks for more than `limit` people.
    Source: Deming and Stephan 1940, Annals of Mathematical Statistics 11(4):427-444; effective n, Kish 1965,
    Survey Sampling: (sum w)^2 / sum w^2.
    Units: people. Limits: repairs only what the margins describe; unequal weights widen intervals.
    Raises MethodError `bad-shape` on no people or unequal lengths, `bad-margins` (no variable, unknown one, share
    not above 0 for a label that occurs, label that nobody has), `no-convergence`, `bad-limit` below 1.
    """
    if limit < 1:
        raise MethodError("bad-limit", {"minimum": 1})
    codes = _codes(labels, margins)
    n = codes[0][0].size
    weights, rounds = _fit(np.ones(n), codes)
    cut = weights > limit
    for _ in range(MAX_ROUNDS):
        if not bool((weights > limit * (1 + 1e-6)).any()):
            break
        # Trimming moves the margins; the last word is the limit's, and the page shows what is left.
        weights, more = _fit(np.minimum(weights, limit), codes, rounds=1)
        cut |= weights >= limit
        rounds += more
    weights, at_limit = _capped(weights, limit)
    cut |= at_limit
    # On a grid, every weighted sum of whole points is exact, whatever the order of addition.
    exact = np.maximum(np.rint(weights * WEIGHT_GRID), 1.0) / WEIGHT_GRID
    effective = float(exact.sum() ** 2 / (exact**2).sum())
    return Weights(exact, effective, n / effective, rounds, int(cut.sum()))


def _capped(weights: FloatArray, limit: float) -> tuple[FloatArray, BoolArray]:
    """Nobody above `limit` at a mean of 1: what is cut goes to the others in proportion."""
    cut: BoolArray = weights > limit
    while True:
        out = np.where(cut, limit, weights)
        if not cut.all():
            out[~cut] *= (weights.size - limit * cut.sum()) / out[~cut].sum()
        more = out > limit
        if not bool(more.any()):
            return out, cut
        cut |= more


def _codes(
    labels: Mapping[str, Sequence[str]], margins: Mapping[str, Mapping[str, float]]
) -> list[tuple[IntArray, FloatArray]]:
    if not margins or set(margins) - set(labels):
        raise MethodError("bad-margins", {"variables": ", ".join(sorted(set(margins) - set(labels)))})
    lengths = {len(labels[name]) for name in margins}
    if len(lengths) != 1 or 0 in lengths:
        raise MethodError("bad-shape", {"people": sorted(lengths)})
    return [_coded(name, labels[name], margins[name]) for name in sorted(margins)]


def _coded(name: str, given: Sequence[str], shares: Mapping[str, float]) -> tuple[IntArray, FloatArray]:
    present = sorted(set(given))
    wrong = [label for label in present if not shares.get(label, 0) > 0]
    absent = sorted(label for label, share in shares.items() if share > 0 and label not in present)
    bad = any(not np.isfinite(share) or share < 0 for share in (*shares.values(), sum(shares.values())))
    if wrong or absent or bad:
        raise MethodError("bad-margins", {"variables": name, "labels": [*wrong, *absent]})
    place = {label: at for at, label in enumerate(present)}
    target = np.array([shares[label] for label in present], dtype=np.float64)
    return np.array([place[label] for label in given], dtype=np.int64), target / target.sum()


def _fit(
    weights: FloatArray, codes: list[tuple[IntArray, FloatArray]], rounds: int = MAX_ROUNDS
) -> tuple[FloatArray, int]:
    n = weights.size
    for done in range(1, rounds + 1):
        off = 0.0
        for code, target in codes:
            share = np.bincount(code, weights, minlength=target.size) / weights.sum()
            off = max(off, float(np.abs(share - target).max()))
            weights = weights * (target / share)[code]
        weights = weights * (n / weights.sum())
        if off < TOLERANCE:
            return weights, done
    if rounds == MAX_ROUNDS:
        raise MethodError("no-convergence", {"rounds": MAX_ROUNDS})
    return weights, rounds
