"""Profiles, roles, disabling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.identity import store
from services.identity.domain.account import ACTIVE, ANNOUNCED, DISABLED, Account
from services.identity.domain.agency import Agency
from services.identity.domain.errors import EmailTaken, LastAdmin
from services.identity.tables import accounts as table
from shared.actor import ADMIN
from shared.contracts.identity import AccountDisabled
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid

_LISTS = {"expertise": list}
BATCH = 200


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """`changes`: only the fields that were given."""

    version: int
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetRoles:
    account_id: UUID
    roles: frozenset[str]
    version: int


def add_account(tx: Tx, account: Account) -> Account:
    """Add a new account and announce it. Raises EmailTaken."""
    if store.account_by_email(tx, account.email_norm):
        raise EmailTaken
    tx.add(account)
    tx.publish(account.registered(), subject=account.id, version=account.sequence)
    tx.session.flush()
    return account


def update_profile(tx: Tx, cmd: UpdateProfile) -> Account:
    """Change one's own profile. Raises Stale."""
    account = store.own_account(tx)
    account.require_version(cmd.version)
    _require_agency(tx, account, cmd.changes)
    for name, value in cmd.changes.items():
        setattr(account, name, _LISTS.get(name, lambda given: given)(value))
    account.index()
    tx.publish(account.changed(), subject=account.id, version=account.sequence)
    return account


def _require_agency(tx: Tx, account: Account, changes: dict[str, Any]) -> None:
    """An agency of the list, not retired unless it is one's own already."""
    chosen = changes.get("agency_id")
    if chosen is None or chosen == account.agency_id:
        return
    found = tx.session.get(Agency, chosen)
    if found is None or found.retired:
        raise Invalid(fields=[FieldProblem("agency_id", "not-a-choice")])


def announce_again(tx: Tx) -> None:
    """Publish the present values of some accounts whose events lacked what events carry today."""
    waiting = select(Account).where(table.c.announced < ANNOUNCED, table.c.status == ACTIVE)
    for account in tx.session.scalars(waiting.order_by(table.c.id).limit(BATCH).with_for_update()):
        tx.publish(account.changed(edit=False), subject=account.id, version=account.sequence)


def set_language(tx: Tx, language: str) -> Account:
    """Change one's language; a profile form that is open elsewhere stays valid."""
    account = store.own_account(tx)
    if account.language != language:
        account.language = language
        tx.publish(account.changed(edit=False), subject=account.id, version=account.sequence)
    return account


def set_roles(tx: Tx, cmd: SetRoles) -> Account:
    """Give somebody other roles. Raises NotFound, Stale, LastAdmin."""
    admins = store.lock_admins(tx)
    account = store.managed_account(tx, cmd.account_id)
    account.require_version(cmd.version)
    if ADMIN not in cmd.roles:
        _require_another_admin(admins, account.id)
    account.roles = cmd.roles
    tx.publish(account.changed(), subject=account.id, version=account.sequence)
    return account


def disable_account(tx: Tx, account_id: UUID) -> None:
    """Stop an account; its sessions and tokens end in the same transaction. Raises NotFound, LastAdmin."""
    admins = store.lock_admins(tx)
    account = store.managed_account(tx, account_id)
    _require_another_admin(admins, account.id)
    account.status = DISABLED
    account.changed()
    store.end_sessions(tx, account.id)
    store.end_tokens(tx, account.id)
    tx.publish(AccountDisabled(account.id), subject=account.id, version=account.sequence)


def set_password(tx: Tx, password_hash: str, keep_session: str | None) -> None:
    """Store a new hash for the actor and end their other sessions."""
    account = store.own_account(tx)
    account.password_hash = password_hash
    store.end_sessions(tx, account.id, keep=keep_session)


def _require_another_admin(admins: list[UUID], account_id: UUID) -> None:
    if admins == [account_id]:
        raise LastAdmin
