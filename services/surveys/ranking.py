"""From the answers of a closed survey to its ranked needs: read, compute outside of any write, store once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from services.surveys import store, tables
from services.surveys.commands import collecting
from services.surveys.domain.audience import roles_of
from services.surveys.domain.instrument.elements import MAXDIFF as MAXDIFF_ELEMENT
from services.surveys.domain.instrument.elements import Element, codes_of
from services.surveys.domain.need import Need
from services.surveys.domain.need import panel_metric as need_metric
from services.surveys.domain.survey import MAXDIFF, METHODS, POINTS, Survey, SurveyItem
from services.surveys.methods.analysis import MethodSet, analyse
from services.surveys.methods.choices import Choice, ItemScore, maxdiff
from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import Ratings, ratings_from_rows
from services.surveys.methods.results import Analysis, ItemResult
from services.surveys.queries.responses import load_responses
from shared.contracts.surveys import NeedsRanked
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.ids import new_id
from shared.messaging import offload

RESAMPLES = 2000
TOP = 3
GRAND_MEAN = "grand-mean"
PLAIN = ("n", "mean_importance", "mean_ability", "quadrant", "p_value", "p_holm")


@dataclass(frozen=True, slots=True)
class Source:
    """What a ranking is made of: `ratings`, or of a MaxDiff survey `ballots`, the answered sets of each person over
    `options` (in rising order).
    """

    method: str
    seed: int
    cut_rule: str
    ratings: Ratings | None = None
    ballots: Sequence[list[Choice]] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the analysis gave: `analysis`, or `reason` of its refusal. `received`: responses; `n`: of use.

    `metrics`: by item code, in order of rank, what is stored with each need.
    """

    received: int
    n: int
    analysis: dict[str, Any] | None = None
    reason: dict[str, Any] | None = None
    metrics: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def read_source(tx: Tx, survey: Survey) -> Source:
    """Everything that ranks a closed survey, without any identity."""
    cut_rule = survey.cut_rule or GRAND_MEAN
    if survey.method != MAXDIFF:
        return Source(survey.method, survey.seed, cut_rule, read_ratings(tx, survey.id))
    element = next(element for element in survey.elements if element["kind"] == MAXDIFF_ELEMENT)
    options = tuple(sorted(codes_of(element, "options")))
    given = (response.answers.get(element["code"]) or {} for response in load_responses(tx, survey.id))
    ballots = [_sets(element, answer.get("sets") or {}, options) for answer in given]
    return Source(MAXDIFF, survey.seed, cut_rule, ballots=ballots, options=options)


def _sets(element: Element, answered: Mapping[str, Any], options: tuple[str, ...]) -> list[Choice]:
    place = {code: at for at, code in enumerate(options)}
    found = []
    for at, chosen in answered.items():
        members = tuple(sorted(place[code] for code in element["sets"][int(at)]))
        if chosen.get("best") and chosen.get("worst"):
            found.append(Choice(members, place[chosen["best"]], place[chosen["worst"]]))
    return found


def read_ratings(tx: Tx, survey_id: UUID) -> Ratings:
    """All answers of a survey, one row per response, items by their newest codes. Carries no identity.

    Responses to every version of the instrument are pooled; what is no longer asked is left out.
    """
    items = store.items_of(tx, survey_id)
    column = {item.id: place for place, item in enumerate(items)}
    given: dict[UUID, list[tuple[float | None, float | None] | None]] = {
        response: [None] * len(items) for response in _response_ids(tx, survey_id)
    }
    answer, response = tables.answers, tables.responses
    chosen = select(answer.c.response_id, answer.c.item_id, answer.c.importance, answer.c.ability)
    joined = chosen.join(response, response.c.id == answer.c.response_id).where(
        response.c.survey_id == survey_id
    )
    asked = joined.where(answer.c.item_id.in_(column))
    for response_id, item_id, importance, ability in tx.session.execute(asked):
        given[response_id][column[item_id]] = (importance, ability)
    return ratings_from_rows(list(given.values()), [item.code for item in items], POINTS)


def _response_ids(tx: Tx, survey_id: UUID) -> list[UUID]:
    table = tables.responses
    return list(tx.session.execute(select(table.c.id).where(table.c.survey_id == survey_id)).scalars())


def compute(source: Source) -> Outcome:
    """The analysis, whose first method is the survey's, in a thread where the host asks for it."""
    received = len(source.ballots) if source.ratings is None else source.ratings.respondents
    try:
        return offload.run(_rank, source, received)
    except MethodError as error:
        if not error.code.startswith("too-few"):
            raise
        answered = int(error.params.get("n", received))  # type: ignore[call-overload]
        return Outcome(received, answered, reason={"code": error.code, **error.params})


def _rank(source: Source, received: int) -> Outcome:
    if source.ratings is None:
        return _rank_options(source, received)
    methods = MethodSet(
        (source.method, *(name for name in METHODS if name != source.method)), source.cut_rule
    )
    found = analyse(source.ratings, seed=source.seed, resamples=RESAMPLES, top_k=TOP, methods=methods)
    metrics = {result.item: metric_of(result, found) for result in found.items}
    return Outcome(received, found.n, found.to_dict(), metrics=metrics)


def _rank_options(source: Source, received: int) -> Outcome:
    found = maxdiff(list(source.ballots), source.options, seed=source.seed, resamples=RESAMPLES, top_k=TOP)
    metrics = {score.item: option_metric(score, indicative=found.indicative) for score in found.items}
    return Outcome(received, found.respondents, found.to_dict(), metrics=metrics)


def store_ranking(tx: Tx, survey: Survey, outcome: Outcome) -> bool:
    """Store it and its needs, unless it was stored before. Publishes NeedsRanked when there are needs."""
    values = {
        "survey_id": survey.id,
        "status": "ranked" if outcome.analysis else "refused",
        "reason": outcome.reason,
        "received": outcome.received,
        "n": outcome.n,
        "analysis": outcome.analysis,
        "ranked_at": tx.now,
    }
    if not insert_new(tx.session, tables.rankings, values):
        return False
    if outcome.analysis:
        needs = _add_needs(tx, survey, outcome.metrics)
        ranked = [need.id for need in needs if need.rank is not None]
        roles = roles_of(survey.audience)
        event = NeedsRanked(survey.id, survey.title, ranked, roles, addressed=survey.filters > 0)
        tx.publish(event, subject=survey.id, version=survey.version)
        collecting.ranked(tx, survey)
    return True


def _add_needs(tx: Tx, survey: Survey, metrics: Mapping[str, dict[str, Any]]) -> list[Need]:
    items = {item.code: item for item in store.items_of(tx, survey.id)}
    needs = [
        _need(tx, survey, items[code], place, metric)
        for place, (code, metric) in enumerate(metrics.items(), start=1)
    ]
    columns = [column.name for column in tables.needs.columns]
    tx.session.execute(
        insert(tables.needs), [{name: getattr(need, name) for name in columns} for need in needs]
    )
    return needs


def _need(tx: Tx, survey: Survey, item: SurveyItem, place: int, metric: dict[str, Any]) -> Need:
    return Need(
        new_id(), survey.id, item.id, item.code, item.statement, place, metric["rank"], metric, tx.now
    )


def option_metric(score: ItemScore, *, indicative: bool) -> dict[str, Any]:
    """The figures of one option of a MaxDiff survey: the standardised score ranks; counts and logit lie in `maxdiff`."""
    kept = (
        "best",
        "worst",
        "appearances",
        "difference",
        "root",
        "smoothed",
        "logit",
        "logit_low",
        "logit_high",
        "p_first",
    )
    figures: dict[str, Any] = {
        "n": score.n, "rank": score.rank, "tied": score.tied, "value": score.standard, "ci_low": score.low,
        "ci_high": score.high, "p_top3": score.p_top, "maxdiff": {name: getattr(score, name) for name in kept},
    }  # fmt: skip
    return need_metric(MAXDIFF, indicative=indicative, **figures)


def metric_of(result: ItemResult, analysis: Analysis) -> dict[str, Any]:
    """The figures of one item as stored and shown (README: ResultRow without its ids and texts)."""
    main = result.estimates.get(analysis.ranking)
    metric: dict[str, Any] = {
        "method": analysis.ranking,
        "indicative": analysis.indicative,
        "suppressed": result.suppressed,
        "rank": main.rank if main else None,
        "tied": main.tied if main else None,
        "value": main.value if main else None,
        "ci_low": main.low if main else None,
        "ci_high": main.high if main else None,
        "p_top3": main.p_top if main else None,
    }
    plain = {name: getattr(result, name) for name in PLAIN}
    return metric | plain | {name: _figure(result, name) for name in METHODS}


def _figure(result: ItemResult, method: str) -> dict[str, Any] | None:
    found = result.estimates.get(method)
    if found is None:
        return None
    figure = {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "rank": found.rank,
        "p_top": found.p_top,
    }
    if method == "rds" and result.counts is not None:
        counts = result.counts
        figure |= {"negative": counts.negative, "positive": counts.positive, "tied": counts.tied}
    return figure
