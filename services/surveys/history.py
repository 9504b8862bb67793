"""The versions of an instrument as they are stored. Read by commands and queries alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys import tables
from services.surveys.domain.instrument.versions import newest_codes
from services.surveys.domain.survey import Survey
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid

Table = tables.instrument_versions


def mappings_of(tx: Tx, survey_id: UUID) -> dict[int, dict[str, str | None]]:
    """By version: what became of codes of the version before it, where anything did."""
    chosen = select(Table.c.number, Table.c.mapping).where(Table.c.survey_id == survey_id)
    return {row["number"]: row["mapping"] for row in rows(tx, chosen.order_by(Table.c.number))}


def onward(tx: Tx, survey_id: UUID, number: int) -> dict[str, str]:
    """Codes of one version that are others in the newest."""
    return newest_codes(mappings_of(tx, survey_id)).get(number, {})


def elements_of(tx: Tx, survey_id: UUID, number: int) -> list[dict[str, Any]] | None:
    """What a version asks; None where there is no such version."""
    chosen = select(Table.c.elements).where(Table.c.survey_id == survey_id, Table.c.number == number)
    found: list[dict[str, Any]] | None = tx.session.execute(chosen).scalar_one_or_none()
    return found


def version_asked(tx: Tx, survey: Survey, number: int | None) -> list[dict[str, Any]]:
    """The elements of a version, by default the newest. Raises Invalid `instrument_version`."""
    if number in (None, survey.instrument_version):
        return survey.elements
    found = elements_of(tx, survey.id, number or 0)
    if found is None:
        limits = {"min": 1, "max": survey.instrument_version}
        raise Invalid(fields=[FieldProblem("instrument_version", "out-of-range", limits)])
    return found
