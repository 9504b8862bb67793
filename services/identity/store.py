"""Load, lock, add. Loads that answer to a person take the actor; unknown and forbidden are both NotFound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, String, Table, delete, func, select, type_coerce, update

from services.identity.domain.access import Invitation, Token
from services.identity.domain.account import ACTIVE, Account
from services.identity.domain.attempts import FORGET_AFTER, Attempts
from services.identity.policy import can_manage_accounts, can_see_invitation
from services.identity.tables import accounts, attempts, invitations, sessions, tokens
from shared.actor import ADMIN
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import hash_secret


def has_role(role: str) -> ColumnElement[bool]:
    """SQL condition: the account holds `role`."""
    return type_coerce(accounts.c.roles, String).like(f"% {role} %")


def own_account(tx: Tx) -> Account:
    """The actor's account, locked. Raises NotAuthenticated, NotFound."""
    return _locked_account(tx, tx.actor.require_account())


def managed_account(tx: Tx, account_id: UUID) -> Account:
    """Somebody's account, locked, for who may manage accounts. Raises NotFound for others."""
    if not can_manage_accounts(tx.actor):
        raise NotFound
    return _locked_account(tx, account_id)


def _locked_account(tx: Tx, account_id: UUID) -> Account:
    statement = select(Account).where(accounts.c.id == account_id).with_for_update()
    found = tx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if found is None or not found.is_active:
        raise NotFound
    return found


def account_by_email(tx: Tx, email_norm: str) -> Account | None:
    """The account of a normalised address."""
    return tx.session.scalars(select(Account).where(accounts.c.email_norm == email_norm)).one_or_none()


def any_account(tx: Tx) -> bool:
    """True when somebody has registered."""
    return bool(tx.session.scalar(select(func.count()).select_from(accounts)))


def lock_admins(tx: Tx) -> list[UUID]:
    """Ids of the active admins, their rows locked in order: two admins cannot remove each other at once."""
    condition = (accounts.c.status == ACTIVE) & has_role(ADMIN)
    return list(
        tx.session.scalars(select(accounts.c.id).where(condition).order_by(accounts.c.id).with_for_update())
    )


def invitation_by_secret(tx: Tx, secret: str, *, lock: bool = False) -> Invitation:
    """The invitation a secret opens; locked, so that of many who accept it at once only one finds it pending.

    Raises NotFound.
    """
    statement = select(Invitation).where(invitations.c.secret_hash == hash_secret(secret))
    found = tx.session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_invitation(tx: Tx, invitation_id: UUID) -> Invitation:
    """An invitation the actor may manage, locked. Raises NotFound."""
    statement = select(Invitation).where(invitations.c.id == invitation_id).with_for_update()
    found = tx.session.scalars(statement).one_or_none()
    if found is None or not can_see_invitation(tx.actor, found.created_by):
        raise NotFound
    return found


def revoke_first_invitations(tx: Tx) -> None:
    """End the pending invitations that nobody made: a new start prints a new link."""
    pending = invitations.c.accepted_at.is_(None) & invitations.c.revoked_at.is_(None)
    tx.session.execute(
        update(invitations).where(invitations.c.created_by.is_(None), pending).values(revoked_at=tx.now)
    )


def end_session(tx: Tx, secret: str) -> None:
    """End the session of a secret, if there is one."""
    tx.session.execute(delete(sessions).where(sessions.c.secret_hash == hash_secret(secret)))


def end_own_session(tx: Tx, session_id: UUID) -> None:
    """End one of the actor's sessions. Raises NotFound."""
    _delete_own(tx, sessions, session_id)


def end_own_token(tx: Tx, token_id: UUID) -> None:
    """End one of the actor's tokens. Raises NotFound."""
    _delete_own(tx, tokens, token_id)


def lock_own_token(tx: Tx, token_id: UUID) -> Token:
    """One of the actor's tokens, locked. Raises NotFound."""
    mine = (tokens.c.id == token_id) & (tokens.c.account_id == tx.actor.require_account())
    found = tx.session.scalars(select(Token).where(mine).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    return found


def _delete_own(tx: Tx, table: Table, row_id: UUID) -> None:
    mine = (table.c.id == row_id) & (table.c.account_id == tx.actor.require_account())
    if tx.session.execute(delete(table).where(mine).returning(table.c.id)).first() is None:
        raise NotFound


def end_sessions(tx: Tx, account_id: UUID, keep: str | None = None) -> None:
    """End every session of an account but that of the secret `keep`."""
    condition = sessions.c.account_id == account_id
    if keep is not None:
        condition &= sessions.c.secret_hash != hash_secret(keep)
    tx.session.execute(delete(sessions).where(condition))


def end_tokens(tx: Tx, account_id: UUID, name: str | None = None) -> None:
    """End every token of an account, or those of one name."""
    condition = tokens.c.account_id == account_id
    if name is not None:
        condition &= tokens.c.name == name
    tx.session.execute(delete(tokens).where(condition))


def touch_session(tx: Tx, session_id: UUID) -> None:
    """Note that a session was seen."""
    tx.session.execute(update(sessions).where(sessions.c.id == session_id).values(last_seen_at=tx.now))


def touch_token(tx: Tx, token_id: UUID) -> None:
    """Note that a token was used."""
    tx.session.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=tx.now))


def lock_attempts(tx: Tx, key: str) -> Attempts:
    """The counter of a key, made when missing, locked."""
    long_ago = datetime.fromtimestamp(0, UTC)
    insert_new(
        tx.session, attempts, {"key": key, "failures": 0, "last_at": tx.now, "blocked_until": long_ago}
    )
    return tx.session.scalars(select(Attempts).where(attempts.c.key == key).with_for_update()).one()


def prune(tx: Tx, idle: timedelta) -> None:
    """Delete sessions and tokens that ended, and counters that are forgotten."""
    over = (sessions.c.expires_at <= tx.now) | (sessions.c.last_seen_at <= tx.now - idle)
    tx.session.execute(delete(sessions).where(over))
    tx.session.execute(delete(tokens).where(tokens.c.expires_at <= tx.now))
    tx.session.execute(delete(attempts).where(attempts.c.last_at <= tx.now - FORGET_AFTER))
