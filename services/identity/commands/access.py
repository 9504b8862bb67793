"""Signing in and out, sessions, tokens, and the counters that slow guessing down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.identity import store
from services.identity.domain.access import Token, new_session, new_token
from services.identity.domain.account import Account
from services.identity.domain.attempts import BY_ACCOUNT, BY_NETWORK, Limit, attempt_key, network_of
from services.identity.domain.errors import BadCredentials, TooManyAttempts
from shared.db.tx import Tx


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries, from where. `email_norm` need not belong to anybody."""

    email_norm: str
    network: str

    def counters(self) -> tuple[tuple[Limit, str], ...]:
        """The counters it touches, always in this order, so that two tries cannot deadlock."""
        return (
            (BY_ACCOUNT, attempt_key(BY_ACCOUNT, self.email_norm)),
            (BY_NETWORK, attempt_key(BY_NETWORK, network_of(self.network))),
        )


@dataclass(frozen=True, slots=True)
class OpenSession:
    user_agent: str
    absolute: timedelta
    new_hash: str | None = None


@dataclass(frozen=True, slots=True)
class CreateToken:
    name: str
    scopes: frozenset[str]
    days: int


def begin_attempt(tx: Tx, attempt: Attempt) -> None:
    """Count the try as failed before the password is looked at. Raises TooManyAttempts within a wait."""
    counters = [(limit, store.lock_attempts(tx, key)) for limit, key in attempt.counters()]
    left = max(counter.seconds_left(tx.now) for _limit, counter in counters)
    if left:
        raise TooManyAttempts(retry_after=left, seconds=left)
    for limit, counter in counters:
        counter.count(limit, tx.now)


def forgive_attempt(tx: Tx, attempt: Attempt) -> None:
    """The try was right: forget the person's failures; the network only gets this one try back."""
    own, network = (store.lock_attempts(tx, key) for _limit, key in attempt.counters())
    tx.session.delete(own)
    network.forgive(tx.now)


def open_session(tx: Tx, account: Account, cmd: OpenSession) -> str:
    """A new session, always with a new secret, which is returned.

    Raises BadCredentials when the account was disabled or its password changed since it was checked.
    """
    fresh = store.account_by_email(tx, account.email_norm)
    if fresh is None or not fresh.is_active or fresh.password_hash != account.password_hash:
        raise BadCredentials
    if cmd.new_hash:
        fresh.password_hash = cmd.new_hash
    session, secret = new_session(fresh.id, cmd.user_agent, tx.now, cmd.absolute)
    tx.add(session)
    return secret


def create_token(tx: Tx, cmd: CreateToken) -> tuple[Token, str]:
    """A personal token; its secret is returned once and not kept."""
    account = store.own_account(tx)
    token, secret = new_token(account.id, cmd.name, sorted(cmd.scopes), cmd.days, tx.now)
    tx.add(token)
    return token, secret
