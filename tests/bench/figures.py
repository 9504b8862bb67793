"""Ranking needs: the product's analysis beside its bootstrap alone and the same arithmetic by hand in NumPy.

    python -m tests.bench.figures hand|bootstrap|analysis RESPONDENTS ITEMS RESAMPLES

One process for each, so that each has its own peak of memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from services.surveys.methods.analysis import analyse
from services.surveys.methods.bootstrap import bootstrap
from services.surveys.methods.ratings import FloatArray, Ratings

METHODS = ("mwds", "rds", "pni", "gap")
SEED, CHUNK, TOP = 2026, 500, 3
Bounds = dict[str, FloatArray]


def ratings(respondents: int, items: int) -> Ratings:
    """Made-up answers, 3 % of them "not applicable", in the canonical order."""
    rng = np.random.default_rng(1)
    points = rng.integers(1, 6, size=(2, respondents, items)).astype(np.float64)
    points[1][rng.random((respondents, items)) < 0.03] = np.nan
    names = tuple(f"item-{number:03}" for number in range(items))
    return Ratings(points[0], points[1], names).canonical()


def by_hand(data: Ratings, resamples: int) -> Bounds:
    """Intervals (2 x items) of the four methods and the chance of a place among three, as one would write it once."""
    columns, draws = _columns(data), {name: np.empty((resamples, len(data.items))) for name in METHODS}
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED)))
    size = data.respondents
    for start in range(0, resamples, CHUNK):
        rows = min(CHUNK, resamples - start)
        counts = np.stack(
            [np.bincount(rng.integers(0, size, size=size), minlength=size) for _ in range(rows)]
        )
        n, i, a, below, above = np.split((counts.astype(np.float32) @ columns).astype(np.float64), 5, axis=1)
        place, wanted, able = slice(start, start + rows), i / n, a / n
        draws["mwds"][place], draws["rds"][place] = wanted * (wanted - able), 100 * (above - below) / n
        draws["pni"][place], draws["gap"][place] = (i - a) / a, wanted - able
    return {name: _bounds(name, values, columns) for name, values in draws.items()} | _chances(draws)


def _bounds(name: str, draws: FloatArray, columns: FloatArray) -> FloatArray:
    """BCa intervals (Efron 1987), shape (2, items)."""
    total = columns.sum(axis=0, dtype=np.float64)
    whole, shift, moments = _score(name, total), columns.shape[0], np.zeros((3, draws.shape[1]))
    for start in range(0, shift, CHUNK * 20):
        apart = _score(name, total - columns[start : start + CHUNK * 20]) - whole
        moments += [apart.sum(axis=0), (apart**2).sum(axis=0), (apart**3).sum(axis=0)]
    mean = moments[0] / shift
    cubes = moments[2] - 3 * mean * moments[1] + 2 * shift * mean**3
    a = -cubes / (6 * (moments[1] - shift * mean**2) ** 1.5)
    z0 = ndtri(((draws < whole).sum(axis=0) + (draws == whole).sum(axis=0) / 2) / len(draws))
    found = np.empty((2, draws.shape[1]))
    for end, z in enumerate(ndtri([0.025, 0.975])):
        levels = ndtr(z0 + (z0 + z) / (1 - a * (z0 + z)))
        found[end] = [np.quantile(values, level) for values, level in zip(draws.T, levels, strict=True)]
    return found


def _score(name: str, sums: FloatArray) -> FloatArray:
    n, i, a, below, above = np.split(sums, 5, axis=-1)
    if name == "rds":
        return np.asarray(100 * (above - below) / n)
    if name == "pni":
        return np.asarray((i - a) / a)
    return np.asarray((i / n) * (i - a) / n if name == "mwds" else (i - a) / n)


def _columns(data: Ratings) -> FloatArray:
    pairs = ~(np.isnan(data.importance) | np.isnan(data.ability))
    i, a = np.where(pairs, data.importance, 0), np.where(pairs, data.ability, 0)
    found: FloatArray = np.concatenate([pairs, i, a, a < i, a > i], axis=1).astype(np.float32)
    return found


def _chances(draws: Bounds) -> Bounds:
    need = {name: -values if name == "rds" else values for name, values in draws.items()}
    ranks = {name: (-values).argsort(axis=1).argsort(axis=1) for name, values in need.items()}
    return {f"{name}_top": (found < TOP).mean(axis=0) for name, found in ranks.items()}


def run(kind: str, respondents: int, items: int, resamples: int) -> dict[str, Any]:
    """Seconds, peak memory above that of the data in MB, and the intervals' sum (alike where the figures are)."""
    data = ratings(respondents, items)
    analyse(ratings(5, 2), seed=SEED)  # SciPy comes in at the first use
    before = _peak()
    began = time.perf_counter()
    if kind == "hand":
        bounds = by_hand(data, resamples)["mwds"]
    elif kind == "bootstrap":
        found = bootstrap(data, seed=SEED, resamples=resamples, methods=METHODS)["mwds"]
        bounds = np.stack([found.low, found.high])
    else:
        analysis = analyse(data, seed=SEED, resamples=resamples)
        estimates = [item.estimates["mwds"] for item in analysis.items]
        bounds = np.array([[e.low for e in estimates], [e.high for e in estimates]])
    return {"seconds": time.perf_counter() - began, "peak_mb": _peak() - before, "check": float(bounds.sum())}


def _peak() -> float:
    """The most memory this process has had, in MB; 0 where /proc does not tell (getrusage counts a parent's too)."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def measure(respondents: int, items: int, resamples: int) -> dict[str, Any]:
    """All three. Raises RuntimeError when their intervals differ."""
    size = [str(value) for value in (respondents, items, resamples)]
    found: dict[str, Any] = {}
    for kind in ("hand", "bootstrap", "analysis"):
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.figures", kind, *size]
        found[kind] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    checks = [found[kind].pop("check") for kind in ("hand", "bootstrap", "analysis")]
    if not np.allclose(checks, checks[0]):
        raise RuntimeError(f"the intervals differ: {checks}")
    shape = {"respondents": respondents, "items": items, "resamples": resamples}
    ratios = {
        f"{kind}_ratio": found[kind]["seconds"] / found["hand"]["seconds"]
        for kind in ("bootstrap", "analysis")
    }
    return found | shape | ratios


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], *(int(word) for word in sys.argv[2:]))))
