"""A later edit of a launched survey: another version of its instrument, with a mapping from the one before.

Nothing that was answered is changed: a response keeps the version it answered, and reading pools through the mappings
(see queries.responses). Only what is not sent yet moves on: the drafts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, select, update

from services.surveys import store, tables
from services.surveys.commands.elements import in_own_words, sound
from services.surveys.commands.versions import freeze
from services.surveys.domain.instrument import launch_gaps
from services.surveys.domain.instrument.items import ranking_problems
from services.surveys.domain.instrument.versions import Mapped, carried, mapping_problems, whole_mapping
from services.surveys.domain.survey import MAXDIFF, Bilingual, Survey
from shared.db.tx import Tx, rows
from shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class ReviseSurvey:
    """`mapping`: old code -> new code or None; `texts`: title and intro where they change; `note`: what changed, and why."""

    survey_id: UUID
    version: int
    elements: Any
    mapping: Mapping[str, str | None]
    note: Bilingual
    texts: Mapping[str, Bilingual]


def revise_survey(tx: Tx, cmd: ReviseSurvey) -> Survey:
    """Ask something else from now on. Raises SurveyClosed, NotLaunched, Stale, or Invalid with every fault."""
    survey = store.coordinated_survey(tx, cmd.survey_id)
    survey.require_running(tx.now)
    survey.require_version(cmd.version)
    before = survey.elements
    elements, codes = in_own_words(sound(cmd.elements, survey.method), before)
    mapping = whole_mapping(before, elements, _moved(cmd.mapping, codes, before))
    _require_whole(tx, survey, elements, mapping)
    survey.revise(elements, cmd.texts)
    changed = {old: new for old, new in mapping.items() if new != old}
    freeze(tx, survey, mapping=changed, note=cmd.note)
    # In a MaxDiff survey the items are options, which stay.
    store.revise_items(tx, survey, {} if survey.method == MAXDIFF else changed)
    _carry_drafts(tx, survey, mapping)
    return survey


def _moved(given: Mapped, codes: Mapping[str, str], before: list[dict[str, Any]]) -> dict[str, str | None]:
    """The mapping given, where bank statements in other words have got codes of their own."""
    known = {element["code"] for element in before}
    own = {old: new for old, new in codes.items() if old in known}
    return own | {old: codes.get(new, new) if new is not None else None for old, new in given.items()}


def _require_whole(tx: Tx, survey: Survey, elements: list[dict[str, Any]], mapping: Mapped) -> None:
    former = {code for codes in former_codes(tx, survey.id) for code in codes}
    problems = mapping_problems(survey.elements, elements, mapping, former)
    problems += launch_gaps(elements) or ranking_problems(elements, survey.method)
    if problems:
        raise Invalid("not-ready", fields=problems)


def former_codes(tx: Tx, survey_id: UUID) -> Iterator[list[str]]:
    """The codes of every version so far."""
    table = tables.instrument_versions
    for row in rows(tx, select(table.c.elements).where(table.c.survey_id == survey_id)):
        yield [element["code"] for element in row["elements"]]


def _carry_drafts(tx: Tx, survey: Survey, mapping: Mapped) -> None:
    """What members and links have saved so far, by the new codes."""
    member, link = tables.drafts, tables.survey_links
    _carry(tx, survey, mapping, (member, member.c.account_id, member.c.survey_id == survey.id))
    mine = select(link.c.id).where(link.c.survey_id == survey.id)
    by_link = tables.link_drafts
    _carry(tx, survey, mapping, (by_link, by_link.c.link_id, by_link.c.link_id.in_(mine)))


def _carry(tx: Tx, survey: Survey, mapping: Mapped, which: tuple[Table, Column[Any], Any]) -> None:
    table, key, of_survey = which
    for owner, saved in tx.session.execute(select(key, table.c.answers).where(of_survey)).all():
        answers = carried(saved, mapping, survey.elements)
        if answers != saved:
            tx.session.execute(update(table).where(of_survey, key == owner).values(answers=answers))
