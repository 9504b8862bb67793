"""Closing a survey: no more answers, drafts gone, and anonymous answers rewritten so that no order is left.

While a survey is open, its rows lie in the order of their coming (and, on PostgreSQL, carry the number of the
transaction that also wrote the participation). Closing writes all of them anew, shuffled by the system's random
source, in one transaction: afterwards neither row order nor transaction numbers say who gave which answers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, delete, insert, select

from services.surveys import store, tables
from services.surveys.analysis.margins import count_margins
from services.surveys.domain.survey import Survey
from shared.contracts.surveys import SurveyClosed
from shared.db.tx import Tx, rows
from shared.ids import random_id

_CHUNK = 5000
_EMPTIED = "participations, survey_links, link_drafts, responses, answers, drafts"
Row = dict[str, Any]


def close_survey(tx: Tx, survey: Survey) -> bool:
    """Close a locked, launched survey; False when it was closed before.

    Effects: `invited` and its margins frozen, drafts deleted, anonymous rows rewritten, SurveyClosed published.
    """
    if survey.closed_at is not None:
        return False
    responses = store.count_responses(tx, survey.id)
    survey.close(tx.now, store.count_invited(tx, survey))
    count_margins(tx, survey)
    tx.session.execute(delete(tables.drafts).where(tables.drafts.c.survey_id == survey.id))
    links = select(tables.survey_links.c.id).where(tables.survey_links.c.survey_id == survey.id)
    tx.session.execute(delete(tables.link_drafts).where(tables.link_drafts.c.link_id.in_(links)))
    if survey.is_anonymous:
        _rewrite(tx, tables.participations, survey.id)
        _rewrite(tx, tables.survey_links, survey.id)
        _rewrite_responses(tx, survey.id)
    tx.publish(SurveyClosed(survey.id, survey.title, responses), subject=survey.id, version=survey.version)
    return True


def _rewrite(tx: Tx, table: Table, survey_id: UUID) -> None:
    mine = table.c.survey_id == survey_id
    found = rows(tx, select(table).where(mine))
    tx.session.execute(delete(table).where(mine))
    _insert(tx, table, _shuffled(found))


def _rewrite_responses(tx: Tx, survey_id: UUID) -> None:
    response, answer = tables.responses, tables.answers
    mine = response.c.survey_id == survey_id
    old = rows(tx, select(response).where(mine))
    of_survey = select(answer).where(answer.c.response_id.in_(select(response.c.id).where(mine)))
    points = rows(tx, of_survey)
    new_ids = {row["id"]: random_id() for row in old}
    tx.session.execute(delete(answer).where(answer.c.response_id.in_(select(response.c.id).where(mine))))
    tx.session.execute(delete(response).where(mine))
    _insert(tx, response, _shuffled([row | {"id": new_ids[row["id"]]} for row in old]))
    _insert(tx, answer, _shuffled([row | {"response_id": new_ids[row["response_id"]]} for row in points]))


def _shuffled(found: list[Row]) -> list[Row]:
    random.SystemRandom().shuffle(found)
    return found


def _insert(tx: Tx, table: Table, values: Sequence[Row]) -> None:
    for start in range(0, len(values), _CHUNK):
        tx.session.execute(insert(table), values[start : start + _CHUNK])


def scrub(engine: Engine, tables_emptied: str = _EMPTIED) -> None:
    """After closing: free what the database files still hold of the deleted rows.

    SQLite: the write-ahead log is emptied (freed pages are zeroed by `secure_delete`); a reader may delay it.
    PostgreSQL: VACUUM frees the dead rows. Copies outside (backups, archived logs) are the operator's to expire.
    """
    if engine.dialect.name == "sqlite":
        # Not through SQLAlchemy's AUTOCOMMIT, which would leave the pooled connection with the driver's own BEGIN.
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    else:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connected:
            connected.exec_driver_sql(f"VACUUM {tables_emptied}")
