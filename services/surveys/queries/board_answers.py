"""Closed entries of the board as answers to what members said: what answers each, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_

from services.surveys import panel_store, store, tables
from services.surveys.domain import board as rules
from services.surveys.queries.board import entry_rows, get_entry, view
from shared.db.dialect import utc_day
from shared.db.tx import Tx, rows

View = dict[str, Any]
Entry = tables.board_entries
Key = tuple[datetime, UUID]
_FIRST = UUID(int=0)


def end_of(day: date) -> datetime:
    """Where a day's closings stand among decisions, newest first: before all of that day, so that no hour shows."""
    return datetime.combine(day, time.max, UTC)


def answered_rows(tx: Tx, of: ColumnElement[bool] | None, after: Key | None, limit: int) -> list[View]:
    """Closed entries, newest day first, with `at` (the end of that day) and `merged` (how many it stands for beside
    itself); `of`: only those. What its author took back is no answer.
    """
    group, day = tables.board_entries.alias("group"), utc_day(Entry.c.closed_at)
    merged = select(func.count() - 1).where(group.c.root_id == Entry.c.id).correlate(Entry).scalar_subquery()
    chosen = entry_rows(tx).add_columns(merged.label("merged"))
    chosen = chosen.where(Entry.c.status == rules.CLOSED, Entry.c.outcome != rules.WITHDRAWN)
    if of is not None:
        chosen = chosen.where(of)
    if after is not None:
        moment, last = after
        before = last if moment == end_of(moment.date()) else _FIRST
        chosen = chosen.where(tuple_(day, Entry.c.id) < tuple_(moment.date(), before))
    found = rows(tx, chosen.order_by(day.desc(), Entry.c.id.desc()).limit(limit))
    return [row | {"at": end_of(row["closed_at"].date())} for row in found]


def about_needs(needs: Select[Any]) -> ColumnElement[bool]:
    """SQL: entries that became one of `needs` (a select of ids), or that it, its proposal or its course answers."""
    need, proposal, course = tables.needs, tables.proposals, tables.loop_courses
    proposals = select(proposal.c.id).where(proposal.c.need_id.in_(needs))
    courses = select(course.c.course_id).where(course.c.need_id.in_(needs))
    adopted = select(need.c.entry_id).where(need.c.id.in_(needs), need.c.entry_id.is_not(None))
    linked = (
        and_(Entry.c.link_kind == kind, Entry.c.link_id.in_(ids))
        for kind, ids in (("need", needs), ("proposal", proposals), ("course", courses))
    )
    return or_(Entry.c.id.in_(adopted), *linked)


def about_survey(survey_id: UUID) -> ColumnElement[bool]:
    """SQL: entries that a survey or one of its needs answers."""
    itself = and_(Entry.c.link_kind == "survey", Entry.c.link_id == survey_id)
    return or_(itself, about_needs(select(tables.needs.c.id).where(tables.needs.c.survey_id == survey_id)))


def answered_views(tx: Tx, found: Sequence[View]) -> dict[UUID, View]:
    """AnsweredEntry by id; at most one statement for each kind of link."""
    answers = _answers(tx, found)
    return {
        row["id"]: {
            "entry": view(tx, row),
            "merged": row["merged"],
            "answer": _answer(row, answers) if row["link_id"] else None,
        }
        for row in found
    }


def whole_entry(tx: Tx, entry_id: UUID) -> View:
    """One entry of the board as `get_entry` gives it, with what answers or takes it up. Raises NotFound."""
    entry = get_entry(tx, entry_id)
    link = entry["link"]
    row = {"link_kind": link["kind"], "link_id": UUID(link["id"])} if link else None
    return entry | {"answer": _answer(row, _answers(tx, [row])) if row else None}


def _answer(row: View, answers: dict[tuple[str, UUID], View]) -> View:
    known = answers.get((row["link_kind"], row["link_id"]), {})
    told = {"title": known.get("title"), "status": known.get("status")}
    return {"kind": row["link_kind"], "id": str(row["link_id"]), **told}


def _answers(tx: Tx, found: Sequence[View]) -> dict[tuple[str, UUID], View]:
    """Titles of what answers, by kind and id, without what the reader may not see; a course has its `status`."""
    ids: dict[str, set[UUID]] = {}
    for row in found:
        if row["link_id"]:
            ids.setdefault(row["link_kind"], set()).add(row["link_id"])
    return {
        (kind, row["id"]): row
        for kind, wanted in sorted(ids.items())
        for row in rows(tx, _titles(tx, kind, wanted))
    }


def _titles(tx: Tx, kind: str, ids: set[UUID]) -> Select[Any]:
    need, proposal, survey, panel = tables.needs, tables.proposals, tables.surveys, tables.panels
    course = tables.loop_courses
    status = case((course.c.edition > 0, "published"), else_="drafted").label("status")
    chosen = {
        "need": select(need.c.id, need.c.statement.label("title")),
        "proposal": select(proposal.c.id, proposal.c.title),
        "survey": select(survey.c.id, survey.c.title).where(store.opens(tx.actor)),
        "panel": select(panel.c.id, panel.c.title).where(panel_store.seen_by(tx.actor)),
        "course": select(course.c.course_id.label("id"), course.c.title, status),
    }[kind]
    return chosen.where(chosen.selected_columns[0].in_(ids))
