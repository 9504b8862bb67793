"""One call from ratings to ranked needs, with everything needed to check it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.surveys.methods.bootstrap import DIRECTION, STATISTICS, Uncertainty, bootstrap, require_known
from services.surveys.methods.errors import MethodError
from services.surveys.methods.hennessy_hicks import HennessyHicks, hennessy_hicks
from services.surveys.methods.ipa import CUT_RULES, Cuts, cut_lines, quadrants
from services.surveys.methods.kendall import kendall_w, spearman_pairs
from services.surveys.methods.manifest import CONVENTIONS, METHODS_VERSION, Manifest, library_versions
from services.surveys.methods.ranked_discrepancy import RankedDiscrepancy, ranked_discrepancy
from services.surveys.methods.ranks import competition_ranks
from services.surveys.methods.ratings import FloatArray, Ratings
from services.surveys.methods.results import (
    BCA,
    PERCENTILE,
    Agreement,
    Analysis,
    Estimate,
    ItemResult,
    RankedCounts,
    ResponseInfo,
)
from services.surveys.methods.sums import PairSums, pair_sums

MINIMUM = 5
INDICATIVE_BELOW = 10
AGREEMENT_METHODS = ("mwds", "rds", "pni")


@dataclass(frozen=True)
class MethodSet:
    """Which methods to compute, the first being the one that ranks, and how quadrants are cut.

    `methods`: names out of mwds, rds, pni, gap; `cut_rule`: grand-mean, median or midpoint.
    Raises MethodError `unknown-method` or `unknown-cut-rule`.
    """

    methods: tuple[str, ...] = ("mwds", "rds", "pni", "gap")
    cut_rule: str = "grand-mean"

    def __post_init__(self) -> None:
        require_known(self.methods)
        if len(set(self.methods)) != len(self.methods):
            raise MethodError("unknown-method", {"known": sorted(STATISTICS)})
        if self.cut_rule not in CUT_RULES:
            raise MethodError("unknown-cut-rule", {"known": list(CUT_RULES)})


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the item results are put together from; arrays over the items that are shown."""

    sums: PairSums
    counts: RankedDiscrepancy
    tests: HennessyHicks
    estimates: dict[str, list[Estimate]]
    places: tuple[str, ...]


def analyse(
    ratings: Ratings, *, seed: int, resamples: int = 2000, top_k: int = 3, methods: MethodSet | None = None
) -> Analysis:
    """Rank the needs of one survey.

    Works on the canonical data (rows without a complete pair dropped, rows and items in one agreed
    order), so the order of answers changes no figure. Refused below five people with an answer:
    MethodError `too-few-responses` (n, minimum). Items with fewer than five complete pairs are
    listed as suppressed, without any figure but the bound; if none is left, MethodError
    `too-few-item-responses`. Under ten people the analysis is `indicative`. Items come by rank of
    the first method, ties by id, suppressed ones last. Units and sources: see each method. Under weights (see
    raking) means, scores, intervals and ranks are weighted; counts of people and the paired tests are not.
    Also raises what `bootstrap` raises on a bad seed, number of resamples or k.
    """
    chosen = methods or MethodSet()
    data = ratings.canonical()
    if data.respondents < MINIMUM:
        raise MethodError("too-few-responses", {"n": data.respondents, "minimum": MINIMUM})
    enough = data.n_per_item >= MINIMUM
    if not enough.any():
        raise MethodError("too-few-item-responses", {"items": len(data.items), "minimum": MINIMUM})
    shown = data.only(enough)
    draws = bootstrap(shown, seed=seed, resamples=resamples, top_k=top_k, methods=chosen.methods)
    sums = pair_sums(shown)
    cuts = cut_lines(sums.mean_importance, sums.mean_ability, chosen.cut_rule, data.scale)
    parts = _parts(shown, sums, cuts, draws)
    hidden = [_suppressed(item) for item, kept in zip(data.items, enough, strict=True) if not kept]
    return Analysis(
        items=tuple(_ranked(_results(shown, parts), chosen.methods[0]) + hidden),
        ranking=chosen.methods[0],
        scale=data.scale,
        response=_response(ratings, data, shown),
        indicative=data.respondents < INDICATIVE_BELOW,
        cuts=cuts,
        agreement=_agreement(shown, sums, top_k),
        manifest=_manifest(data, chosen, seed, resamples, top_k),
    )


def verify(ratings: Ratings, manifest: Manifest, analysis: Analysis) -> bool:
    """Whether these ratings, under this manifest, give this very analysis, bit for bit.

    False where the data differ, the manifest is of another version of the methods, the settings
    are refused, or any figure differs. The libraries may be of other versions: figures decide.
    """
    if manifest.methods_version != METHODS_VERSION or manifest.data_sha256 != ratings.sha256():
        return False
    try:
        again = _rerun(ratings, manifest)
    except MethodError:
        return False
    return again.figures() == analysis.figures() and analysis.manifest == manifest


def _rerun(ratings: Ratings, manifest: Manifest) -> Analysis:
    chosen = MethodSet(manifest.methods, manifest.cut_rule)
    settings = {"seed": manifest.seed, "resamples": manifest.resamples, "top_k": manifest.top_k}
    return analyse(ratings, methods=chosen, **settings)


def _parts(shown: Ratings, sums: PairSums, cuts: Cuts, draws: Mapping[str, Uncertainty]) -> _Parts:
    estimates = {name: _estimates(STATISTICS[name](sums), DIRECTION[name], draws[name]) for name in draws}
    places = quadrants(sums.mean_importance, sums.mean_ability, cuts)
    return _Parts(sums, ranked_discrepancy(shown), hennessy_hicks(shown), estimates, places)


def _estimates(values: FloatArray, direction: float, draws: Uncertainty) -> list[Estimate]:
    ranks, tied = competition_ranks(direction * values)
    columns = (values, draws.low, draws.high, draws.p_first, draws.p_top, ranks, tied)
    intervals = [BCA if corrected else PERCENTILE for corrected in draws.corrected.tolist()]
    return [Estimate(*row) for row in zip(*(column.tolist() for column in columns), intervals, strict=True)]


def _results(shown: Ratings, parts: _Parts) -> list[ItemResult]:
    return [_item(item, i, parts) for i, item in enumerate(shown.items)]


def _item(item: str, i: int, parts: _Parts) -> ItemResult:
    counts = parts.counts
    return ItemResult(
        item=item,
        suppressed=False,
        n=int(parts.tests.n[i]),
        mean_importance=float(parts.sums.mean_importance[i]),
        mean_ability=float(parts.sums.mean_ability[i]),
        counts=RankedCounts(int(counts.negative[i]), int(counts.positive[i]), int(counts.tied[i])),
        estimates={name: values[i] for name, values in parts.estimates.items()},
        quadrant=parts.places[i],
        p_value=float(parts.tests.p_value[i]),
        p_holm=float(parts.tests.p_holm[i]),
    )


def _suppressed(item: str) -> ItemResult:
    return ItemResult(item=item, suppressed=True)


def _ranked(items: list[ItemResult], ranking: str) -> list[ItemResult]:
    return sorted(items, key=lambda result: (result.estimates[ranking].rank, result.item))


def _response(given: Ratings, data: Ratings, shown: Ratings) -> ResponseInfo:
    # Over the items that are shown: else the number of a hidden one's answers would come back by subtraction.
    complete, share = int(shown.pairs.all(axis=1).sum()), float(shown.pairs.mean())
    weights = data.weights
    effective = None if weights is None else float(weights.sum() ** 2 / (weights**2).sum())
    return ResponseInfo(given.respondents, data.respondents, complete, share, effective)


def _agreement(shown: Ratings, sums: PairSums, top_k: int) -> Agreement:
    needs = {name: DIRECTION[name] * STATISTICS[name](sums) for name in AGREEMENT_METHODS}
    return Agreement(_concordance(needs), spearman_pairs(needs), _disputed(shown.items, needs, top_k))


def _concordance(needs: Mapping[str, FloatArray]) -> float | None:
    try:
        return kendall_w(np.array(list(needs.values()))).w
    except MethodError:
        return None


def _disputed(items: tuple[str, ...], needs: Mapping[str, FloatArray], top_k: int) -> tuple[str, ...]:
    """Items that one method puts in the top k and another leaves out."""
    tops = np.array([competition_ranks(need)[0] <= top_k for need in needs.values()])
    split = [bool(row.any() and not row.all()) for row in tops.T]
    return tuple(item for item, apart in zip(items, split, strict=True) if apart)


def _manifest(data: Ratings, chosen: MethodSet, seed: int, resamples: int, top_k: int) -> Manifest:
    return Manifest(
        data_sha256=data.sha256(),
        methods_version=METHODS_VERSION,
        **library_versions(),
        seed=seed,
        resamples=resamples,
        top_k=top_k,
        methods=chosen.methods,
        cut_rule=chosen.cut_rule,
        conventions=dict(CONVENTIONS),
    )
