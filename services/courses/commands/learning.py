"""Learning: enrol, open, view, answer. Whatever one learner does in one course queues on the enrolment's row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, insert, select
from xblock.core import XBlock
from xblock.exceptions import NoSuchHandlerError

from services.courses import h5p, store
from services.courses.commands import certificates, evaluations
from services.courses.commands.h5p_results import take_result
from services.courses.domain.course import Course
from services.courses.domain.errors import (
    StatementIdReused,
    StatementRefused,
    WrongKind,
)
from services.courses.domain.learning import (
    Attempt,
    Enrolment,
    Outcome,
    completed_parts,
    progress,
    score_of,
)
from services.courses.domain.outline import H5P, Outline, OutlineItem
from services.courses.domain.rules import attention, has_failed, is_met
from services.courses.gates import require_open
from services.courses.h5p_log import log_event
from services.courses.players.xblock_runtime import HandlerRequest, Published, load_block
from services.courses.tables import completions, play_grants, statements, states
from services.courses.views import lineage_of
from shared.contracts.courses import CourseCompleted, ModuleCompleted, UnitCompleted
from shared.db.dialect import insert_new, upsert
from shared.db.tx import Tx
from shared.errors import FieldProblem, NotFound
from shared.ids import hash_secret, new_id, new_secret
from shared.storage import Storage

GRANT = timedelta(hours=12)
_DONE = frozenset({"completed", "passed", "failed", "mastered"})
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """What one call completed besides the activity."""

    units: int = 0
    modules: int = 0
    course: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """A learner at an activity: everything is locked by the enrolment."""

    enrolment: Enrolment
    item: OutlineItem
    attempt: Attempt


def sit_down(tx: Tx, activity_id: object) -> Seat:
    """Lock the actor's enrolment and find or start the attempt. Raises NotFound, Locked (only to begin)."""
    item = store.learner_activity(tx, activity_id)
    enrolment = store.require_enrolment(tx, item.course_id)
    attempt = store.find_attempt(tx, enrolment.id, item.id)
    if attempt is None:
        require_open(tx, enrolment, item)
        attempt = Attempt(new_id(), enrolment.id, item.id, tx.now)
        tx.add(attempt)
    enrolment.last_seen_at, enrolment.last_activity_id = tx.now, item.id
    tx.session.flush()
    return Seat(enrolment, item, attempt)


def credit(tx: Tx, seat: Seat, outcome: Outcome) -> View:
    """Give the attempt an outcome, and the parts that it completes. Returns the AttemptView."""
    newly = _count(tx, seat, outcome)
    tx.session.flush()
    outline = store.learner_outline(tx, seat.enrolment.course_id)
    completed = store.completed_activities(tx, seat.enrolment.id)
    parts = settle(tx, seat.enrolment, outline, completed) if newly else Parts()
    return attempt_view(seat.attempt) | {
        "progress": progress(outline, completed),
        "unit_completed": parts.units > 0,
        "module_completed": parts.modules > 0,
        "course_completed": parts.course,
    }


def _count(tx: Tx, seat: Seat, outcome: Outcome) -> bool:
    """Let an outcome count by the activity's rule; True when it completed the activity."""
    attempt, rule = seat.attempt, seat.item.rule
    better = attempt.take(outcome)
    attempt.failures += has_failed(rule, outcome)
    newly = is_met(rule, attempt, outcome) and attempt.complete(tx.now)
    if better or newly:
        seat.enrolment.progressed_at = tx.now
    return newly


def attempt_view(attempt: Attempt) -> View:
    """The attempt by itself."""
    done = attempt.completed_at
    return {
        "activity_id": str(attempt.activity_id),
        "completed": done is not None,
        "completed_at": done.isoformat() if done else None,
        "score": attempt.score,
    }


def settle(tx: Tx, enrolment: Enrolment, outline: Outline, completed: set[UUID]) -> Parts:
    """Publish what is complete and was not yet: each unit, module and course once per enrolment."""
    counts = {"unit": 0, "module": 0}
    for part in completed_parts(outline, completed):
        if _mark(tx, enrolment, part.id, part.kind):
            counts[part.kind] += 1
            ids = (enrolment.course_id, part.id, enrolment.account_id)
            event = UnitCompleted(*ids) if part.kind == "unit" else ModuleCompleted(*ids)
            tx.publish(event, subject=enrolment.id)
    return Parts(counts["unit"], counts["module"], _settle_course(tx, enrolment, outline, completed))


def _settle_course(tx: Tx, enrolment: Enrolment, outline: Outline, completed: set[UUID]) -> bool:
    whole = progress(outline, completed) == 1.0
    if not whole or not _mark(tx, enrolment, enrolment.course_id, "course"):
        return False
    enrolment.completed_at = tx.now
    course = tx.session.get_one(Course, enrolment.course_id)
    event = CourseCompleted(course.id, enrolment.account_id, dict(course.title), course.need_id)
    tx.publish(event, subject=enrolment.id)
    certificates.earn(tx, course, enrolment)
    evaluations.schedule(tx, enrolment)
    return True


def _mark(tx: Tx, enrolment: Enrolment, part_id: UUID, kind: str) -> bool:
    row = {"enrolment_id": enrolment.id, "part_id": part_id, "kind": kind, "completed_at": tx.now}
    return insert_new(tx.session, completions, row)


def mark_viewed(tx: Tx, activity_id: object) -> View:
    """Seen: completes the activity if that is its rule."""
    seat = sit_down(tx, activity_id)
    return credit(tx, seat, Outcome(viewed=True))


def beat(tx: Tx, activity_id: object, seconds: int) -> View:
    """A heartbeat of a page that is being looked at: `seconds` of attention, never more than have passed."""
    seat = sit_down(tx, activity_id)
    seat.attempt.dwell += attention(seconds, seat.attempt.beat_at, tx.now)
    seat.attempt.beat_at = tx.now
    return credit(tx, seat, Outcome()) | {"dwell": seat.attempt.dwell}


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """`homepage`: the platform's own address, for the actor's account; `key`: the caller's Idempotency-Key."""

    activity_id: object
    statement: object
    pseudonym: str
    homepage: str
    key: str | None
    storage: Storage


def record_statement(tx: Tx, cmd: RecordStatement) -> View:
    """Keep a statement and let it count; a repeated id changes nothing.

    One that breaks a rule is kept with its `problems`, which are answered, and has no effect. Raises NotFound (not
    enrolled), WrongKind, StatementRefused (nothing in it can be kept), StatementIdReused.
    """
    seat = sit_down(tx, cmd.activity_id)
    if seat.item.block_type != H5P:
        raise WrongKind
    given = _with_id(cmd, seat.attempt.id)
    statement = h5p.normalise(
        given, account_homepage=cmd.homepage, account_name=cmd.pseudonym,
        activity_iri=f"{cmd.homepage}/activities/{seat.item.id}", now=tx.now,
    )  # fmt: skip
    if any(problem.code in h5p.UNUSABLE for problem in statement.problems):
        raise StatementRefused(fields=_reasons(statement.problems))
    fresh = _keep(tx, seat.attempt.id, statement, _digest(given))
    if not fresh or not statement.valid:
        problems = [problem.code for problem in statement.problems]
        return credit(tx, seat, Outcome()) | {"problems": problems}
    return credit(tx, seat, _said(tx, cmd.storage, seat, statement)) | {"problems": []}


def _with_id(cmd: RecordStatement, attempt_id: UUID) -> object:
    """Players send no id; the key of the request then names the statement, so that a resend is the same one."""
    if not isinstance(cmd.statement, Mapping) or "id" in cmd.statement or not cmd.key:
        return cmd.statement
    return {**cmd.statement, "id": str(uuid5(attempt_id, cmd.key))}


def _reasons(problems: Sequence[h5p.Problem]) -> list[FieldProblem]:
    texts = [{language: problem.message(language) for language in ("fr", "en")} for problem in problems]
    return [
        FieldProblem("statement", problem.code, {**problem.params, "message": text})
        for problem, text in zip(problems, texts, strict=True)
    ]


def _digest(statement: object) -> str:
    return hashlib.sha256(json.dumps(statement, sort_keys=True).encode()).hexdigest()


def _keep(tx: Tx, attempt_id: UUID, statement: h5p.Statement, digest: str) -> bool:
    row = {
        "attempt_id": attempt_id, "id": UUID(statement.id), "digest": digest, "verb": statement.verb,
        "sub_content_id": statement.sub_content_id,
        "score": statement.score.scaled if statement.score else None,
        "document": statement.document, "stored_at": tx.now,
    }  # fmt: skip
    if statement.problems:
        row["problems"] = [problem.code for problem in statement.problems]
    if insert_new(tx.session, statements, row):
        return True
    here = (statements.c.attempt_id == attempt_id) & (statements.c.id == row["id"])
    if tx.session.execute(select(statements.c.digest).where(here)).scalar_one() != digest:
        raise StatementIdReused
    return False


def _said(tx: Tx, storage: Storage, seat: Seat, statement: h5p.Statement) -> Outcome:
    """What a statement means: a row per question, and for the whole an outcome, through the block as for any other."""
    if statement.is_toolbar:
        log_event(tx, "content", statement.verb, activity_id=seat.item.id)
        return Outcome()
    runtime = store.runtime_for(tx)
    block = load_block(runtime, seat.item.id)
    worth = take_result(tx, storage, seat.attempt.id, block.content_for(tx.actor.language), statement)
    if statement.sub_content_id is not None or statement.parent_iri is not None:
        return Outcome()
    done = statement.completion is not False and (statement.verb in _DONE or bool(statement.completion))
    block.take_result(score=worth.score, completed=done)
    outcome = outcome_of(block, runtime.published)
    if outcome.completed:
        log_event(tx, "results", "set", activity_id=seat.item.id)
    return Outcome(outcome.completed, outcome.score, worth.success, submitted=outcome.submitted)


def outcome_of(block: XBlock, published: Sequence[Published]) -> Outcome:
    """What a block's events mean for the attempt.

    `grade` {value, max_value} gives a score, and completes a block that has no completion of its own;
    `completion` {completion: 1.0} completes; anything else, and numbers out of range, mean nothing.
    """
    completed, submitted, best = False, False, None
    for event in published:
        if event.kind == "grade":
            submitted = True
            score = score_of(event.data.get("value"), event.data.get("max_value", 1.0))
            best = score if best is None or (score is not None and score > best) else best
            completed = completed or not getattr(block, "has_custom_completion", False)
        elif event.kind == "completion":
            completed = completed or event.data.get("completion") == 1.0
    return Outcome(completed, best, submitted=submitted)


@dataclass(frozen=True, slots=True)
class SaveState:
    activity_id: object
    data_type: str
    sub_content_id: str
    state: str | None
    sequence: int
    content_id: UUID | None = None


def save_state(tx: Tx, cmd: SaveState) -> View:
    """Keep the newest state by the browser's own sequence number; None deletes.

    `content_id` is what the browser plays: a state that does not fit a present content is not kept.
    """
    seat = sit_down(tx, cmd.activity_id)
    if seat.item.block_type != H5P:
        raise WrongKind
    lineage = _lineage(tx, seat.item, cmd.content_id)
    if lineage is None:
        return {"saved": False, "sequence": cmd.sequence}
    key = {
        "attempt_id": seat.attempt.id, "data_type": cmd.data_type, "sub_content_id": cmd.sub_content_id,
        "lineage": lineage,
    }  # fmt: skip
    here = [states.c[name] == value for name, value in key.items()]
    known = tx.session.execute(select(states.c.sequence).where(*here)).scalar_one_or_none()
    if known is not None and cmd.sequence <= known:
        return {"saved": False, "sequence": known}
    row = key | {"state": cmd.state, "sequence": cmd.sequence, "saved_at": tx.now}
    upsert(tx.session, states, row)
    return {"saved": True, "sequence": cmd.sequence}


def _lineage(tx: Tx, item: OutlineItem, played: UUID | None) -> UUID | None:
    """Of what is played (else of what the reader's language is served), if a present content has it."""
    block = load_block(store.runtime_for(tx), item.id)
    present = {one: lineage_of(tx, UUID(one)) for one in block.contents}
    if played is None:
        return present.get(block.content_for(tx.actor.language))
    wanted = lineage_of(tx, played)
    return wanted if wanted in present.values() else None


@dataclass(frozen=True, slots=True)
class CallHandler:
    activity_id: object
    handler: str
    request: HandlerRequest


def call_handler(tx: Tx, cmd: CallHandler) -> View:
    """Run an XBlock's handler; what it publishes counts. Raises NotFound for an unknown one."""
    seat = sit_down(tx, cmd.activity_id)
    runtime = store.runtime_for(tx)
    block = load_block(runtime, seat.item.id)
    try:
        response = runtime.call_handler(seat.item.id, cmd.handler, cmd.request)
    except NoSuchHandlerError:
        raise NotFound from None
    attempt = credit(tx, seat, outcome_of(block, runtime.published))
    body = response.body.decode("utf-8", "replace")
    return {
        "status": response.status_int, "content_type": response.content_type, "body": body, "attempt": attempt,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """For whom a content is played. `attempt_id` None: a preview, in which nothing is kept."""

    activity_id: UUID
    content_id: UUID
    attempt_id: UUID | None


def grant_play(tx: Tx, grant: Grant) -> View:
    """A secret under which the content origin serves one content for twelve hours."""
    token, nonce = new_secret(), new_secret()
    tx.session.execute(insert(play_grants).values(
        token_hash=hash_secret(token), account_id=tx.actor.require_account(), activity_id=grant.activity_id,
        content_id=grant.content_id, attempt_id=grant.attempt_id, nonce=nonce, language=tx.actor.language,
        expires_at=tx.now + GRANT,
    ))  # fmt: skip
    return {
        "token": token, "path": f"/play/{token}", "nonce": nonce, "read_only": grant.attempt_id is None,
        "expires_at": (tx.now + GRANT).isoformat(), "language": tx.actor.language,
    }  # fmt: skip


def expire_grants(tx: Tx) -> None:
    """Forget grants that have ended."""
    tx.session.execute(delete(play_grants).where(play_grants.c.expires_at < tx.now))
