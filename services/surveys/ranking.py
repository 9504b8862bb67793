"""From the answers of a closed survey to its ranked needs: read, compute outside of any write, store once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from services.surveys import store, tables
from services.surveys.commands import collecting
from services.surveys.domain.audience import roles_of
from services.surveys.domain.need import Need
from services.surveys.domain.survey import METHODS, POINTS, Survey, SurveyItem
from services.surveys.methods.analysis import MethodSet, analyse
from services.surveys.methods.errors import MethodError
from services.surveys.methods.ratings import Ratings, ratings_from_rows
from services.surveys.methods.results import Analysis, ItemResult
from shared.contracts.surveys import NeedsRanked
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.ids import new_id
from shared.messaging import offload

RESAMPLES = 2000
TOP = 3
PLAIN = ("n", "mean_importance", "mean_ability", "quadrant", "p_value", "p_holm")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the analysis gave: `analysis`, or `reason` of its refusal. `received`: responses; `n`: of use."""

    received: int
    n: int
    analysis: Analysis | None = None
    reason: dict[str, Any] | None = None


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


def compute(ratings: Ratings, method: str, seed: int) -> Outcome:
    """The analysis, whose first method is `method`, in a thread where the host asks for it."""
    methods = MethodSet((method, *(name for name in METHODS if name != method)))
    try:
        found = offload.run(analyse, ratings, seed=seed, resamples=RESAMPLES, top_k=TOP, methods=methods)
    except MethodError as error:
        if not error.code.startswith("too-few"):
            raise
        answered = int(error.params.get("n", ratings.respondents))  # type: ignore[call-overload]
        return Outcome(ratings.respondents, answered, reason={"code": error.code, **error.params})
    return Outcome(ratings.respondents, found.n, analysis=found)


def store_ranking(tx: Tx, survey: Survey, outcome: Outcome) -> bool:
    """Store it and its needs, unless it was stored before. Publishes NeedsRanked when there are needs."""
    values = {
        "survey_id": survey.id,
        "status": "ranked" if outcome.analysis else "refused",
        "reason": outcome.reason,
        "received": outcome.received,
        "n": outcome.n,
        "analysis": outcome.analysis.to_dict() if outcome.analysis else None,
        "ranked_at": tx.now,
    }
    if not insert_new(tx.session, tables.rankings, values):
        return False
    if outcome.analysis:
        needs = _add_needs(tx, survey, outcome.analysis)
        ranked = [need.id for need in needs if need.rank is not None]
        roles = roles_of(survey.audience)
        event = NeedsRanked(survey.id, survey.title, ranked, roles, addressed=survey.filters > 0)
        tx.publish(event, subject=survey.id, version=survey.version)
        collecting.ranked(tx, survey)
    return True


def _add_needs(tx: Tx, survey: Survey, analysis: Analysis) -> list[Need]:
    items = {item.code: item for item in store.items_of(tx, survey.id)}
    needs = [
        _need(tx, survey, items[result.item], place, metric_of(result, analysis))
        for place, result in enumerate(analysis.items, start=1)
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
