"""The link that ends one kind of mail with one click: account and kind, signed with the account's own key.

HMAC (RFC 2104) with SHA-256. Nothing else can be done with the link, so it needs no sign-in and never expires.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from services.notifications.domain.errors import BadUnsubscribeLink
from services.notifications.domain.kinds import KINDS


def token_of(account_id: UUID, kind: str, key: str) -> str:
    """`<account>.<kind>.<signature>`, safe in an address."""
    return f"{account_id.hex}.{kind}.{_signature(account_id, kind, key)}"


def read_token(token: str) -> tuple[UUID, str]:
    """Account and kind that a token names; not yet checked. Raises BadUnsubscribeLink."""
    try:
        account, kind, _ = token.split(".")
        account_id = UUID(hex=account)
    except ValueError:
        raise BadUnsubscribeLink from None
    if kind not in KINDS:
        raise BadUnsubscribeLink
    return account_id, kind


def check_token(token: str, key: str) -> tuple[UUID, str]:
    """Account and kind of a genuine token. Raises BadUnsubscribeLink."""
    account_id, kind = read_token(token)
    expected = token_of(account_id, kind, key)
    if not hmac.compare_digest(expected.encode(), token.encode()):
        raise BadUnsubscribeLink
    return account_id, kind


def _signature(account_id: UUID, kind: str, key: str) -> str:
    message = f"unsubscribe:{account_id.hex}:{kind}".encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()[:40]
