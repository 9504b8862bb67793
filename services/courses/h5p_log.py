"""The H5P event log: who did what to which content or library, by id, for a limited time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select

from services.courses.domain.h5p_play import ACTIONS, KEEP_DAYS
from services.courses.tables import h5p_event_policy, h5p_events
from shared.db.tx import Tx
from shared.ids import new_id


def log_event(
    tx: Tx, kind: str, action: str, *, activity_id: UUID | None = None, content_id: UUID | None = None,
    library: str | None = None,
) -> None:  # fmt: skip
    """Add a line. It holds the actor's account id and nothing else of them."""
    if action not in ACTIONS[kind]:
        raise ValueError(action)
    tx.session.execute(insert(h5p_events).values(
        id=new_id(), at=tx.now, kind=kind, action=action, account_id=tx.actor.account_id, activity_id=activity_id,
        content_id=content_id, library=library,
    ))  # fmt: skip


def keep_days(tx: Tx) -> int:
    """How long lines are kept."""
    chosen = tx.session.execute(select(h5p_event_policy.c.keep_days)).scalar_one_or_none()
    return KEEP_DAYS if chosen is None else int(chosen)


def prune(tx: Tx) -> None:
    """Forget what is older."""
    oldest = tx.now - timedelta(days=keep_days(tx))
    tx.session.execute(delete(h5p_events).where(h5p_events.c.at < oldest))
