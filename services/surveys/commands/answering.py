"""Writes of the person who answers. Nothing here may tie a person to an anonymous response: see
docs/adr/0004-anonymity.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, insert, select, update

from services.surveys import audience, history, store, tables
from services.surveys.domain import answers as rules
from services.surveys.domain.instrument import complete_answers
from services.surveys.domain.instrument.elements import PAIR, SIDES
from services.surveys.domain.instrument.versions import carried
from services.surveys.domain.survey import MAXDIFF, AlreadyAnswered, Survey
from shared.contracts.surveys import ResponseSubmitted
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.ids import new_id, random_id


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """`answers` by element code (see domain.instrument.elements), laid over what is saved.

    `instrument_version`: which version they answer, by default the newest.
    """

    survey_id: UUID
    answers: dict[str, Any]
    language: str
    instrument_version: int | None = None


@dataclass(frozen=True, slots=True)
class SubmitResponse:
    """`key`: the caller's Idempotency-Key, of which only a hash is kept, and only beside the participation."""

    survey_id: UUID
    answers: dict[str, Any]
    language: str
    key: str | None
    instrument_version: int | None = None


def save_draft(tx: Tx, cmd: SaveDraft) -> None:
    """Keep some answers. Raises NotFound, SurveyClosed, SurveyNotOpen, AlreadyAnswered, Invalid."""
    survey = store.answerable_survey(tx, cmd.survey_id, share=True)
    account = tx.actor.require_account()
    survey.require_open(tx.now)
    given = onward(tx, survey, cmd.answers, cmd.instrument_version)
    saved = _locked_draft(tx, survey.id, account, cmd.language)
    if saved is None or participation(tx, survey.id, account) is not None:
        raise AlreadyAnswered
    answers = rules.merged(saved, given, survey.elements)
    changes = {"answers": answers, "language": cmd.language, "saved_at": tx.now}
    tx.session.execute(update(tables.drafts).where(_mine(tables.drafts, survey.id, account)).values(changes))


def submit_response(tx: Tx, cmd: SubmitResponse) -> None:
    """Take the answers, once per person. The same key again does nothing more.

    Raises NotFound, SurveyClosed, SurveyNotOpen, AlreadyAnswered, or Invalid listing every missing answer.
    Effects: participation (no time), response (an account only if named, no time), the draft deleted.
    """
    survey = store.answerable_survey(tx, cmd.survey_id, share=True)
    account = tx.actor.require_account()
    digest = key_hash(survey.id, account, cmd.key)
    if _repeated(tx, survey.id, account, digest):
        return
    survey.require_open(tx.now)
    saved = _locked_draft(tx, survey.id, account, cmd.language)
    if not _repeated(tx, survey.id, account, digest):
        sent = Sent(cmd.answers, cmd.language, cmd.instrument_version or survey.instrument_version)
        sent = completed(tx, survey, saved or {}, sent)
        values = {"survey_id": survey.id, "account_id": account, "key_hash": digest}
        tx.session.execute(insert(tables.participations).values(values))
        add_response(tx, survey, account, sent)
        tx.publish(ResponseSubmitted(survey.id), subject=survey.id)
    tx.session.execute(delete(tables.drafts).where(_mine(tables.drafts, survey.id, account)))


def _locked_draft(tx: Tx, survey_id: UUID, account: UUID, language: str) -> rules.Answers | None:
    """The person's draft, made if there is none, and locked: their calls from here on go one after the other.

    None when a submission that this call waited for has just deleted it.
    """
    table = tables.drafts
    empty = {"survey_id": survey_id, "account_id": account, "answers": {}, "language": language}
    insert_new(tx.session, table, empty | {"saved_at": tx.now})
    chosen = select(table.c.answers).where(_mine(table, survey_id, account)).with_for_update()
    found: rules.Answers | None = tx.session.execute(chosen).scalar_one_or_none()
    return found


def _mine(table: Table, survey_id: UUID, account: UUID) -> ColumnElement[bool]:
    return and_(table.c.survey_id == survey_id, table.c.account_id == account)


def participation(tx: Tx, survey_id: UUID, account: UUID) -> dict[str, Any] | None:
    """The row that says that a person answered, or None."""
    table = tables.participations
    row = (
        tx.session.execute(select(table.c.key_hash).where(_mine(table, survey_id, account)))
        .mappings()
        .one_or_none()
    )
    return dict(row) if row is not None else None


def _repeated(tx: Tx, survey_id: UUID, account: UUID, digest: str | None) -> bool:
    """True when this very call was acknowledged before. Raises AlreadyAnswered when another one was."""
    found = participation(tx, survey_id, account)
    if found is None:
        return False
    if digest is None or found["key_hash"] != digest:
        raise AlreadyAnswered
    return True


def onward(tx: Tx, survey: Survey, answers: rules.Answers, version: int | None) -> rules.Answers:
    """Answers to a version (None: the newest) in the newest version's codes. Raises Invalid."""
    number = version or survey.instrument_version
    read = rules.merged({}, answers, history.version_asked(tx, survey, number))
    if number == survey.instrument_version:
        return answers
    return carried(read, history.onward(tx, survey.id, number), survey.elements)


@dataclass(frozen=True, slots=True)
class Sent:
    """What counts of a submission, and the version that it answers."""

    answers: rules.Answers
    language: str
    version: int


def completed(tx: Tx, survey: Survey, saved: rules.Answers, sent: Sent) -> Sent:
    """What is sent, laid over what was saved. Raises Invalid listing every missing answer.

    A draft is in the newest version's codes; answers to an older one, sent late, stand by themselves.
    """
    elements = history.version_asked(tx, survey, sent.version)
    draft = saved if sent.version == survey.instrument_version else {}
    final = complete_answers(elements, rules.merged(draft, sent.answers, elements))
    return Sent(final, sent.language, sent.version)


def add_response(tx: Tx, survey: Survey, account: UUID | None, sent: Sent) -> None:
    """Keep the pairs that get ranked as rows, everything else with the response.

    `account` None: by a link, of somebody unknown. In a confidential survey the account goes to `pseudonyms` alone.
    """
    response_id = new_id() if survey.is_named else random_id()
    final, items = sent.answers, _items_of_version(tx, survey, sent.version)
    pairs = {code for code in final if code in items and set(final[code]) == set(SIDES)}
    response = {
        "id": response_id,
        "survey_id": survey.id,
        "anonymity": survey.anonymity,
        "account_id": account if survey.is_named else None,
        "language": sent.language,
        "version": sent.version,
        "given": {code: answer for code, answer in final.items() if code not in pairs},
        "groups": audience.groups_of(tx, survey, account, sent.language),
    }
    tx.session.execute(insert(tables.responses).values(response))
    points = [
        {"response_id": response_id, "item_id": items[code]}
        | {side: rules.point_of(final[code][side]) for side in SIDES}
        for code in sorted(pairs)
    ]
    if points:
        tx.session.execute(insert(tables.answers), points)
    if survey.is_confidential and account is not None:
        row = {"survey_id": survey.id, "account_id": account, "response_id": response_id}
        tx.session.execute(insert(tables.pseudonyms).values(row | {"anonymity": survey.anonymity}))


def _items_of_version(tx: Tx, survey: Survey, number: int) -> dict[str, UUID]:
    """Item ids by the codes of a version; in a MaxDiff survey the items are options, which are no answers."""
    if survey.method == MAXDIFF:
        return {}
    items = {item.code: item.id for item in store.all_items_of(tx, survey.id)}
    if number == survey.instrument_version:
        return items
    codes, elements = history.onward(tx, survey.id, number), history.version_asked(tx, survey, number)
    asked = [element["code"] for element in elements if element["kind"] == PAIR]
    return {code: items[codes.get(code, code)] for code in asked if codes.get(code, code) in items}


def key_hash(survey_id: UUID, caller: UUID, key: str | None) -> str | None:
    if not key:
        return None
    return hashlib.sha256(f"{survey_id}|{caller}|{key}".encode()).hexdigest()
