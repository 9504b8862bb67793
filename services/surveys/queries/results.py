"""The stored analysis of a closed survey. Nothing is computed here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys import store, tables
from services.surveys.domain.need import RankingPending, ResultsAfterClosing
from services.surveys.domain.survey import CLOSED, Survey
from services.surveys.queries.needs import shown_metric
from services.surveys.queries.surveys import instant, rate
from services.surveys.templates import scale
from shared.db.tx import Tx, rows
from shared.errors import NotFound

View = dict[str, Any]


def get_results(tx: Tx, survey_id: UUID) -> View:
    """Results, for those who may see the survey. Raises ResultsAfterClosing, RankingPending."""
    return results_of(tx, store.visible_survey(tx, survey_id))


def results_of(tx: Tx, survey: Survey) -> View:
    """Results of a survey that the caller may see. Raises as `get_results`."""
    if survey.is_draft:
        raise NotFound
    if survey.status(tx.now) != CLOSED:
        raise ResultsAfterClosing
    table = tables.rankings
    found = rows(tx, select(table).where(table.c.survey_id == survey.id))
    if not found:
        raise RankingPending
    return _view(survey, found[0], _rows(tx, survey.id))


def _view(survey: Survey, ranking: View, items: list[View]) -> View:
    analysis = ranking["analysis"] or {}
    manifest = analysis.get("manifest")
    invited = survey.invited or 0
    return {
        "survey_id": str(survey.id),
        "title": survey.title,
        "status": ranking["status"],
        "reason": ranking["reason"],
        "n": ranking["n"],
        "received": ranking["received"],
        "invited": invited,
        "response_rate": rate(ranking["received"], invited),
        "method": survey.method,
        "indicative": analysis.get("indicative"),
        "seed": survey.seed,
        "resamples": manifest["resamples"] if manifest else None,
        "ranked_at": instant(ranking["ranked_at"]),
        "cuts": analysis.get("cuts"),
        "scale": scale(),
        "agreement": analysis.get("agreement"),
        "manifest": manifest,
        "items": items,
    }


def _rows(tx: Tx, survey_id: UUID) -> list[View]:
    table = tables.needs
    chosen = select(table.c.id, table.c.item_id, table.c.code, table.c.statement, table.c.metric)
    found = rows(tx, chosen.where(table.c.survey_id == survey_id).order_by(table.c.place))
    return [_row(row) for row in found]


def _row(row: View) -> View:
    texts = {"code": row["code"], "statement": row["statement"]}
    return {"need_id": str(row["id"]), "item_id": str(row["item_id"]), **texts, **shown_metric(row["metric"])}
