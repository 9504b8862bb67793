"""What a survey ever asked, under the codes of its newest version: the ground of reading, coding and exporting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys import policy, tables
from services.surveys.domain.coding import SMALLEST
from services.surveys.domain.instrument.elements import Element
from services.surveys.domain.instrument.versions import newest_codes
from services.surveys.domain.need import RankingPending, ResultsAfterClosing
from services.surveys.domain.survey import CLOSED, Survey
from shared.actor import Actor
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class PooledInstrument:
    """`elements` of the newest version, then those that a later version dropped, asked of everyone who had them.

    `asked`: by version, the newest codes of what it asked.
    """

    elements: tuple[Element, ...]
    asked: Mapping[int, frozenset[str]]


def closed_survey(tx: Tx, survey_id: UUID) -> Survey:
    """A closed survey, for those who work with its answers: coordinators, researchers, admins.

    Raises NotFound, Forbidden for others who may see the survey, ResultsAfterClosing, RankingPending while answers
    are still being put in their final order.
    """
    tx.actor.require_account()
    survey = tx.session.get(Survey, survey_id)
    if survey is None:
        raise NotFound
    if not policy.can_read_answers(tx.actor):
        raise Forbidden if policy.can_see_survey(tx.actor, survey) else NotFound
    require_closed(tx, survey)
    return survey


def require_closed(tx: Tx, survey: Survey) -> None:
    """Raises NotFound for a draft, ResultsAfterClosing, RankingPending."""
    if survey.is_draft:
        raise NotFound
    if survey.status(tx.now) != CLOSED:
        raise ResultsAfterClosing
    if survey.closed_at is None:
        raise RankingPending


def pooled_instrument(tx: Tx, survey: Survey) -> PooledInstrument:
    """The instrument of a launched survey over all its versions. One statement."""
    table = tables.instrument_versions
    chosen = select(table.c.number, table.c.elements, table.c.mapping).where(table.c.survey_id == survey.id)
    versions = rows(tx, chosen.order_by(table.c.number.desc()))
    onward = newest_codes({row["number"]: row["mapping"] for row in versions})
    found: dict[str, Any] = {element["code"]: element for element in survey.elements}
    asked: dict[int, frozenset[str]] = {}
    for row in versions:
        codes = onward.get(row["number"], {})
        renamed = [codes.get(element["code"], element["code"]) for element in row["elements"]]
        asked[row["number"]] = frozenset(renamed)
        for code, element in zip(renamed, row["elements"], strict=True):
            # Its conditions may name what is no longer there; who had it is in `asked`.
            found.setdefault(code, {**element, "code": code, "show_if": None, "go_to": []})
    return PooledInstrument(tuple(found.values()), asked)


def may_see_few(actor: Actor, survey: Survey, answers: int, responses: int) -> bool:
    """Whether a reader may read the answers to a question that `answers` of `responses` people answered in writing.

    From five on: every reader. Fewer, in a survey without names: coordinators alone, who must act on what few say, and
    not even they where the whole survey has fewer than five, since then nobody is one among others.
    """
    if survey.anonymity == "named" or answers >= SMALLEST:
        return True
    return responses >= SMALLEST and policy.can_coordinate(actor)
