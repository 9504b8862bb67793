"""Differential item functioning: does an item mean the same to those who answer in French and in English?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.hennessy_hicks import holm
from services.surveys.methods.lazy import stats
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.ratings import BoolArray, FloatArray, IntArray, Ratings

MINIMUM = 10
STRATA = 10
MODERATE, LARGE = 0.17, 0.25


@dataclass(frozen=True)
class ItemDif:
    """One item: `n_first`, `n_second` people compared; `difference` in standard deviations of the item, second
    group minus first at the same level; Mantel's `chi2` on one degree of freedom with p and Holm's p; `verdict`
    one of negligible, moderate, large, or too-few (then no figure).
    """

    item: str
    verdict: str
    n_first: int | None = None
    n_second: int | None = None
    difference: float | None = None
    chi2: float | None = None
    p_value: float | None = None
    p_holm: float | None = None


def dif(
    points: FloatArray, second: BoolArray, items: tuple[str, ...], *, strata: int = STRATA
) -> tuple[ItemDif, ...]:
    """Compare two language groups item by item, at the same level on the other items.

    `points`: shape (people, items), NaN for no answer; `second`: shape (people,), who is in the second group.
    Method: people are matched on their mean over the other items, cut at its quantiles into at most `strata` strata;
    in each stratum the groups' mean points are compared. Effect: standardised mean difference, the stratum differences
    weighted by the second group's numbers, over the item's standard deviation. Test: Mantel's chi-square for ordered
    points, Holm over the items.
    Verdict: `large` at |difference| >= 0.25 and Holm's p < .05, `moderate` from 0.17 likewise, else `negligible`.
    Source: Mantel 1963, JASA 58:690-700; Dorans and Schmitt 1991 (ETS RR-91-47); Zwick, Donoghue and Grima 1993,
    Journal of Educational Measurement 30(3):233-251.
    Units: standard deviations. Limits: fewer than ten people of a group in shared strata: `too-few`. With small groups
    only large differences are seen: no finding is no proof of equal meaning. Groups far apart in level are matched
    roughly, which can look like bias in every item alike.
    Raises MethodError `bad-shape`, `too-few-items` (< 3).
    """
    if points.ndim != 2 or points.shape != (second.size, len(items)):
        raise MethodError("bad-shape", {"items": len(items)})
    if len(items) < 3:
        raise MethodError("too-few-items", {"n": len(items), "minimum": 3})
    rows = [_item(points, second, place, strata) for place in range(len(items))]
    tests = np.array([row["p_value"] for row in rows if row], dtype=np.float64)
    adjusted = iter(holm(tests).tolist())
    return tuple(
        ItemDif(name, "too-few") if row is None else _verdict(name, row, next(adjusted))
        for name, row in zip(items, rows, strict=True)
    )


def _item(points: FloatArray, second: BoolArray, place: int, strata: int) -> dict[str, float] | None:
    others = np.delete(points, place, axis=1)
    answered = ~np.isnan(points[:, place]) & ~np.isnan(others).all(axis=1)
    value, group = points[answered, place], second[answered]
    if not answered.any():
        return None
    level = _strata(np.nanmean(others[answered], axis=1), strata)
    shared = [mask for mask in (level == s for s in np.unique(level)) if _mixed(group[mask])]
    kept = np.logical_or.reduce(shared) if shared else np.zeros(value.size, dtype=bool)
    first_n, second_n = int((~group[kept]).sum()), int(group[kept].sum())
    spread = float(np.std(value[kept], ddof=1)) if kept.sum() > 1 else 0.0
    if min(first_n, second_n) < MINIMUM or spread == 0:
        return None
    chi2, difference = _mantel(value, group, shared)
    p_value = float(stats().chi2.sf(chi2, 1))
    return {"n_first": first_n, "n_second": second_n, "difference": difference / spread, "chi2": chi2,
            "p_value": p_value}  # fmt: skip


def _strata(level: FloatArray, strata: int) -> IntArray:
    edges = np.unique(np.quantile(level, np.linspace(0, 1, strata + 1)[1:-1]))
    return np.searchsorted(edges, level, side="right").astype(np.int64)


def _mixed(group: BoolArray) -> bool:
    return group.size >= 2 and bool(group.any()) and not bool(group.all())


def _mantel(value: FloatArray, group: BoolArray, shared: list[BoolArray]) -> tuple[float, float]:
    """Mantel's chi-square, and the mean difference in points weighted by the second group."""
    observed = expected = variance = weighted = 0.0
    for mask in shared:
        points, members = value[mask], group[mask]
        n, m = points.size, int(members.sum())
        total, squares = float(points.sum()), float((points**2).sum())
        observed += float(points[members].sum())
        expected += m * total / n
        variance += m * (n - m) * (n * squares - total**2) / (n**2 * (n - 1))
        weighted += m * float(points[members].mean() - points[~members].mean())
    people = sum(int(group[mask].sum()) for mask in shared)
    chi2 = (observed - expected) ** 2 / variance if variance > 0 else 0.0
    return chi2, weighted / people


def _verdict(name: str, row: dict[str, float], p_holm: float) -> ItemDif:
    size = abs(row["difference"]) if p_holm < 0.05 else 0.0
    verdict = "large" if size >= LARGE else "moderate" if size >= MODERATE else "negligible"
    people = int(row["n_first"]), int(row["n_second"])
    return ItemDif(name, verdict, *people, row["difference"], row["chi2"], row["p_value"], p_holm)


def dif_of_ratings(ratings: Ratings, second: BoolArray) -> dict[str, Any]:
    """`dif` of importance and of ability, as plain values with a manifest; see there for method and limits.

    `second`: shape (respondents,), who answered in English. The order of people changes no figure.
    """
    order = np.lexsort([second, *np.nan_to_num(ratings.importance).T, *np.nan_to_num(ratings.ability).T])
    found = {
        side: [asdict(row) for row in dif(points[order], second[order], ratings.items)]
        for side, points in (("importance", ratings.importance), ("ability", ratings.ability))
    }
    versions = {"methods_version": METHODS_VERSION, **library_versions()}
    return {**found, "manifest": {"data_sha256": ratings.sha256(), **versions}}
