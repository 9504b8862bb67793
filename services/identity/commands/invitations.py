"""Invitations: the only way in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.identity import store
from services.identity.commands.accounts import add_account
from services.identity.domain.access import Invitation, new_invitation
from services.identity.domain.account import Account
from services.identity.domain.errors import InvitationEnded, RoleNotYours
from services.identity.domain.vocabulary import normal_email
from services.identity.policy import can_invite, can_invite_as
from shared.actor import ADMIN, LEARNER
from shared.db.tx import Tx
from shared.errors import Forbidden


@dataclass(frozen=True, slots=True)
class CreateInvitation:
    email: str | None
    roles: frozenset[str]
    language: str


def create_invitation(tx: Tx, cmd: CreateInvitation) -> tuple[Invitation, str]:
    """Invite somebody; the secret is returned once and not kept. Raises Forbidden, RoleNotYours."""
    if not can_invite(tx.actor):
        raise Forbidden
    if not can_invite_as(tx.actor, cmd.roles):
        raise RoleNotYours
    made, secret = new_invitation(cmd.email, cmd.roles, cmd.language, tx.actor.account_id, tx.now)
    tx.add(made)
    return made, secret


def first_invitation(tx: Tx) -> str | None:
    """The secret of an invitation for the first admin; None once somebody has an account."""
    if store.any_account(tx):
        return None
    store.revoke_first_invitations(tx)
    made, secret = new_invitation(None, frozenset({LEARNER, ADMIN}), "fr", None, tx.now)
    tx.add(made)
    return secret


def revoke_invitation(tx: Tx, invitation_id: UUID) -> Invitation:
    """Withdraw it. Raises NotFound, InvitationEnded when it was accepted; withdrawing twice is harmless."""
    found = store.lock_invitation(tx, invitation_id)
    if found.accepted_at:
        raise InvitationEnded
    found.revoked_at = found.revoked_at or tx.now
    return found


def open_invitation(tx: Tx, secret: str, *, lock: bool = False) -> Invitation:
    """The invitation, if it can still be accepted. Raises NotFound, InvitationEnded."""
    found = store.invitation_by_secret(tx, secret, lock=lock)
    if found.state(tx.now) != "pending":
        raise InvitationEnded
    return found


def accept_invitation(tx: Tx, secret: str, account: Account) -> Account:
    """The account comes into being and the invitation is used up, together.

    An address is verified when the invitation was sent to that very address.
    Raises NotFound, InvitationEnded, EmailTaken.
    """
    invitation = open_invitation(tx, secret, lock=True)
    account.roles = invitation.roles
    if invitation.email and normal_email(invitation.email) == account.email_norm:
        account.email_verified_at = tx.now
    add_account(tx, account)
    invitation.accepted_at, invitation.accepted_by = tx.now, account.id
    return account
