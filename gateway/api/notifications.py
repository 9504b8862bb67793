"""REST of the notifications service: one function per operationId of openapi/notifications.yaml, no rules."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from gateway.context import Answer, answer, call

Body = dict[str, Any]


def _ask(method: str, **payload: Any) -> Answer:
    return answer(call("notifications", method, {}, **payload))


def list_notifications(unread: bool = False, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of one's notifications."""
    return _ask("list_notifications", unread=unread, cursor=cursor, limit=limit)


def get_notification(id: str) -> Answer:  # noqa: A002 the name in the path
    """One of them."""
    return _ask("get_notification", id=id)


def count_unread() -> Answer:
    """How many are unread."""
    return _ask("count_unread")


def mark_read(id: str) -> Answer:  # noqa: A002 the name in the path
    """How many are unread after it."""
    return _ask("mark_read", id=id)


def mark_all_read() -> Answer:
    """None is unread after it."""
    return _ask("mark_all_read")


def send_test_notification() -> Answer:
    """A notification to oneself."""
    return answer(
        call("notifications", "send_test"), 201, location=lambda made: f"/api/v1/notifications/{made['id']}"
    )


def get_preferences() -> Answer:
    """Kinds and channels."""
    return _ask("get_preferences")


def set_preferences(body: Body) -> Answer:
    """Kinds and channels after the change."""
    return answer(call("notifications", "set_preferences", body))


def read_unsubscribe_link(token: str) -> Answer:
    """A link in a mail's header, opened in a browser: the page asks before anything changes."""
    return answer(None, 303, location=lambda _: f"/unsubscribe/{quote(token, safe='')}")


def unsubscribe(token: str) -> Answer:
    """The kind of mail that ended."""
    return _ask("unsubscribe", token=token)


def list_mailbox(cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of the demo's mails."""
    return _ask("list_mailbox", cursor=cursor, limit=limit)


def get_mail(mail_id: str) -> Answer:
    """One of them."""
    return _ask("get_mail", mail_id=mail_id)
