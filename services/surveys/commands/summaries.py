"""Make the summary of a closed survey public, or take it back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from services.surveys import store, tables
from services.surveys.queries.analysis import require_publishable
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import NotFound


def publish_summary(tx: Tx, survey_id: UUID) -> None:
    """From now on anybody may read it. Again: nothing changes. Raises what `require_publishable` raises."""
    survey = store.coordinated_survey(tx, survey_id)
    if survey.is_draft:
        raise NotFound
    require_publishable(tx, survey)
    values = {"survey_id": survey.id, "published_by": tx.actor.require_account(), "published_at": tx.now}
    insert_new(tx.session, tables.public_summaries, values)


def withdraw_summary(tx: Tx, survey_id: UUID) -> None:
    """For members only again."""
    survey = store.coordinated_survey(tx, survey_id)
    table = tables.public_summaries
    tx.session.execute(delete(table).where(table.c.survey_id == survey.id))
