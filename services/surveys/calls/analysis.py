"""Entry points. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog

from services.surveys.analysis import figures
from services.surveys.analysis.material import read_material
from services.surveys.commands import summaries
from services.surveys.domain.survey import Survey
from services.surveys.queries import analysis
from services.surveys.schemas.analysis import OfTables
from services.surveys.schemas.core import OfSurvey
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, query
from shared.messaging.service import Service
from shared.wire import load

log = structlog.get_logger()
View = dict[str, Any]
AT_ONCE = 40
"""Responses up to which the figures are computed with the ranking; larger surveys wait for the next run of the job."""


class AnalysisCalls(Service):
    """Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""

    @query
    def get_tables(self, tx: Tx, call: Call) -> View:
        return analysis.get_tables(tx, **load(OfTables(), call.payload))

    @query
    def get_figures(self, tx: Tx, call: Call) -> View:
        return analysis.get_figures(tx, load(OfSurvey(), call.payload)["survey_id"])

    @query
    def get_summary(self, tx: Tx, call: Call) -> View:
        return analysis.get_summary(tx, load(OfSurvey(), call.payload)["survey_id"])

    @command
    def publish_summary(self, tx: Tx, call: Call) -> View:
        survey_id = load(OfSurvey(), call.payload)["survey_id"]
        summaries.publish_summary(tx, survey_id)
        return {"survey_id": str(survey_id), "published": True}

    @command
    def withdraw_summary(self, tx: Tx, call: Call) -> View:
        survey_id = load(OfSurvey(), call.payload)["survey_id"]
        summaries.withdraw_summary(tx, survey_id)
        return {"survey_id": str(survey_id), "published": False}

    @every(seconds=15)
    def finish_figures(self) -> None:
        """Compute what is ranked and has no other figures yet, also where a crash came between the two."""
        with self.db.read(system_actor(self.name)) as tx:
            pending = figures.ranked_without_figures(tx)
        for survey_id in pending:
            self._compute_figures(survey_id)

    def _compute_figures(self, survey_id: UUID, most: int | None = None) -> None:
        """The other figures of a ranked survey, once; left for later above `most` responses. Holds no transaction."""
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            if not figures.ranked_without_figures(tx, survey_id):
                return
            material = read_material(tx, tx.session.get_one(Survey, survey_id))
        if most is not None and len(material.responses) > most:
            return
        found = figures.compute(material)
        with self.db.tx(me) as tx:
            stored = figures.store_figures(tx, survey_id, found)
        if stored:
            log.info("survey.figures-stored", survey_id=str(survey_id), received=len(material.responses))
