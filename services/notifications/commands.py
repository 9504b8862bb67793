"""Every write but the sending of mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.notifications import store
from services.notifications.domain.delivery import PENDING
from services.notifications.domain.kinds import EMAIL
from services.notifications.domain.routing import Announcement, Choices, Planned, plan
from services.notifications.domain.unsubscribe import check_token, read_token
from services.notifications.tables import deliveries, mailbox, notifications, preferences, recipients
from shared.contracts.identity import AccountRegistered, AccountUpdated
from shared.contracts.notifications import NotificationCreated
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import new_id, new_secret

KEEP = timedelta(days=365)
KEEP_MAILBOX = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Preference:
    kind: str
    channel: str
    enabled: bool


def know_person(tx: Tx, event: AccountRegistered | AccountUpdated, sequence: int) -> None:
    """Keep the newest state of an account; events may come in any order."""
    _know(tx, event.account_id, sequence, roles=sorted(event.roles), language=event.language,
          time_zone=event.time_zone)  # fmt: skip


def forget_person(tx: Tx, account_id: UUID) -> None:
    """Nothing goes to a disabled account, even if the news of its registration is still on its way."""
    _know(tx, account_id, -1)
    mine = recipients.c.account_id == account_id
    tx.session.execute(update(recipients).where(mine).values(active=False))


def _know(tx: Tx, account_id: UUID, sequence: int, **values: Any) -> None:
    known = store.lock_recipient(tx, account_id)
    if known is None:
        blank = {
            "roles": [],
            "language": "fr",
            "time_zone": "America/Toronto",
            "active": True,
            "unsubscribe_key": new_secret(),
        }
        tx.session.execute(
            insert(recipients).values({**blank, **values, "account_id": account_id, "sequence": sequence})
        )
    elif sequence > known["sequence"]:
        mine = recipients.c.account_id == account_id
        tx.session.execute(update(recipients).where(mine).values(**values, sequence=sequence))


def announce(tx: Tx, what: Announcement, source_id: UUID) -> list[UUID]:
    """Notify everybody who is meant, in one batch; ids of the new notifications.

    `source_id`: the event, so that the same one never notifies anybody twice.
    """
    people = store.audience(tx, what.only)
    choices = Choices(store.wanted(tx, what), store.hushed(tx, what))
    done = store.already_told(tx, source_id, what)
    planned = [one for one in plan(what, people, choices) if one.account_id not in done]
    return _record(tx, what, source_id, planned)


def _record(tx: Tx, what: Announcement, source_id: UUID, planned: Sequence[Planned]) -> list[UUID]:
    if not planned:
        return []
    ids = [new_id() for _ in planned]
    shared = {
        "kind": what.kind, "params": what.params, "reason": what.reason, "subject_id": what.subject_id,
        "source_id": source_id, "created_at": tx.now, "read_at": None,
    }  # fmt: skip
    tx.session.execute(
        insert(notifications),
        [shared | {"id": row_id, "account_id": one.account_id, "in_app": one.in_app}
         for row_id, one in zip(ids, planned, strict=True)],
    )  # fmt: skip
    _deliver_later(tx, [row_id for row_id, one in zip(ids, planned, strict=True) if one.email])
    _publish(
        tx,
        what.kind,
        {one.account_id: row_id for row_id, one in zip(ids, planned, strict=True) if one.in_app},
    )
    return ids


def _deliver_later(tx: Tx, notification_ids: Sequence[UUID]) -> None:
    if notification_ids:
        shared = {"channel": EMAIL, "status": PENDING, "attempts": 0, "next_attempt_at": tx.now}
        rows = [shared | {"id": new_id(), "notification_id": row_id} for row_id in notification_ids]
        tx.session.execute(insert(deliveries), rows)


def _publish(tx: Tx, kind: str, shown: dict[UUID, UUID]) -> None:
    unread = store.unread_of(tx, list(shown))
    for account_id, row_id in shown.items():
        event = NotificationCreated(row_id, account_id, kind, unread[account_id])
        tx.publish(event, subject=row_id)


def mark_read(tx: Tx, notification_id: UUID) -> int:
    """Mark one of the actor's notifications as read; how many are unread now. Raises NotFound."""
    account_id = tx.actor.require_account()
    mine = (notifications.c.id == notification_id) & (notifications.c.account_id == account_id)
    if tx.session.scalar(select(notifications.c.id).where(mine)) is None:
        raise NotFound
    unread = notifications.c.read_at.is_(None)
    tx.session.execute(update(notifications).where(mine, unread).values(read_at=tx.now))
    return store.unread_of(tx, [account_id])[account_id]


def mark_all_read(tx: Tx) -> None:
    """Mark all of the actor's notifications as read."""
    mine = notifications.c.account_id == tx.actor.require_account()
    unread = notifications.c.read_at.is_(None)
    tx.session.execute(update(notifications).where(mine, unread).values(read_at=tx.now))


def set_preferences(tx: Tx, items: Sequence[Preference]) -> None:
    """Keep the actor's choices; what is not named stays."""
    account_id = tx.actor.require_account()
    for item in sorted(items, key=lambda item: (item.kind, item.channel)):
        _choose(tx, account_id, item)


def unsubscribe(tx: Tx, token: str) -> str:
    """End one kind of mail for the account that a link was made for; again changes nothing. The kind.

    Raises BadUnsubscribeLink.
    """
    account_id, kind = checked(tx, token)
    _choose(tx, account_id, Preference(kind, EMAIL, enabled=False))
    return kind


def checked(tx: Tx, token: str) -> tuple[UUID, str]:
    """Account and kind of a genuine link. Raises BadUnsubscribeLink."""
    account_id, _kind = read_token(token)
    return check_token(token, store.unsubscribe_key(tx, account_id))


def _choose(tx: Tx, account_id: UUID, item: Preference) -> None:
    row = {"account_id": account_id, "kind": item.kind, "channel": item.channel, "enabled": item.enabled}
    upsert(tx.session, preferences, row)


def prune(tx: Tx) -> None:
    """Forget notifications after a year and the demo's mails after a month."""
    old = select(notifications.c.id).where(notifications.c.created_at < tx.now - KEEP)
    tx.session.execute(delete(deliveries).where(deliveries.c.notification_id.in_(old)))
    tx.session.execute(delete(notifications).where(notifications.c.created_at < tx.now - KEEP))
    tx.session.execute(delete(mailbox).where(mailbox.c.at < tx.now - KEEP_MAILBOX))
