"""Reads: SQL to plain views, each of the actor's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from services.notifications import policy, words
from services.notifications.domain.kinds import CHANNELS, KINDS, kinds_for
from services.notifications.tables import mailbox, notifications, preferences
from shared.actor import Actor
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of


def _mine(tx: Tx) -> ColumnElement[bool]:
    return (notifications.c.account_id == tx.actor.require_account()) & notifications.c.in_app


def _view(row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    kind = KINDS[row["kind"]]
    return {
        "id": str(row["id"]),
        "kind": row["kind"],
        "params": row["params"],
        "reason": row["reason"],
        "created_at": row["created_at"].isoformat(),
        "read_at": row["read_at"].isoformat() if row["read_at"] else None,
        "text": words.sentence(row, actor.language, actor.time_zone),
        "why": words.why(row["reason"], actor.language),
        "icon": kind.icon,
        "href": f"/notifications/{row['id']}/open",
        "target": kind.href(row["params"]),
    }


def list_notifications(tx: Tx, request: PageRequest, *, unread: bool) -> dict[str, Any]:
    """Newest first; `unread`: only those. One query. Raises NotAuthenticated."""
    statement = select(notifications).where(_mine(tx))
    if unread:
        statement = statement.where(notifications.c.read_at.is_(None))
    if request.after:
        statement = statement.where(notifications.c.id < parse_id(request.after[0]))
    found = rows(tx, statement.order_by(notifications.c.id.desc()).limit(request.limit + 1))
    return page_of(found, request, lambda row: [row["id"]], lambda row: _view(row, tx.actor))


def get_notification(tx: Tx, notification_id: UUID) -> dict[str, Any]:
    """One. Raises NotAuthenticated, NotFound."""
    found = rows(tx, select(notifications).where(_mine(tx), notifications.c.id == notification_id))
    if not found:
        raise NotFound
    return _view(found[0], tx.actor)


def count_unread(tx: Tx) -> dict[str, int]:
    """How many are unread. Raises NotAuthenticated."""
    unread = notifications.c.read_at.is_(None)
    count = select(func.count()).select_from(notifications).where(_mine(tx), unread)
    return {"unread": tx.session.scalar(count) or 0}


def get_preferences(tx: Tx) -> dict[str, Any]:
    """Every kind the actor can get with every channel: what holds, and what held by default."""
    mine = preferences.c.account_id == tx.actor.require_account()
    chosen = {
        (row["kind"], row["channel"]): row["enabled"] for row in rows(tx, select(preferences).where(mine))
    }
    return {
        "items": [
            {
                "kind": kind.name,
                "channel": channel,
                "enabled": chosen.get((kind.name, channel), kind.default(channel)),
                "default": kind.default(channel),
            }
            for kind in kinds_for(tx.actor.roles)
            for channel in CHANNELS
        ]
    }


def list_mailbox(tx: Tx, request: PageRequest) -> dict[str, Any]:
    """Mails of the demo, newest first: one's own, an admin's everybody's. Raises NotAuthenticated."""
    columns = [mailbox.c[name] for name in ("id", "account_id", "language", "subject", "at")]
    statement = select(*columns).order_by(mailbox.c.id.desc()).limit(request.limit + 1)
    statement = statement.where(_readable(tx))
    if request.after:
        statement = statement.where(mailbox.c.id < parse_id(request.after[0]))
    return page_of(rows(tx, statement), request, lambda row: [row["id"]], _mail)


def get_mail(tx: Tx, mail_id: UUID) -> dict[str, Any]:
    """One mail of the demo. Raises NotAuthenticated, NotFound."""
    found = rows(tx, select(mailbox).where(_readable(tx), mailbox.c.id == mail_id))
    if not found:
        raise NotFound
    return _mail(found[0]) | {"text": found[0]["text"], "html": found[0]["html"]}


def _readable(tx: Tx) -> ColumnElement[bool]:
    account_id = tx.actor.require_account()
    everything = policy.can_read_every_mail(tx.actor)
    return mailbox.c.id.is_not(None) if everything else mailbox.c.account_id == account_id


def _mail(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "account_id": str(row["account_id"]),
        "language": row["language"],
        "subject": row["subject"],
        "at": row["at"].isoformat(),
    }
