"""Views of codings: the code book, one's own marks, disagreements, themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Row, or_, select

from services.surveys import policy, store, tables
from services.surveys.domain.audience import mask_of
from services.surveys.domain.coding import (
    DONE,
    FIRST,
    PLACES,
    SECOND,
    SMALLEST,
    Book,
    Code,
    Coding,
    Mark,
    StillCoding,
    disagreements,
    themes,
)
from services.surveys.domain.survey import Survey
from services.surveys.methods.coding import coding_agreement
from services.surveys.queries.keys import key_of, place
from services.surveys.queries.open_answers import OpenAnswer, kind_of, open_answers, open_element
from services.surveys.queries.pooled import closed_survey, require_closed
from services.surveys.queries.responses import load_responses
from services.surveys.queries.surveys import instant
from shared.actor import COORDINATOR, RESEARCHER, TRAINER
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.paging import PageRequest, page_of

View = dict[str, Any]
CODERS = mask_of((COORDINATOR, RESEARCHER, TRAINER))


@dataclass(frozen=True, slots=True)
class Work:
    """Everything of one coding that a view or a rule needs. `seed`: the survey's, read while there is a session."""

    coding: Coding
    survey: Survey
    element: Mapping[str, Any]
    answers: Sequence[OpenAnswer]
    codes: Sequence[Code]
    marks: Mapping[int, Mapping[UUID, Mark]]
    seed: int

    @property
    def book(self) -> Book:
        """The code book as it is."""
        return Book(self.codes)

    def coded(self, coder: int) -> int:
        """Answers on which a coder's mark says something."""
        book, marks = self.book, self.marks[coder]
        return sum(book.is_coded(marks.get(answer.response_id)) for answer in self.answers)

    def answer(self, answer_id: UUID) -> OpenAnswer:
        """The answer with this id. Raises NotFound."""
        found = next((one for one in self.answers if one.id == answer_id), None)
        if found is None:
            raise NotFound
        return found

    def disagreed(self) -> list[OpenAnswer]:
        """The answers on which the two differ; both must have finished."""
        order = [one.response_id for one in self.answers]
        apart = set(disagreements(order, self.marks[FIRST], self.marks[SECOND], self.book))
        return [one for one in self.answers if one.response_id in apart]


def visible_coding(tx: Tx, coding_id: UUID, *, lock: bool = False, share: bool = False) -> Coding:
    """A coding, for its two coders and for those who read answers. Raises NotFound."""
    account = tx.actor.require_account()
    mode: Any = {"read": True} if share else lock or None
    found = tx.session.get(Coding, coding_id, with_for_update=mode)
    if found is None or not (found.place_of(account) or policy.can_read_answers(tx.actor)):
        raise NotFound
    return found


def managed_coding(tx: Tx, coding_id: UUID) -> Coding:
    """A locked coding, for those who lead it. Raises NotFound, Forbidden for a coder who does not."""
    found = visible_coding(tx, coding_id, lock=True)
    if not policy.can_read_answers(tx.actor):
        raise Forbidden
    return found


def own_coding(tx: Tx, coding_id: UUID, *, lock: bool = False, share: bool = False) -> tuple[Coding, int]:
    """A coding and the actor's place in it. Raises NotFound, Forbidden for those who do not code it."""
    found = visible_coding(tx, coding_id, lock=lock, share=share)
    mine = found.place_of(tx.actor.require_account())
    if mine is None:
        raise Forbidden
    return found, mine


def codes_of(tx: Tx, coding_id: UUID) -> list[Code]:
    """The code book in order, ended codes included."""
    table = tables.coding_codes
    columns = [column for column in table.c if column.name != "coding_id"]
    chosen = select(*columns).where(table.c.coding_id == coding_id).order_by(table.c.position)
    return [Code(**row) for row in rows(tx, chosen)]


def marks_of(tx: Tx, coding_id: UUID) -> dict[int, dict[UUID, Mark]]:
    """Both coders' marks by response."""
    table = tables.coding_marks
    found: dict[int, dict[UUID, Mark]] = {coder: {} for coder in PLACES}
    for row in rows(tx, select(table).where(table.c.coding_id == coding_id)):
        given = frozenset(map(UUID, row["codes"]))
        found[row["coder"]][row["response_id"]] = Mark(row["response_id"], given, row["none_applies"])
    return found


def work_of(tx: Tx, coding: Coding) -> Work:
    """A coding with its answers, codes and marks."""
    survey = tx.session.get_one(Survey, coding.survey_id)
    element = open_element(tx, survey, coding.question)
    answers = open_answers(survey, element, load_responses(tx, survey.id, ratings=False))
    return Work(
        coding, survey, element, answers, codes_of(tx, coding.id), marks_of(tx, coding.id), survey.seed
    )


def get_coding(tx: Tx, coding_id: UUID) -> View:
    """Coding."""
    return coding_view(tx, visible_coding(tx, coding_id))


def coding_view(tx: Tx, coding: Coding) -> View:
    """Coding, as the actor may see it."""
    work = work_of(tx, coding)
    mine = coding.place_of(tx.actor.require_account())
    apart = work.disagreed() if coding.both_finished else None
    decided = decisions_of(tx, coding.id) if apart is not None else {}
    return {
        "id": str(coding.id), "version": coding.version, "survey_id": str(coding.survey_id),
        "survey_title": work.survey.title, "question": coding.question, "kind": kind_of(work.element),
        "text": work.element.get("text") or {}, "state": coding.state, "total": len(work.answers),
        "book_version": coding.book_version, "codes": [_code(code) for code in work.codes],
        "coders": [
            {"place": at, "account_id": str(account), "coded": work.coded(at), "finished": coding.finished(at)}
            for at, account in zip(PLACES, (coding.first_coder, coding.second_coder), strict=True)
        ],
        "mine": mine, "agreement": coding.agreement, "completed_at": instant(coding.completed_at),
        "disagreements": None if apart is None else {
            "total": len(apart), "open": sum(one.response_id not in decided for one in apart)},
        "can": _can(tx, coding, work.survey, mine),
    }  # fmt: skip


def _can(tx: Tx, coding: Coding, survey: Survey, mine: int | None) -> View:
    leads, works = policy.can_read_answers(tx.actor), mine is not None
    apart = coding.state != DONE and coding.first_finished == coding.second_finished
    return {
        "code": works and not coding.finished(mine or FIRST),
        "themes": coding.state == DONE and (leads or store.sees(tx, survey)),
        "add_code": (leads or works) and apart,
        "lead": leads and coding.state != DONE,
        "end_code": leads and apart and not coding.both_finished,
        "merge_code": leads and apart,
        "reconcile": (leads or works) and coding.both_finished and coding.state != DONE,
        "resume": works and coding.finished(mine or FIRST) and not coding.both_finished,
    }


def _code(code: Code) -> View:
    return {
        "id": str(code.id), "position": code.position, "label": code.label, "definition": code.definition,
        "status": code.status, "merged_into": str(code.merged_into) if code.merged_into else None,
        "added_in": code.added_in, "ended_in": code.ended_in,
    }  # fmt: skip


def able_coders() -> Any:
    """SQL: active members who coordinate, research or train."""
    table = tables.members
    return table.c.active & (table.c.roles.bitwise_and(CODERS) != 0)


def list_coders(tx: Tx) -> View:
    """Whom one may ask to code, by account id; at most 500."""
    tx.actor.require_account()
    if not policy.can_read_answers(tx.actor):
        raise Forbidden
    table = tables.members
    chosen = select(table.c.account_id).where(able_coders()).order_by(table.c.account_id).limit(500)
    return {"items": [{"account_id": str(one)} for one in tx.session.execute(chosen).scalars()]}


def list_codings(tx: Tx, survey_id: UUID | None, request: PageRequest) -> View:
    """A page of codings, newest first: one's own, and for those who read answers every one."""
    account = tx.actor.require_account()
    table, survey = tables.codings, tables.surveys
    chosen = select(Coding, survey.c.title, survey.c.elements).join(survey, survey.c.id == table.c.survey_id)
    if not policy.can_read_answers(tx.actor):
        chosen = chosen.where(or_(table.c.first_coder == account, table.c.second_coder == account))
    if survey_id is not None:
        chosen = chosen.where(table.c.survey_id == survey_id)
    if key := key_of(request, UUID):
        chosen = chosen.where(table.c.id < key[0])
    found = tx.session.execute(chosen.order_by(table.c.id.desc()).limit(request.limit + 1)).all()
    return page_of(found, request, lambda row: (row[0].id,), lambda row: _summary(row, account))


def _summary(row: Row[Coding, Any, Any], account: UUID) -> View:
    """A row of the list; `text` is empty for a question that the newest version no longer asks."""
    coding, title, elements = row
    mine = coding.place_of(account)
    asked: View = next((one for one in elements if one["code"] == coding.question), {})
    return {
        "id": str(coding.id), "survey_id": str(coding.survey_id), "survey_title": dict(title),
        "question": coding.question, "text": asked.get("text") or {}, "state": coding.state, "mine": mine,
        "waiting": mine is not None and not coding.finished(mine),
    }  # fmt: skip


def list_code_changes(tx: Tx, coding_id: UUID) -> View:
    """Every version of the code book: what changed, by whom, when."""
    visible_coding(tx, coding_id)
    table = tables.coding_changes
    found = rows(tx, select(table).where(table.c.coding_id == coding_id).order_by(table.c.number.desc()))
    return {
        "items": [
            {"number": row["number"], "kind": row["kind"], "code_id": str(row["code_id"]), "detail": row["detail"],
             "made_by": str(row["made_by"]), "made_at": instant(row["made_at"])}
            for row in found
        ]
    }  # fmt: skip


def list_answers_to_code(tx: Tx, coding_id: UUID, number: int | None, request: PageRequest) -> View:
    """A page of answers, from a number on, with the reader's own marks, never the other coder's."""
    coding, mine = own_coding(tx, coding_id)
    work = work_of(tx, coding)
    (after,) = key_of(request, place) or ((number or 1) - 1,)
    shown = work.answers[after : after + request.limit + 1]
    page = page_of(shown, request, lambda one: (one.number,), lambda one: _marked(one, work, mine))
    return {**progress_of(work, mine), **page}


def progress_of(work: Work, coder: int) -> View:
    """How far a coder is: answers coded, of how many, and the first that is not."""
    book, marks = work.book, work.marks[coder]
    waiting = [one.number for one in work.answers if not book.is_coded(marks.get(one.response_id))]
    total = len(work.answers)
    return {"total": total, "coded": total - len(waiting), "next_uncoded": next(iter(waiting), None)}


def _marked(answer: OpenAnswer, work: Work, coder: int) -> View:
    mark = work.marks[coder].get(answer.response_id)
    given = work.book.effective(mark.codes) if mark else frozenset()
    nothing = mark is not None and mark.nothing
    return {
        "id": str(answer.id), "number": answer.number, "text": answer.text,
        "codes": sorted(map(str, given)), "nothing": nothing,
    }  # fmt: skip


def decisions_of(tx: Tx, coding_id: UUID) -> dict[UUID, View]:
    """Decisions by response."""
    table = tables.coding_decisions
    found = rows(tx, select(table).where(table.c.coding_id == coding_id))
    return {row["response_id"]: row for row in found}


def list_disagreements(tx: Tx, coding_id: UUID, request: PageRequest) -> View:
    """A page of the answers on which the two differ, with both codings and the decision. Raises StillCoding."""
    coding = visible_coding(tx, coding_id)
    if not coding.both_finished:
        raise StillCoding
    work, decided = work_of(tx, coding), decisions_of(tx, coding.id)
    apart = work.disagreed()
    (after,) = key_of(request, place) or (0,)
    later = [one for one in apart if one.number > after]

    def view(one: OpenAnswer) -> View:
        sides = {name: _marked(one, work, at) for name, at in (("first", FIRST), ("second", SECOND))}
        kept = {name: {part: side[part] for part in ("codes", "nothing")} for name, side in sides.items()}
        decision = decided.get(one.response_id)
        return {
            "id": str(one.id), "number": one.number, "text": one.text, **kept,
            "decision": _decision(decision, work.book) if decision else None,
        }  # fmt: skip

    page = page_of(later[: request.limit + 1], request, lambda one: (one.number,), view)
    return {"total": len(apart), "open": sum(one.response_id not in decided for one in apart), **page}


def _decision(row: View, book: Book) -> View:
    return {
        "codes": sorted(map(str, book.effective(list(map(UUID, row["codes"]))))), "nothing": row["none_applies"],
        "reason": row["reason"], "decided_by": str(row["decided_by"]), "decided_at": instant(row["decided_at"]),
    }  # fmt: skip


def agreement_of(work: Work, as_of: int) -> View:
    """Agreement of the two as they worked apart, over the code book as of a version. Arithmetic only.

    `book_version` and the codes' ids stand in it, so that it can be made again. Codes in the order of their ids.
    """
    book = Book(work.codes, as_of)
    codes = sorted(str(code.id) for code in book.live)
    first, second = (
        np.array(
            [
                [UUID(code) in book.effective(work.marks[coder][one.response_id].codes) for code in codes]
                for one in work.answers
            ],
            dtype=bool,
        ).reshape(len(work.answers), len(codes))
        for coder in PLACES
    )
    found = coding_agreement(first, second, codes, seed=work.seed)
    return {"book_version": as_of, **found.to_dict()}


def get_themes(tx: Tx, survey_id: UUID) -> View:
    """Themes of the finished codings of a closed survey, for those who see its results."""
    survey = (
        store.visible_survey(tx, survey_id)
        if not policy.can_read_answers(tx.actor)
        else closed_survey(tx, survey_id)
    )
    require_closed(tx, survey)
    table = tables.codings
    done = select(Coding).where(table.c.survey_id == survey.id, table.c.completed_at.is_not(None))
    found = tx.session.execute(done.order_by(table.c.id)).scalars().all()
    return {
        "survey_id": str(survey.id), "title": survey.title, "survey_open": store.sees(tx, survey),
        "threshold": SMALLEST,
        "questions": [_themes(tx, coding) for coding in found],
    }  # fmt: skip


def _themes(tx: Tx, coding: Coding) -> View:
    work = work_of(tx, coding)
    final = final_codes(work, decisions_of(tx, coding.id))
    shown, nothing = themes(final, work.book.live)
    known = {code.id: code for code in work.codes}
    return {
        "question": coding.question, "text": work.element.get("text") or {}, "n": len(work.answers),
        "book_version": coding.book_version, "agreement": _overall(coding.agreement),
        "themes": [
            {"code_id": str(theme.code), "label": known[theme.code].label, "definition": known[theme.code].definition,
             "n": theme.n, "share": None if theme.n is None else theme.n / len(work.answers)}
            for theme in shown
        ],
        "nothing": nothing,
    }  # fmt: skip


def final_codes(work: Work, decided: Mapping[UUID, View]) -> dict[UUID, frozenset[UUID]]:
    """The codes of each response: what the two agreed on, or what was decided."""
    book = work.book
    return {
        one.response_id: book.effective(
            list(map(UUID, decided[one.response_id]["codes"]))
            if one.response_id in decided
            else work.marks[FIRST][one.response_id].codes
        )
        for one in work.answers
    }


def _overall(agreement: View | None) -> View | None:
    """What a reader of the themes needs: alpha, kappa, AC1 and the percentage over all codes."""
    if agreement is None:
        return None
    kept = ("n", "kappa", "alpha", "ac1", "percent", "notes")
    return {name: agreement["overall"][name] for name in kept} | {"identical": agreement["identical"]}
