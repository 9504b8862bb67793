"""Two coders who each put any number of codes on every answer: their agreement, code by code and over all codes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.surveys.methods.bootstrap import LEVEL, check_draws, resample_counts
from services.surveys.methods.errors import MethodError
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.ratings import BoolArray, FloatArray

MINIMUM = 5
SMALL = 30
EXTREME = 0.1
DEFINED = 0.5
MEASURES = ("kappa", "alpha", "ac1", "percent")


@dataclass(frozen=True)
class Figure:
    """One measure with its 95 % interval; all None where there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CodeAgreement:
    """One code, or all codes pooled (`code` None): decisions that both coders made, and how far they agree.

    `n`: answers; `both`, `first_only`, `second_only`, `neither`: decisions by who gave the code; `prevalence`: share
    0..1 of decisions that gave it, over both coders. `notes`: `no-variation` (kappa and alpha do not exist: both
    coders gave it always or never), `extreme-prevalence` (read AC1 and the percentage: kappa falls although coders
    agree), `few-answers` (under 30: the interval is wide for want of answers).
    """

    code: str | None
    n: int
    both: int
    first_only: int
    second_only: int
    neither: int
    prevalence: float
    kappa: Figure
    alpha: Figure
    ac1: Figure
    percent: Figure
    notes: tuple[str, ...]


@dataclass(frozen=True)
class CodingAgreement:
    """`overall` pools every decision (each code on each answer); `identical`: share 0..1 of answers with one and the
    same set of codes from both coders.
    """

    codes: tuple[CodeAgreement, ...]
    overall: CodeAgreement
    identical: Figure
    manifest: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        data = asdict(self)
        for part in (data["overall"], *data["codes"]):
            part["notes"] = list(part["notes"])
        return {**data, "codes": list(data["codes"])}


def coding_agreement(
    first: BoolArray, second: BoolArray, codes: Sequence[str], *, seed: int, resamples: int = 2000
) -> CodingAgreement:
    """Agreement of two coders who worked apart: `first`, `second` of shape (answers, codes), true where given.

    Formulas, from the counts a (both), b, c (one only), d (neither) of one code, n their sum: percent (a + d) / n;
    Cohen's kappa and Gwet's AC1 as in `coders`; Krippendorff's nominal alpha 1 - (2n - 1)(b + c) / (n1 n0), n1 and n0
    being how often the code was given and not given, by both coders together. Overall: the same from the sums of all
    codes. Intervals: answers are resampled, all their codes together (PCG64, seeded); percentile, over the
    resamples in which the measure exists, and none where it exists in fewer than half.
    Source: Cohen 1960; Krippendorff 2011; Gwet 2008 (see `coders`); Feinstein and Cicchetti 1990, Journal of Clinical
    Epidemiology 43(6):543-549, on kappa at extreme prevalence.
    Units: shares 0..1, measures at most 1. Limits: agreement is not truth; pooled figures weigh every code alike.
    The order of answers changes no figure. Raises MethodError `bad-shape`, `too-few-responses` under five answers,
    `bad-seed`, `bad-resamples`.
    """
    check_draws(seed, resamples)
    if first.shape != second.shape or first.ndim != 2 or first.shape[1] != len(codes) or not codes:
        raise MethodError("bad-shape", {"codes": len(codes)})
    if len(first) < MINIMUM:
        raise MethodError("too-few-responses", {"n": len(first), "minimum": MINIMUM})
    order = np.lexsort(np.concatenate([first, second], axis=1).T[::-1])
    first, second = first[order], second[order]
    same = (first == second).all(axis=1).astype(np.float64)
    cells = np.stack([first & second, first & ~second, ~first & second, ~first & ~second]).astype(np.float64)
    drawn = np.empty((resamples, 4, len(codes) + 1))
    alike = np.empty(resamples)
    for place, counts in resample_counts(len(first), seed, resamples, np.float64):
        drawn[place, :, :-1] = np.einsum("ra,kac->rkc", counts, cells, optimize=True)
        alike[place] = counts @ same / len(first)
    drawn[:, :, -1] = drawn[:, :, :-1].sum(axis=2)
    sums = cells.sum(axis=1)
    sums = np.concatenate([sums, sums.sum(axis=1, keepdims=True)], axis=1)
    values, draws = _measures(sums), _measures(drawn.transpose(1, 0, 2))
    found = [
        _agreement(
            code,
            len(first),
            sums[:, i],
            {name: _figure(values[name][i], draws[name][:, i]) for name in MEASURES},
        )
        for i, code in enumerate((*codes, None))
    ]
    manifest = _manifest(first, second, codes, seed, resamples)
    return CodingAgreement(tuple(found[:-1]), found[-1], _figure(float(same.mean()), alike), manifest)


def fingerprint(first: BoolArray, second: BoolArray, codes: Sequence[str]) -> str:
    """Of both coders' work, whatever the order of answers: 64 hex digits."""
    both = np.concatenate([first, second], axis=1).astype(np.uint8)
    rows = both[np.lexsort(both.T[::-1])] if len(both) else both
    digest = hashlib.sha256(f"cercle-coding-1|{rows.shape}|".encode())
    for code in codes:
        digest.update(f"{len(code.encode())}:{code}".encode())
    digest.update(rows.tobytes(order="C"))
    return digest.hexdigest()


def _measures(counts: FloatArray) -> dict[str, FloatArray]:
    """Every measure of counts of shape (4, …); NaN where it does not exist."""
    a, b, c, d = counts
    n = a + b + c + d
    observed = (a + d) / n
    first, second = (a + b) / n, (a + c) / n
    by_chance = first * second + (1 - first) * (1 - second)
    mean = (first + second) / 2
    given = a + b + a + c
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = np.where(by_chance >= 1, np.nan, (observed - by_chance) / (1 - by_chance))
        products = given * (2 * n - given)
        alpha = np.where(products <= 0, np.nan, 1 - (2 * n - 1) * (b + c) / products)
        uniform = 2 * mean * (1 - mean)
        ac1 = (observed - uniform) / (1 - uniform)
    return {"kappa": kappa, "alpha": alpha, "ac1": ac1, "percent": observed}


def _figure(value: float, draws: FloatArray) -> Figure:
    if np.isnan(value):
        return Figure(None, None, None)
    known = draws[~np.isnan(draws)]
    if known.size < DEFINED * draws.size:
        return Figure(float(value), None, None)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Figure(float(value), low, high)


def _agreement(code: str | None, n: int, counts: FloatArray, figures: Mapping[str, Figure]) -> CodeAgreement:
    a, b, c, d = (int(count) for count in counts)
    prevalence = (2 * a + b + c) / (2 * (a + b + c + d))
    notes = [
        name
        for name, applies in (
            ("no-variation", figures["kappa"].value is None or figures["alpha"].value is None),
            ("extreme-prevalence", 0 < prevalence < EXTREME or 1 - EXTREME < prevalence < 1),
            ("few-answers", n < SMALL),
        )
        if applies
    ]
    return CodeAgreement(code, n, a, b, c, d, prevalence, **figures, notes=tuple(notes))


def _manifest(
    first: BoolArray, second: BoolArray, codes: Sequence[str], seed: int, resamples: int
) -> dict[str, Any]:
    return {
        "data_sha256": fingerprint(first, second, codes),
        "methods_version": METHODS_VERSION,
        **library_versions(),
        "seed": seed,
        "resamples": resamples,
    }
