"""The three secrets a person may hold: an invitation, a session, a personal token. Only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.ids import hash_secret, new_id, new_secret

INVITATION_LIFETIME = timedelta(days=14)
TOKEN_PREFIX = "cercle_"  # noqa: S105 lets secret scanners recognise a leaked token
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(eq=False)
class Invitation:
    """May become one account, once, within two weeks. `email_norm` is set when it was addressed to someone."""

    id: UUID
    secret_hash: str
    email: str | None
    roles: frozenset[str]
    language: str
    created_by: UUID | None
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    accepted_by: UUID | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> Literal["pending", "accepted", "revoked", "expired"]:
        """Where it stands."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "pending" if now < self.expires_at else "expired"

    def renew(self) -> str:
        """A new secret; the one before opens nothing any more."""
        secret = new_secret()
        self.secret_hash = hash_secret(secret)
        return secret


@dataclass(eq=False)
class Session:
    """A signed-in browser. `expires_at` is the absolute end; idleness is judged from `last_seen_at`."""

    id: UUID
    account_id: UUID
    secret_hash: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(eq=False)
class Token:
    """A named personal token for the API; scopes of read and write."""

    id: UUID
    account_id: UUID
    name: str
    secret_hash: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    def renew(self) -> str:
        """A new secret; the one before opens nothing any more."""
        secret = TOKEN_PREFIX + new_secret()
        self.secret_hash = hash_secret(secret)
        return secret


def new_invitation(
    email: str | None, roles: frozenset[str], language: str, created_by: UUID | None, now: datetime
) -> tuple[Invitation, str]:
    """An invitation and its secret, which exists nowhere else."""
    secret = new_secret()
    made = Invitation(
        new_id(), hash_secret(secret), email, roles, language, created_by, now, now + INVITATION_LIFETIME
    )
    return made, secret


def new_session(account_id: UUID, user_agent: str, now: datetime, absolute: timedelta) -> tuple[Session, str]:
    """A session and its secret."""
    secret = new_secret()
    family = user_agent_family(user_agent)
    return Session(new_id(), account_id, hash_secret(secret), family, now, now, now + absolute), secret


def new_token(account_id: UUID, name: str, scopes: list[str], days: int, now: datetime) -> tuple[Token, str]:
    """A token of `days` days and its secret."""
    secret = TOKEN_PREFIX + new_secret()
    ends = now + timedelta(days=days)
    return Token(new_id(), account_id, name, hash_secret(secret), scopes, now, ends), secret


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
             ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def user_agent_family(user_agent: str) -> str:
    """`Firefox, Windows`: enough to recognise one's own device, too little to track it. Empty when unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
