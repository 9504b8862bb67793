"""Playing H5P: what setFinished says, and how long the log is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.courses import policy, store
from services.courses.commands.learning import credit, sit_down
from services.courses.domain.errors import WrongKind
from services.courses.domain.h5p_play import FinishRefused
from services.courses.domain.learning import Outcome
from services.courses.domain.outline import H5P
from services.courses.h5p import scoring
from services.courses.h5p_log import log_event
from services.courses.tables import (
    h5p_contents,
    h5p_event_policy,
    h5p_finishes,
)
from shared.db.dialect import insert_new, upsert
from shared.db.tx import Tx
from shared.errors import FieldProblem, NotFound

View = dict[str, Any]
_SLACK_S = 300
"""A browser's clock may be this far ahead."""
_LONGEST_S = 366 * 86_400


@dataclass(frozen=True, slots=True)
class SetFinished:
    """`opened` and `finished`: seconds since 1970 by the player's clock; `time`: seconds it was played, if told."""

    activity_id: object
    score: float
    max_score: float
    opened: int
    finished: int
    time: int | None


def set_finished(tx: Tx, cmd: SetFinished) -> View:
    """The player's own word that the content is finished; the same word again changes nothing.

    Its score counts only where the answers cannot be judged: there the statements say more. Raises NotFound,
    WrongKind, FinishRefused.
    """
    seat = sit_down(tx, cmd.activity_id)
    if seat.item.block_type != H5P:
        raise WrongKind
    _check(cmd, int(tx.now.timestamp()))
    seconds = cmd.time if cmd.time is not None else cmd.finished - cmd.opened
    row = {
        "attempt_id": seat.attempt.id, "opened": cmd.opened, "finished": cmd.finished, "score": cmd.score,
        "max_score": cmd.max_score, "seconds": seconds, "stored_at": tx.now,
    }  # fmt: skip
    if not insert_new(tx.session, h5p_finishes, row):
        return credit(tx, seat, Outcome())
    content_id = store.runtime_for(tx).get_block(str(seat.item.id)).content_for(tx.actor.language)
    library = _library(tx, content_id)
    log_event(tx, "results", "set", activity_id=seat.item.id, library=library)
    counts = cmd.max_score > 0 and not _is_judged(library)
    score = cmd.score / cmd.max_score if counts else None
    return credit(tx, seat, Outcome(completed=True, score=score, submitted=True))


def _check(cmd: SetFinished, now: int) -> None:
    wrong = {
        "score": not 0 <= cmd.score <= cmd.max_score,
        "finished": not 0 < cmd.finished <= now + _SLACK_S,
        "opened": not 0 < cmd.opened <= cmd.finished,
        "time": cmd.time is not None and not 0 <= cmd.time <= _LONGEST_S,
    }
    problems = [FieldProblem(name, "out-of-range") for name, bad in wrong.items() if bad]
    if problems:
        raise FinishRefused(fields=problems)


def _library(tx: Tx, content_id: str) -> str | None:
    if not content_id:
        return None
    found = select(h5p_contents.c.main_library).where(h5p_contents.c.id == UUID(content_id))
    return tx.session.execute(found).scalar_one_or_none()


def _is_judged(library: str | None) -> bool:
    """True where statements, and not this call, bring the score: judged types and sums of parts."""
    whole = scoring.parts_of(library or "", {})[0]
    return scoring.is_judged(whole) or whole.library in scoring.CONTAINERS


def set_event_policy(tx: Tx, *, keep_days: int) -> View:
    """How long the event log is kept. Raises NotFound for others than admins."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound
    upsert(tx.session, h5p_event_policy, {"id": 1, "keep_days": keep_days})
    return {"keep_days": keep_days}
