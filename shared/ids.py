"""Identifiers: UUIDv7 where order and time may show, UUIDv4 where they must not."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from shared.errors import NotFound


def new_id() -> UUID:
    """A time-ordered id (UUIDv7, RFC 9562) for everything that is not anonymous."""
    return uuid7()


def random_id() -> UUID:
    """An id without any time in it (UUIDv4): anonymous responses must not reveal when they came."""
    return uuid4()


def parse_id(text: object) -> UUID:
    """The UUID written in `text`.

    Raises NotFound when it is none: a malformed id and an unknown id look alike to a caller.
    """
    if isinstance(text, UUID):
        return text
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound from None


def new_secret() -> str:
    """A 256-bit URL-safe secret for sessions, invitations and tokens; only its hash is ever stored."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 in hexadecimal of a high-entropy secret (no salt needed: it cannot be guessed)."""
    return hashlib.sha256(secret.encode()).hexdigest()
