"""Delphi: agreement on each item, concordance of the panel, stability between rounds, a stop rule fixed beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.surveys.methods.errors import MethodError
from services.surveys.methods.kendall import Concordance, kendall_w
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.quantiles import CONVENTIONS, DEFAULT_CONVENTION, quartiles
from services.surveys.methods.ratings import BoolArray, FloatArray

MINIMUM = 5
INDICATIVE_BELOW = 10


@dataclass(frozen=True, eq=False)
class Panel:
    """Ratings of a panel, round by round.

    `points`: shape (rounds, panellists, items), whole points 1..`scale`, NaN where a panellist did not rate; a
    panellist keeps one row through all rounds. `rounds`: their numbers, from 1, rising. `items`: one id each.
    Raises MethodError `bad-shape`, `bad-item-ids`, `bad-rating`.
    """

    points: FloatArray
    rounds: tuple[int, ...]
    items: tuple[str, ...]
    scale: int = 9

    def __post_init__(self) -> None:
        shape = self.points.shape
        if self.points.ndim != 3 or (shape[0], shape[2]) != (len(self.rounds), len(self.items)):
            raise MethodError("bad-shape", {"items": len(self.items)})
        if min(self.rounds, default=0) < 1 or list(self.rounds) != sorted(set(self.rounds)):
            raise MethodError("bad-shape", {"rounds": list(self.rounds)})
        if not self.items or len(set(self.items)) != len(self.items):
            raise MethodError("bad-item-ids", {"items": len(self.items)})
        given = self.points[~np.isnan(self.points)]
        if np.any((given < 1) | (given > self.scale) | (given != np.floor(given))):
            raise MethodError("bad-rating", {"part": "rating", "minimum": 1, "maximum": self.scale})

    def canonical(self) -> Panel:
        """The same data in one agreed order: items by id, panellists by their ratings, blank ones dropped."""
        order = sorted(range(len(self.items)), key=self.items.__getitem__)
        kept = ~np.isnan(self.points).all(axis=(0, 2))
        points = self.points[:, kept][:, :, order]
        flat = np.nan_to_num(points.transpose(1, 0, 2).reshape(int(kept.sum()), -1))
        points = points[:, np.lexsort(flat.T[::-1])]
        return Panel(points, self.rounds, tuple(self.items[i] for i in order), self.scale)

    def sha256(self) -> str:
        """Fingerprint of the canonical data, 64 hex digits: rounds, scale, item ids, points as int16, 0 missing."""
        data = self.canonical()
        digest = hashlib.sha256(f"cercle-delphi-1|{data.scale}|{data.rounds}|{data.points.shape}|".encode())
        for item in data.items:
            digest.update(f"{len(item.encode())}:{item}".encode())
        digest.update(np.nan_to_num(data.points).astype("<i2").tobytes(order="C"))
        return digest.hexdigest()


@dataclass(frozen=True)
class StopRule:
    """When an item, and the panel, may stop; to be fixed before round 1.

    An item stops when the share of ratings in `band` (points, both ends included) is at least `agreement`
    (0..1), its interquartile range at most `iqr` points under `convention`, and fewer than `moved` (0..1) of the
    panellists of both rounds changed their rating. The panel stops at Kendall's W of `concordance` or more, at a
    change of W below `gain` from one round to the next, or after round `rounds`.
    Source: cut-offs in common use (70 to 75 % in the top third of the scale; Schmidt 1997 for W of .7).
    Raises MethodError `bad-threshold` on impossible figures, `unknown-convention`.
    """

    band: tuple[int, int] = (7, 9)
    agreement: float = 0.75
    iqr: float = 2.0
    moved: float = 0.15
    concordance: float = 0.7
    gain: float = 0.05
    rounds: int = 3
    convention: str = DEFAULT_CONVENTION

    def __post_init__(self) -> None:
        shares = (self.agreement, self.moved, self.concordance, self.gain)
        if (
            not all(0 <= share <= 1 for share in shares)
            or not 0 <= self.iqr < float("inf")
            or self.rounds < 1
        ):
            raise MethodError("bad-threshold", {"minimum": 0})
        if not 1 <= self.band[0] <= self.band[1]:
            raise MethodError("bad-threshold", {"minimum": 1})
        if self.convention not in CONVENTIONS:
            raise MethodError("unknown-convention", {"known": list(CONVENTIONS)})


@dataclass(frozen=True)
class ItemRound:
    """One item in one round; a suppressed item (under five ratings) has no figure, its n included.

    `median`, `q1`, `q3`, `iqr` in points; `agreement` share 0..1 in the band; `cv` coefficient of variation;
    `cv_change` its absolute change and `moved` the share 0..1 of changed ratings since the round before (None
    without one). `state`: consensus, agreement (not shown to be stable), stable-dissensus, open.
    """

    item: str
    suppressed: bool
    n: int | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    iqr: float | None = None
    agreement: float | None = None
    cv: float | None = None
    cv_change: float | None = None
    moved: float | None = None
    state: str | None = None


@dataclass(frozen=True)
class PanelRound:
    """The panel in one round.

    `panellists` who rated anything; `stayed` of them also in the round before. `concordance` over those who
    rated every shown item, None with the code `why_none` where W cannot be had; `w_change` over the items shown in
    both rounds. `stop`: concordance, stable-concordance, last-round, or None.
    """

    number: int
    panellists: int
    stayed: int | None
    items: tuple[ItemRound, ...]
    concordance: Concordance | None
    why_none: str | None
    w_change: float | None
    stop: str | None


@dataclass(frozen=True)
class Delphi:
    """The rounds in order, the rule that judged them, and the record to check them by."""

    rounds: tuple[PanelRound, ...]
    scale: int
    rule: StopRule
    indicative: bool
    manifest: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def default_rule(scale: int, convention: str = DEFAULT_CONVENTION) -> StopRule:
    """The usual rule for a 1..scale rating: band the top third, IQR limit a quarter of the range.

    On 1..9: 7 to 9 and 2 points; on 1..5: 4 to 5 and 1 point.
    """
    low = scale - max(1, round(scale / 3)) + 1
    return StopRule(band=(low, scale), iqr=(scale - 1) / 4, convention=convention)


def band_share(values: FloatArray, band: tuple[int, int]) -> float:
    """Share 0..1 of the given ratings, shape (n,), that lie in the band, ends included; NaN left out.

    Raises MethodError `empty-sample` where no rating is left.
    """
    given = _given(values)
    return float(np.count_nonzero((given >= band[0]) & (given <= band[1])) / given.size)


def coefficient_of_variation(values: FloatArray) -> float:
    """CV = standard deviation (n - 1) / mean of ratings of shape (n,), NaN left out; 0 for one rating.

    Units: none, 0 or more. Limits: meaningful only on a scale that starts above 0. Raises `empty-sample`.
    """
    given = np.sort(_given(values))
    return float(np.std(given, ddof=1) / np.mean(given)) if given.size > 1 else 0.0


def moved_share(before: FloatArray, after: FloatArray) -> float:
    """Share 0..1 of panellists, among those who rated in both rounds, whose rating changed; shape (n,) each.

    Raises MethodError `empty-sample` where nobody rated twice.
    """
    both = ~(np.isnan(before) | np.isnan(after))
    if not both.any():
        raise MethodError("empty-sample")
    return float(np.count_nonzero(before[both] != after[both]) / np.count_nonzero(both))


def panel_concordance(points: FloatArray) -> Concordance:
    """Kendall's W, ties corrected, over the panellists who rated every item; points of shape (panellists, items).

    Formula, source, reading and errors: see `kendall.kendall_w`. Limits: panellists with a gap are left out.
    """
    return kendall_w(points[~np.isnan(points).any(axis=1)])


def delphi(panel: Panel, rule: StopRule | None = None) -> Delphi:
    """Judge every round of a panel under a rule fixed beforehand.

    Per item and round: n, median, quartiles and IQR (Hyndman and Fan 1996, convention of the rule), share in the
    band, CV = SD / mean, |change of CV| since the round before (Dajani, Sincoff and Talley 1979, Technological
    Forecasting and Social Change 13:83-90), share of panellists who moved. Per round: Kendall's W, its change,
    panellists who stayed.
    Units: points, shares 0..1. Limits: consensus is agreement, not truth; with attrition a change of CV or W may
    come from who left; parametric tests of stability want 30 people or more, so none is made; a stable dissensus is
    a result. Items under five ratings show nothing; W needs five complete panellists.
    The order of panellists or items changes no figure.
    Raises MethodError `too-few-responses` where a round has fewer than five panellists, `bad-threshold` where the
    band leaves the scale.
    """
    chosen, data = rule or default_rule(panel.scale), panel.canonical()
    if chosen.band[1] > data.scale:
        raise MethodError("bad-threshold", {"minimum": 1, "maximum": data.scale})
    people = [int((~np.isnan(points)).any(axis=1).sum()) for points in data.points]
    if min(people) < MINIMUM:
        raise MethodError("too-few-responses", {"n": min(people), "minimum": MINIMUM})
    rounds = tuple(_round(data, i, chosen) for i in range(len(data.rounds)))
    return Delphi(rounds, data.scale, chosen, min(people) < INDICATIVE_BELOW, _manifest(data))


def _round(data: Panel, i: int, rule: StopRule) -> PanelRound:
    now = data.points[i]
    before = data.points[i - 1] if i else None
    here = (~np.isnan(now)).any(axis=1)
    stayed = None if before is None else int((here & (~np.isnan(before)).any(axis=1)).sum())
    concordance, why = _concordance(now, _enough(now))
    change = None if before is None else _w_change(before, now)
    items = tuple(
        _item(item, now[:, j], None if before is None else before[:, j], rule)
        for j, item in enumerate(data.items)
        if not np.isnan(now[:, j]).all()
    )
    stop = _stop(concordance, change, data.rounds[i], rule)
    return PanelRound(data.rounds[i], int(here.sum()), stayed, items, concordance, why, change, stop)


def _item(item: str, now: FloatArray, before: FloatArray | None, rule: StopRule) -> ItemRound:
    n = int(np.count_nonzero(~np.isnan(now)))
    if n < MINIMUM:
        return ItemRound(item=item, suppressed=True)
    first, middle, third = quartiles(now, rule.convention)
    share, cv = band_share(now, rule.band), coefficient_of_variation(now)
    cv_change, moved = _since(now, before, cv)
    state = _state(agreed=share >= rule.agreement and third - first <= rule.iqr, moved=moved, rule=rule)
    return ItemRound(
        item, False, n, middle, first, third, third - first, share, cv, cv_change, moved, state
    )  # fmt: skip


def _since(now: FloatArray, before: FloatArray | None, cv: float) -> tuple[float | None, float | None]:
    """Change of CV and share moved, each None where fewer than five ratings stand behind it."""
    if before is None or np.count_nonzero(~np.isnan(before)) < MINIMUM:
        return None, None
    change = abs(cv - coefficient_of_variation(before))
    twice = int(np.count_nonzero(~(np.isnan(now) | np.isnan(before))))
    return change, moved_share(before, now) if twice >= MINIMUM else None


def _state(*, agreed: bool, moved: float | None, rule: StopRule) -> str:
    stable = moved is not None and moved < rule.moved
    if agreed:
        return "consensus" if stable else "agreement"
    return "stable-dissensus" if stable else "open"


def _stop(concordance: Concordance | None, change: float | None, number: int, rule: StopRule) -> str | None:
    if concordance is not None and concordance.w >= rule.concordance:
        return "concordance"
    if change is not None and change < rule.gain:
        return "stable-concordance"
    return "last-round" if number >= rule.rounds else None


def _enough(points: FloatArray) -> BoolArray:
    enough: BoolArray = (~np.isnan(points)).sum(axis=0) >= MINIMUM
    return enough


def _concordance(points: FloatArray, columns: BoolArray) -> tuple[Concordance | None, str | None]:
    shown = points[:, columns]
    if int((~np.isnan(shown).any(axis=1)).sum()) < MINIMUM:
        return None, "too-few-raters"
    try:
        return panel_concordance(shown), None
    except MethodError as error:
        return None, error.code


def _w_change(before: FloatArray, now: FloatArray) -> float | None:
    common = _enough(before) & _enough(now)
    first, second = _concordance(before, common)[0], _concordance(now, common)[0]
    return None if first is None or second is None else abs(second.w - first.w)


def _given(values: FloatArray) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    given = given[~np.isnan(given)]
    if given.size == 0:
        raise MethodError("empty-sample")
    return given


def _manifest(data: Panel) -> dict[str, Any]:
    return {"data_sha256": data.sha256(), "methods_version": METHODS_VERSION, **library_versions()}
