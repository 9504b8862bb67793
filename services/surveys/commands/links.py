"""Single-use links: made in batches, each opened and answered with its secret, of which only the hash is kept.

In confidential and anonymous surveys nothing ties a link to a response: it is used or not, without a time. As with
participations, closing an anonymous survey writes the links anew, in no order (see commands.closing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from services.surveys import store, tables
from services.surveys.commands.answering import Sent, add_response, completed, key_hash, onward
from services.surveys.domain import answers as rules
from services.surveys.domain.links import REVOKED, UNUSED, USED, LinkUsed, require_unused
from services.surveys.domain.survey import CLOSED, Survey, SurveyClosed
from shared.contracts.surveys import ResponseSubmitted
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import hash_secret, new_id, new_secret, random_id


@dataclass(frozen=True, slots=True)
class MakeLinks:
    """`label`: the coordinator's own words for the batch; who gets which link is nobody's business here."""

    survey_id: UUID
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class AnswerByLink:
    """`answers` by element code; `key`: the caller's Idempotency-Key. `instrument_version`: as in SaveDraft."""

    secret: str
    answers: dict[str, Any]
    language: str
    instrument_version: int | None = None
    key: str | None = None


def make_links(tx: Tx, cmd: MakeLinks) -> tuple[UUID, list[str]]:
    """A batch and its secrets, told this once. Raises NotFound, Forbidden, SurveyClosed."""
    survey = _running(tx, cmd.survey_id)
    batch = new_id()
    row = {"id": batch, "survey_id": survey.id, "label": cmd.label, "made": cmd.count, "revoked": False}
    made_by = {"created_by": tx.actor.require_account(), "created_at": tx.now}
    tx.session.execute(insert(tables.link_batches).values(row | made_by))
    return batch, _fill(tx, survey.id, batch, cmd.count)


def make_links_again(tx: Tx, batch_id: UUID) -> list[str]:
    """The same batch for a repeated call: new secrets for links that nobody has used, since the first may be lost."""
    table = tables.survey_links
    batch = _batch(tx, batch_id)
    _running(tx, batch.survey_id)
    unused = (table.c.batch_id == batch_id) & (table.c.state == UNUSED)
    gone = tx.session.execute(delete(table).where(unused).returning(table.c.id)).all()
    return _fill(tx, batch.survey_id, batch_id, len(gone))


def revoke_links(tx: Tx, survey_id: UUID, batch_id: UUID) -> None:
    """The unused links of a batch open nothing any more. Raises NotFound, Forbidden."""
    _coordinated(tx, survey_id)
    if _batch(tx, batch_id).survey_id != survey_id:
        raise NotFound
    link, batch = tables.survey_links, tables.link_batches
    unused = (link.c.batch_id == batch_id) & (link.c.state == UNUSED)
    gone = select(link.c.id).where(unused)
    tx.session.execute(delete(tables.link_drafts).where(tables.link_drafts.c.link_id.in_(gone)))
    tx.session.execute(update(link).where(unused).values(state=REVOKED))
    tx.session.execute(update(batch).where(batch.c.id == batch_id).values(revoked=True))


def opened(tx: Tx, secret: str, *, lock: bool = False) -> tuple[Any, Survey]:
    """The link of a secret and its survey. Raises NotFound, LinkRevoked; not LinkUsed, which is the caller's to say.

    `lock`: the survey shared, then the link alone, so that of two submissions by one link the second finds it used.
    """
    table = tables.survey_links
    chosen = select(table.c.id, table.c.survey_id, table.c.state, table.c.key_hash)
    found = tx.session.execute(chosen.where(table.c.secret_hash == hash_secret(secret))).one_or_none()
    if found is None:
        raise NotFound
    survey = tx.session.get_one(Survey, found.survey_id, with_for_update={"read": True} if lock else None)
    if lock:
        found = tx.session.execute(chosen.where(table.c.id == found.id).with_for_update()).one_or_none()
        if found is None:
            raise NotFound
    if found.state == REVOKED:
        require_unused(found.state)
    return found, survey


def save_draft(tx: Tx, cmd: AnswerByLink) -> None:
    """Keep some answers until they are sent. Raises NotFound, LinkUsed, LinkRevoked, SurveyClosed, SurveyNotOpen, Invalid."""
    link, survey = opened(tx, cmd.secret, lock=True)
    require_unused(link.state)
    survey.require_open(tx.now)
    given = onward(tx, survey, cmd.answers, cmd.instrument_version)
    answers = rules.merged(draft_of(tx, link.id).get("answers", {}), given, survey.elements)
    row = {"link_id": link.id, "answers": answers, "language": cmd.language, "saved_at": tx.now}
    upsert(tx.session, tables.link_drafts, row)


def submit(tx: Tx, cmd: AnswerByLink) -> None:
    """Take the answers, once per link. The same key again does nothing more.

    Raises NotFound, LinkUsed, LinkRevoked, SurveyClosed, SurveyNotOpen, or Invalid listing every missing answer.
    Effects: the link used (no time), a response (no account, no time, no link), the draft deleted.
    """
    link, survey = opened(tx, cmd.secret, lock=True)
    digest = key_hash(survey.id, link.id, cmd.key)
    if link.state == USED:
        if digest is not None and link.key_hash == digest:
            return
        raise LinkUsed
    survey.require_open(tx.now)
    sent = Sent(cmd.answers, cmd.language, cmd.instrument_version or survey.instrument_version)
    sent = completed(tx, survey, draft_of(tx, link.id).get("answers", {}), sent)
    table = tables.survey_links
    tx.session.execute(update(table).where(table.c.id == link.id).values(state=USED, key_hash=digest))
    tx.session.execute(delete(tables.link_drafts).where(tables.link_drafts.c.link_id == link.id))
    add_response(tx, survey, None, sent)
    tx.publish(ResponseSubmitted(survey.id), subject=survey.id)


def draft_of(tx: Tx, link_id: UUID) -> dict[str, Any]:
    """What is saved for a link: answers, language, saved_at; empty when nothing is."""
    table = tables.link_drafts
    chosen = select(table.c.answers, table.c.language, table.c.saved_at).where(table.c.link_id == link_id)
    found = tx.session.execute(chosen).mappings().one_or_none()
    return dict(found) if found else {}


def _fill(tx: Tx, survey_id: UUID, batch_id: UUID, count: int) -> list[str]:
    secrets = [new_secret() for _ in range(count)]
    shared = {"survey_id": survey_id, "batch_id": batch_id, "state": UNUSED, "key_hash": None}
    rows = [shared | {"id": random_id(), "secret_hash": hash_secret(secret)} for secret in secrets]
    if rows:
        tx.session.execute(insert(tables.survey_links), rows)
    return secrets


def _coordinated(tx: Tx, survey_id: UUID) -> Survey:
    survey = store.coordinated_survey(tx, survey_id)
    if survey.is_draft:
        raise NotFound
    return survey


def _running(tx: Tx, survey_id: UUID) -> Survey:
    survey = _coordinated(tx, survey_id)
    if survey.status(tx.now) == CLOSED:
        raise SurveyClosed
    return survey


def _batch(tx: Tx, batch_id: UUID) -> Row[Any]:
    table = tables.link_batches
    found = tx.session.execute(select(table).where(table.c.id == batch_id)).one_or_none()
    if found is None:
        raise NotFound
    return found
