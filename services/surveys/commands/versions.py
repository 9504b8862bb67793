"""Versions of an instrument: the first at launch, another with each later edit. None is ever changed."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert

from services.surveys import tables
from services.surveys.domain.survey import Bilingual, Survey
from shared.db.tx import Tx


def freeze(tx: Tx, survey: Survey, *, mapping: Mapping[str, str | None], note: Bilingual) -> None:
    """Keep what a survey asks now as its newest version. `mapping`: codes of the version before that changed."""
    values = {
        "survey_id": survey.id, "number": survey.instrument_version, "title": survey.title, "intro": survey.intro,
        "elements": survey.elements, "mapping": dict(mapping), "note": dict(note),
        "made_by": tx.actor.require_account(), "made_at": tx.now,
    }  # fmt: skip
    tx.session.execute(insert(tables.instrument_versions).values(values))
