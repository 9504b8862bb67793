"""What became of what people said: every decision with its reason, its vote, and what followed; and every entry of the
board that was closed with an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from services.surveys import tables
from services.surveys.queries import board_answers
from services.surveys.queries.board_answers import Key
from services.surveys.queries.keys import key_of, moment
from services.surveys.queries.loops import loops_of
from services.surveys.queries.needs import need_rows
from services.surveys.queries.proposals import proposal_rows, proposal_view
from services.surveys.queries.votes import vote_rows, vote_views
from shared.db.tx import Tx, rows
from shared.paging import PageRequest, page_of

View = dict[str, Any]
DECISION, BOARD = KINDS = ("decision", "board")


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """None: no filter. `outcome` is a proposal's, so that with it there are decisions alone."""

    kind: str | None = None
    outcome: str | None = None
    need_id: UUID | None = None
    survey_id: UUID | None = None


def list_decisions(tx: Tx, wanted: DecisionFilter, request: PageRequest) -> View:
    """A page of DecidedProposal and AnsweredEntry, newest first; the number of statements does not grow with the rows.

    An entry has a day and no hour: it stands before the decisions of its day (in UTC), entries of one day by their id.
    """
    key = key_of(request, moment, UUID)
    after = (key[0], key[1]) if key else None
    found: list[View] = []
    if wanted.kind != BOARD:
        found += [row | {"kind": DECISION} for row in _decided_rows(tx, wanted, after, request.limit + 1)]
    if wanted.kind != DECISION and not wanted.outcome:
        answered = board_answers.answered_rows(tx, _about(wanted), after, request.limit + 1)
        found += [row | {"kind": BOARD} for row in answered]
    found.sort(key=_place, reverse=True)
    shown = found[: request.limit]
    views = _decided_views(tx, [row for row in shown if row["kind"] == DECISION])
    views |= board_answers.answered_views(tx, [row for row in shown if row["kind"] == BOARD])
    return page_of(found, request, _place, lambda row: {"kind": row["kind"], **views[row["id"]]})


def _place(row: View) -> Key:
    return row["at"], row["id"]


def _about(wanted: DecisionFilter) -> ColumnElement[bool] | None:
    """Which entries belong to the need and the survey of the filter; None: all."""
    need = tables.needs.c.id
    of_need = (
        board_answers.about_needs(select(need).where(need == wanted.need_id)) if wanted.need_id else None
    )
    of_survey = board_answers.about_survey(wanted.survey_id) if wanted.survey_id else None
    if of_need is not None and of_survey is not None:
        return of_need & of_survey
    return of_survey if of_need is None else of_need


def _decided_rows(tx: Tx, wanted: DecisionFilter, after: Key | None, limit: int) -> list[View]:
    decision, proposal, need = tables.decisions, tables.proposals, tables.needs
    chosen = proposal_rows(tx).where(decision.c.decided_at.is_not(None))
    if wanted.outcome:
        chosen = chosen.where(decision.c.outcome == wanted.outcome)
    if wanted.need_id:
        chosen = chosen.where(proposal.c.need_id == wanted.need_id)
    if wanted.survey_id:
        chosen = chosen.where(need.c.survey_id == wanted.survey_id)
    if after is not None:
        chosen = chosen.where(tuple_(decision.c.decided_at, proposal.c.id) < tuple_(*after))
    ordered = chosen.order_by(decision.c.decided_at.desc(), proposal.c.id.desc()).limit(limit)
    return [row | {"at": row["decided_at"]} for row in rows(tx, ordered)]


def _decided_views(tx: Tx, found: Sequence[View]) -> dict[UUID, View]:
    needs = rows(tx, need_rows(tx.actor).where(tables.needs.c.id.in_({row["need_id"] for row in found})))
    loops = loops_of(tx, needs)
    held = {row["decided_vote_id"] for row in found if row["decided_vote_id"]}
    votes = {
        one["id"]: one for one in vote_views(tx, rows(tx, vote_rows(tx).where(tables.votes.c.id.in_(held))))
    }
    return {row["id"]: _view(tx, row, loops[row["need_id"]], votes) for row in found}


def _view(tx: Tx, row: View, loop: View, votes: dict[str, View]) -> View:
    proposal = proposal_view(tx, row)
    # An older proposal that was declined has no part in what came after it.
    newest = (loop["proposal"] or {}).get("id") == proposal["id"]
    names = ("course", "topic_id", "enrolments", "completions", "follow_up")
    return {
        "proposal": proposal,
        "need": {
            name: loop["need"][name] for name in ("id", "statement", "status", "survey_id", "survey_title")
        },
        "vote": votes.get(proposal["decision"]["vote_id"]),
        "after": {name: loop[name] for name in names} if newest else None,
    }
