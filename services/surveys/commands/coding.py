"""Writes of a coding: coders, code book, marks, decisions. The two coders' marks are never changed for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.surveys import tables
from services.surveys.domain.coding import (
    MAX_CODES,
    PLACES,
    SMALLEST,
    AnswersUncoded,
    BookFrozen,
    Code,
    Coding,
    CodingExists,
    CodingFinished,
    DisagreementsOpen,
    NothingToDecide,
    TooFewAnswers,
)
from services.surveys.domain.survey import Survey
from services.surveys.queries.coding import (
    able_coders,
    codes_of,
    decisions_of,
    managed_coding,
    marks_of,
    own_coding,
    progress_of,
    visible_coding,
    work_of,
)
from services.surveys.queries.open_answers import open_answers, open_element
from services.surveys.queries.pooled import closed_survey
from services.surveys.queries.responses import load_responses
from shared.contracts.surveys import CoderAssigned
from shared.db.dialect import insert_new, upsert
from shared.db.tx import Tx
from shared.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class StartCoding:
    """`question`: an element's code."""

    survey_id: UUID
    question: str
    first_coder: UUID
    second_coder: UUID


@dataclass(frozen=True, slots=True)
class AssignCoders:
    """The two coders, either of whom may be as before."""

    coding_id: UUID
    version: int
    first_coder: UUID
    second_coder: UUID


@dataclass(frozen=True, slots=True)
class WriteCode:
    """A new code (`code_id` None), or other words for one."""

    coding_id: UUID
    label: dict[str, str]
    definition: dict[str, str]
    code_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """A coder's codes for an answer; `nothing`: none applies. Neither takes the mark back."""

    coding_id: UUID
    answer_id: UUID
    codes: tuple[UUID, ...]
    nothing: bool


@dataclass(frozen=True, slots=True)
class DecideAnswer:
    """What the two agreed on for an answer, and why."""

    coding_id: UUID
    answer_id: UUID
    codes: tuple[UUID, ...]
    nothing: bool
    reason: str


def start_coding(tx: Tx, cmd: StartCoding) -> Coding:
    """Have a question coded. Raises TooFewAnswers, CodingExists, Invalid on the coders.

    Effect: CoderAssigned for each coder.
    """
    survey = closed_survey(tx, cmd.survey_id)
    element = open_element(tx, survey, cmd.question)
    n = len(open_answers(survey, element, load_responses(tx, survey.id, ratings=False)))
    if n < SMALLEST:
        raise TooFewAnswers(minimum=SMALLEST)
    _require_coders(tx, cmd.first_coder, cmd.second_coder)
    values = {
        "id": new_id(), "survey_id": survey.id, "question": cmd.question, "first_coder": cmd.first_coder,
        "second_coder": cmd.second_coder, "created_by": tx.actor.require_account(), "created_at": tx.now,
        "first_finished": False, "second_finished": False, "book_version": 1, "version": 1,
    }  # fmt: skip
    if not insert_new(tx.session, tables.codings, values):
        raise CodingExists
    coding = tx.session.get_one(Coding, values["id"])
    _tell(tx, coding, {cmd.first_coder, cmd.second_coder})
    return coding


def assign_coders(tx: Tx, cmd: AssignCoders) -> Coding:
    """Replace a coder who has coded nothing yet. Raises Stale, CoderHasBegun, Invalid."""
    coding = managed_coding(tx, cmd.coding_id)
    if cmd.version != coding.version:
        raise Stale
    _require_coders(tx, cmd.first_coder, cmd.second_coder)
    marks = marks_of(tx, coding.id)
    before = {coding.first_coder, coding.second_coder}
    for place, account in zip(PLACES, (cmd.first_coder, cmd.second_coder), strict=True):
        coding.assign(place, account, bool(marks[place]))
    coding.version += 1
    _tell(tx, coding, {cmd.first_coder, cmd.second_coder} - before)
    return coding


def _tell(tx: Tx, coding: Coding, coders: Collection[UUID]) -> None:
    title = tx.session.get_one(Survey, coding.survey_id).title
    for coder in sorted(coders):
        event = CoderAssigned(coding.id, coding.survey_id, title, coder)
        tx.publish(event, subject=coding.id, version=coding.version)


def _require_coders(tx: Tx, first: UUID, second: UUID) -> None:
    """Two different active members who coordinate, research or train."""
    table = tables.members
    chosen = select(table.c.account_id).where(table.c.account_id.in_((first, second)), able_coders())
    found = set(tx.session.execute(chosen).scalars())
    problems = [
        FieldProblem(name, "not-a-coder")
        for name, account in (("first_coder", first), ("second_coder", second))
        if account not in found
    ]
    if first == second:
        problems = [FieldProblem("second_coder", "same-coder")]
    if problems:
        raise Invalid(fields=problems)


# --- the code book


def add_code(tx: Tx, cmd: WriteCode) -> Coding:
    """A new code at the end, by a coder or by those who lead. Raises BookFrozen, Invalid `too-many-items`."""
    coding = visible_coding(tx, cmd.coding_id, lock=True)
    coding.require_apart()
    codes = codes_of(tx, coding.id)
    if len(codes) >= MAX_CODES:
        raise Invalid(fields=[FieldProblem("codes", "too-many-items", {"max": MAX_CODES})])
    number, code_id = coding.changed_book(), new_id()
    values = {
        "id": code_id, "coding_id": coding.id, "position": len(codes) + 1, "label": cmd.label,
        "definition": cmd.definition, "added_in": number,
    }  # fmt: skip
    tx.session.execute(insert(tables.coding_codes).values(values))
    _log(tx, coding, "add", code_id, {"label": cmd.label, "definition": cmd.definition})
    return coding


def edit_code(tx: Tx, cmd: WriteCode) -> Coding:
    """Other words for a code; what it marks stays. At any time."""
    coding = managed_coding(tx, cmd.coding_id)
    code = _code(tx, coding, cmd.code_id)
    before = {"label": code.label, "definition": code.definition}
    after = {"label": cmd.label, "definition": cmd.definition}
    if after != before:
        coding.changed_book()
        _change(tx, code, after)
        _log(tx, coding, "edit", code.id, {"before": before, "after": after})
    return coding


def merge_code(tx: Tx, coding_id: UUID, code_id: UUID, into: UUID) -> Coding:
    """One code becomes another, in every mark. Raises BookFrozen, Invalid `unknown-code`."""
    coding = managed_coding(tx, coding_id)
    coding.require_apart()
    code, target = _code(tx, coding, code_id), _code(tx, coding, into, "into")
    if code.id == target.id:
        raise Invalid(fields=[FieldProblem("into", "same-code")])
    _change(tx, code, {"ended_in": coding.changed_book(), "merged_into": target.id})
    _log(
        tx,
        coding,
        "merge",
        code.id,
        {"into": str(target.id), "label": code.label, "into_label": target.label},
    )
    return coding


def retire_code(tx: Tx, coding_id: UUID, code_id: UUID) -> Coding:
    """A code is offered no more; the answers that had it alone are to be coded again. Raises BookFrozen."""
    coding = managed_coding(tx, coding_id)
    coding.require_apart()
    if coding.both_finished:
        raise BookFrozen
    code = _code(tx, coding, code_id)
    _change(tx, code, {"ended_in": coding.changed_book()})
    _log(tx, coding, "retire", code.id, {"label": code.label})
    return coding


def _code(tx: Tx, coding: Coding, code_id: UUID | None, path: str | None = None) -> Code:
    """A live code: NotFound, or Invalid where it was named in a field."""
    found = next((one for one in codes_of(tx, coding.id) if one.id == code_id and one.ended_in is None), None)
    if found is None and path is not None:
        raise Invalid(fields=[FieldProblem(path, "unknown-code")])
    if found is None:
        raise NotFound
    return found


def _change(tx: Tx, code: Code, values: dict[str, Any]) -> None:
    table = tables.coding_codes
    tx.session.execute(update(table).where(table.c.id == code.id).values(values))


def _log(tx: Tx, coding: Coding, kind: str, code_id: UUID, detail: dict[str, Any]) -> None:
    values = {
        "coding_id": coding.id, "number": coding.book_version, "kind": kind, "code_id": code_id, "detail": detail,
        "made_by": tx.actor.require_account(), "made_at": tx.now,
    }  # fmt: skip
    tx.session.execute(insert(tables.coding_changes).values(values))


# --- marks


def mark_answer(tx: Tx, cmd: MarkAnswer) -> dict[str, Any]:
    """Save a coder's own mark; how far they are. Raises CodingFinished, NotFound, Invalid `unknown-code`, `codes-or-nothing`."""
    coding, mine = own_coding(tx, cmd.coding_id, share=True)
    if coding.finished(mine):
        raise CodingFinished
    work = work_of(tx, coding)
    answer = work.answer(cmd.answer_id)
    _check(cmd.codes, nothing=cmd.nothing)
    work.book.require_live(cmd.codes)
    table = tables.coding_marks
    key = {"coding_id": coding.id, "coder": mine, "response_id": answer.response_id}
    if not cmd.codes and not cmd.nothing:
        own = [table.c[name] == value for name, value in key.items()]
        tx.session.execute(delete(table).where(*own))
    else:
        upsert(tx.session, table, key | {"codes": _texts(cmd.codes), "none_applies": cmd.nothing})
    return progress_of(replace(work, marks=marks_of(tx, coding.id)), mine)


def _check(codes: Collection[UUID], *, nothing: bool) -> None:
    if codes and nothing:
        raise Invalid(fields=[FieldProblem("nothing", "codes-or-nothing")])


def _texts(codes: Collection[UUID]) -> list[str]:
    return sorted({str(code) for code in codes})


def finish_coding(tx: Tx, coding_id: UUID, *, finished: bool) -> Coding:
    """A coder has coded everything, or takes that back while the other has not. Again: nothing more happens.

    Raises AnswersUncoded (count), CodingFinished.
    """
    coding, mine = own_coding(tx, coding_id, lock=True)
    if coding.finished(mine) == finished:
        return coding
    if finished:
        work = work_of(tx, coding)
        if not work.book.live:
            raise Conflict("no-codes")
        if left := len(work.answers) - work.coded(mine):
            raise AnswersUncoded(count=left)
    coding.finish(mine, finished)
    return coding


def without_agreement(tx: Tx) -> list[UUID]:
    """Codings whose two coders have finished and whose agreement is still to be computed."""
    table = tables.codings
    waiting = (table.c.first_finished, table.c.second_finished, table.c.agreement.is_(None))
    return list(tx.session.execute(select(table.c.id).where(*waiting)).scalars())


def store_agreement(tx: Tx, coding_id: UUID, agreement: dict[str, Any]) -> None:
    """Keep the agreement of the two, unless it is kept already."""
    table = tables.codings
    fresh = (table.c.id == coding_id) & table.c.agreement.is_(None)
    tx.session.execute(update(table).where(fresh).values(agreement=agreement))


# --- reconciling


def decide_answer(tx: Tx, cmd: DecideAnswer) -> None:
    """Settle a disagreement; a later decision replaces it. Raises StillCoding, CodingFinished, NothingToDecide."""
    coding = visible_coding(tx, cmd.coding_id, share=True)
    coding.require_together()
    work = work_of(tx, coding)
    answer = work.answer(cmd.answer_id)
    if answer not in work.disagreed():
        raise NothingToDecide
    _check(cmd.codes, nothing=cmd.nothing)
    if not cmd.codes and not cmd.nothing:
        raise Invalid(fields=[FieldProblem("codes", "missing")])
    work.book.require_live(cmd.codes)
    values = {
        "coding_id": coding.id, "response_id": answer.response_id, "codes": _texts(cmd.codes),
        "none_applies": cmd.nothing, "reason": cmd.reason, "decided_by": tx.actor.require_account(), "decided_at": tx.now,
    }  # fmt: skip
    upsert(tx.session, tables.coding_decisions, values)


def complete_coding(tx: Tx, coding_id: UUID) -> Coding:
    """All is decided: the themes join the results. Raises StillCoding, DisagreementsOpen. Again: the same answer."""
    coding = managed_coding(tx, coding_id)
    if coding.completed_at is not None:
        return coding
    coding.require_together()
    decided = decisions_of(tx, coding.id)
    left = sum(one.response_id not in decided for one in work_of(tx, coding).disagreed())
    if left:
        raise DisagreementsOpen(count=left)
    coding.completed_at = tx.now
    coding.version += 1
    return coding
