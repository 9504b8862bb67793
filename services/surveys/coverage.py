"""Who answered so far, by province, sector, language and role: read, protect, keep one step at a time.

A table that changed with every answer would betray each of them by what changed. So a new one is kept only when five
more answers have come in (one, in a named survey), and once more at closing; nobody sees anything in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from services.surveys import audience, store, tables
from services.surveys.domain.audience import (
    FEW,
    LANGUAGE,
    PROVINCE,
    PROVINCES,
    ROLE,
    SECTOR,
    SECTORS,
    main_role,
)
from services.surveys.domain.links import USED
from services.surveys.domain.survey import Survey
from services.surveys.methods.disclosure import Table, protect
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows

SHOWN = (PROVINCE, SECTOR, LANGUAGE, ROLE)
NAMED_LISTS = {PROVINCE: PROVINCES, SECTOR: SECTORS}
"""Kinds of which every value without an answer is named."""
LINK, UNSAID = "link", "unsaid"
"""Rows besides the values: people who came by a link, and members who did not say."""
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Labels by kind of everybody asked, and of everybody who answered; `wanted`: the values that were asked for."""

    invited: list[Labels]
    answered: list[Labels]
    wanted: Mapping[str, tuple[str, ...]]
    named: bool


def due(tx: Tx) -> list[UUID]:
    """Launched surveys whose last kept table is not the final one."""
    survey, kept = tables.surveys, tables.coverage
    chosen = (
        select(survey.c.id)
        .outerjoin(kept, kept.c.survey_id == survey.c.id)
        .where(survey.c.launched_at.is_not(None), or_(kept.c.final.is_(None), kept.c.final.is_(False)))
    )
    return list(tx.session.execute(chosen).scalars())


def refresh(tx: Tx, survey_id: UUID) -> bool:
    """Keep a new table where a step is full, or the survey has closed; whether it did."""
    survey = tx.session.get_one(Survey, survey_id)
    table = tables.coverage
    kept = tx.session.execute(select(table.c.responses).where(table.c.survey_id == survey_id)).scalar() or 0
    responses, final = store.count_responses(tx, survey_id), survey.closed_at is not None
    if not final and responses - kept < (1 if survey.is_named else FEW):
        return False
    figures = figures_of(gather(tx, survey))
    row = {"survey_id": survey_id, "responses": responses, "final": final, "figures": figures}
    upsert(tx.session, table, row)
    return True


def gather(tx: Tx, survey: Survey) -> Gathered:
    """Who is asked and who answered, by labels alone."""
    asked, member, done = audience.load(tx, survey), tables.members, tables.participations
    columns = [member.c[name] for name in ("province", "sector", "language", "roles")]
    invited = rows(tx, select(*columns).where(audience.members_in(asked)))
    took_part = select(*columns).select_from(done.outerjoin(member, member.c.account_id == done.c.account_id))
    answered = rows(tx, took_part.where(done.c.survey_id == survey.id))
    by_link = dict.fromkeys(SHOWN, LINK)
    links = store.count_asked_links(tx, survey)
    used = store.count_links(tx, survey.id, USED)
    wanted = {kind: tuple(sorted(asked.filters.get(kind) or values)) for kind, values in NAMED_LISTS.items()}
    return Gathered(
        [_labels(row) for row in invited] + [by_link] * links,
        [_labels(row) for row in answered] + [by_link] * used,
        wanted,
        survey.is_named,
    )


def _labels(row: Mapping[str, Any]) -> Labels:
    found = {kind: row[kind] or UNSAID for kind in (PROVINCE, SECTOR, LANGUAGE)}
    return found | {ROLE: main_role(row["roles"]) if row["roles"] else UNSAID}


def figures_of(found: Gathered) -> dict[str, Any]:
    """What is kept: `by` kind rows of value, invited and answered, and `silent` by kind; None: hidden.

    Hidden are counts of one to four people, and as many others as it takes (methods.disclosure). A value that has
    fewer than five people asked says nothing of whether they answered. In a named survey nothing is hidden.
    """
    if not found.named and len(found.answered) < FEW:
        return {"by": {}, "silent": {}}
    by = {kind: _rows(found, kind) for kind in SHOWN}
    silent = {
        kind: [value for value in values if _is_silent(by[kind], value)]
        for kind, values in found.wanted.items()
    }
    return {"by": by, "silent": silent}


def _rows(found: Gathered, kind: str) -> list[dict[str, Any]]:
    invited = Counter(labels[kind] for labels in found.invited)
    answered = Counter(labels[kind] for labels in found.answered)
    shown: Mapping[str, int | None] = answered
    if not found.named:
        shown = _protected(kind, [labels[kind] for labels in found.answered])
    return [
        _row(value, invited[value], answered[value], shown.get(value), named=found.named)
        for value in sorted({*invited, *answered}, key=lambda one: (one in (LINK, UNSAID), one))
    ]


def _row(value: str, invited: int, answered: int, shown: int | None, *, named: bool) -> dict[str, Any]:
    if named:
        return {"value": value, "invited": invited, "answered": answered}
    small = invited < FEW
    if not answered:
        shown = None if small else 0
    return {"value": value, "invited": None if small else invited, "answered": shown}


def _protected(kind: str, labels: Iterable[str]) -> dict[str, int | None]:
    cells = protect({kind: list(labels)}, [Table((kind,)), Table()], threshold=FEW).tables[0]
    return {cell[0]: count for cell, count in cells.items()}


def _is_silent(shown: list[dict[str, Any]], value: str) -> bool:
    """No answer at all, and so many asked (or none) that saying it names nobody."""
    row = next((row for row in shown if row["value"] == value), None)
    return row is None or row["answered"] == 0
