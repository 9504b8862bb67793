"""One mail in words: subject, plain text and HTML in the member's language, without names and without what was written."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID

from services.notifications import words
from services.notifications.domain.kinds import KINDS
from services.notifications.domain.unsubscribe import token_of
from shared import i18n

_PAGE = """<!doctype html>
<html lang="{lang}-CA"><head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px;background:#f7f5f0;color:#22302f;font:16px/1.5 'Source Sans 3',Helvetica,Arial,sans-serif">
<div style="max-width:36rem;margin:0 auto;padding:28px;background:#ffffff;border:1px solid #ddd8cc;border-radius:8px">
<p style="margin:0 0 20px;font-weight:600;color:#0f5c56">{product}</p>
{body}
<p style="margin:24px 0"><a href="{link}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#0f5c56;color:#ffffff;text-decoration:none;font-weight:600">{action}</a></p>
<p style="margin:24px 0 0;padding-top:16px;border-top:1px solid #ddd8cc;font-size:14px;color:#556261">{why}<br>{footer}</p>
</div></body></html>
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """To whom and how. `address`: empty where the channel needs none."""

    account_id: UUID
    language: str
    time_zone: str
    unsubscribe_key: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """`unsubscribe_url` takes the one-click POST of RFC 8058; `delivery_id` becomes the Message-ID."""

    delivery_id: UUID
    contact: Contact
    subject: str
    text: str
    html: str
    unsubscribe_url: str


def write(row: dict[str, Any], contact: Contact, origin: str) -> Mail:
    """The mail of one notification. row: its columns and `delivery_id`; origin: address of the pages."""
    parts = _parts(row, contact, origin)
    return Mail(
        row["delivery_id"], contact, parts["subject"], _text(parts), _html(parts, contact.language),
        f"{origin}/api/v1/unsubscribe/{token_of(contact.account_id, row['kind'], contact.unsubscribe_key)}",
    )  # fmt: skip


def _parts(row: dict[str, Any], contact: Contact, origin: str) -> dict[str, str]:
    language, kind = contact.language, KINDS[row["kind"]]
    key = f"mails.{words.variant(kind.name, row['params'], row['created_at'])}"
    said = words.filled(row["params"], language, contact.time_zone)
    token = token_of(contact.account_id, kind.name, contact.unsubscribe_key)
    return {
        "product": i18n.text(language, "mails.product"),
        "hello": i18n.text(language, "mails.hello"),
        "subject": _one_line(i18n.text(language, f"{key}.subject", **said)),
        "body": i18n.text(language, f"{key}.body", **said),
        "action": i18n.text(language, f"{key}.action"),
        "why": words.why(row["reason"], language),
        "link": origin + kind.href(row["params"]),
        "choose": i18n.text(language, "mails.choose"),
        "choose_link": f"{origin}/notifications/preferences",
        "stop": i18n.text(language, "mails.stop"),
        "stop_link": f"{origin}/unsubscribe/{token}",
        "colon": i18n.text(language, "mails.colon"),
    }


def _one_line(text: str) -> str:
    """A title may hold a line break; a header must not."""
    return " ".join(text.splitlines())[:250]


def _text(parts: dict[str, str]) -> str:
    colon = parts["colon"]
    lines = [
        parts["hello"], "", parts["body"], "", f"{parts['action']}{colon} {parts['link']}", "", "-- ",
        parts["why"],
        f"{parts['choose']}{colon} {parts['choose_link']}",
        f"{parts['stop']}{colon} {parts['stop_link']}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _html(parts: dict[str, str], language: str) -> str:
    safe = {name: escape(value) for name, value in parts.items()}
    body = "".join(f'<p style="margin:0 0 12px">{safe[name]}</p>' for name in ("hello", "body"))
    footer = (
        f'<a href="{safe["choose_link"]}" style="color:#0f5c56">{safe["choose"]}</a> · '
        f'<a href="{safe["stop_link"]}" style="color:#0f5c56">{safe["stop"]}</a>'
    )
    return _PAGE.format(
        lang=language, subject=safe["subject"], product=safe["product"], body=body, link=safe["link"],
        action=safe["action"], why=safe["why"], footer=footer,
    )  # fmt: skip
