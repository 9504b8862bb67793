"""Loads for the writes: recipients, what they chose, what they were told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.notifications.domain.delivery import HUSH
from services.notifications.domain.errors import BadUnsubscribeLink
from services.notifications.domain.routing import Announcement, Recipient
from services.notifications.tables import deliveries, notifications, preferences, recipients
from shared.db.tx import Tx, rows

BATCH = 500
"""Ids in one IN list."""
HUSHED_KINDS = frozenset({"topic-reply"})


def lock_recipient(tx: Tx, account_id: UUID) -> dict[str, Any] | None:
    """A recipient's row, locked."""
    mine = select(recipients).where(recipients.c.account_id == account_id).with_for_update()
    return next(iter(rows(tx, mine)), None)


def audience(tx: Tx, only: frozenset[UUID] | None) -> list[Recipient]:
    """Active people: all, or those of the given accounts."""
    statement = select(recipients.c.account_id, recipients.c.roles).where(recipients.c.active)
    statement = statement.order_by(recipients.c.account_id)
    if only is None:
        found = rows(tx, statement)
    else:
        found = [
            row
            for part in _parts(sorted(only))
            for row in rows(tx, statement.where(recipients.c.account_id.in_(part)))
        ]
    return [Recipient(row["account_id"], frozenset(row["roles"])) for row in found]


def wanted(tx: Tx, what: Announcement) -> dict[tuple[UUID, str], bool]:
    """What people chose for a kind, by account and channel."""
    statement = select(preferences).where(preferences.c.kind == what.kind)
    if what.only is not None and len(what.only) <= BATCH:
        statement = statement.where(preferences.c.account_id.in_(what.only))
    return {(row["account_id"], row["channel"]): row["enabled"] for row in rows(tx, statement)}


def hushed(tx: Tx, what: Announcement) -> frozenset[UUID]:
    """Who had a mail about this discussion within the hour."""
    if what.kind not in HUSHED_KINDS:
        return frozenset()
    statement = (
        select(notifications.c.account_id)
        .join(deliveries, deliveries.c.notification_id == notifications.c.id)
        .where(
            notifications.c.subject_id == what.subject_id,
            notifications.c.kind == what.kind,
            notifications.c.created_at > tx.now - HUSH,
        )
    )
    return frozenset(tx.session.scalars(statement))


def already_told(tx: Tx, source_id: UUID, what: Announcement) -> frozenset[UUID]:
    """Who has a notification from this very event; of what is told once, also from an earlier one on its subject."""
    same = notifications.c.source_id == source_id
    if what.once:
        same |= notifications.c.subject_id == what.subject_id
    chosen = select(notifications.c.account_id).where(same, notifications.c.kind == what.kind)
    return frozenset(tx.session.scalars(chosen))


def unread_of(tx: Tx, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Unread notifications of each account."""
    counts = dict.fromkeys(account_ids, 0)
    open_ = notifications.c.read_at.is_(None) & notifications.c.in_app
    count = select(notifications.c.account_id, func.count()).where(open_).group_by(notifications.c.account_id)
    for part in _parts(account_ids):
        found = tx.session.execute(count.where(notifications.c.account_id.in_(part)))
        counts.update((row[0], row[1]) for row in found)
    return counts


def unsubscribe_key(tx: Tx, account_id: UUID) -> str:
    """The key of an account's links. Raises BadUnsubscribeLink."""
    found: str | None = tx.session.scalar(
        select(recipients.c.unsubscribe_key).where(recipients.c.account_id == account_id)
    )
    if found is None:
        raise BadUnsubscribeLink
    return found


def _parts(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    everything = list(ids)
    for start in range(0, len(everything), BATCH):
        yield everything[start : start + BATCH]
