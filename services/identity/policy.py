"""Who may do what. Pure: an actor, a few facts, yes or no."""

from __future__ import annotations

from uuid import UUID

from shared.actor import ADMIN, COORDINATOR, Actor

CONTACT_READERS = frozenset({"notifications"})


def can_invite(actor: Actor) -> bool:
    """Coordinators and admins."""
    return actor.has(ADMIN, COORDINATOR)


def can_invite_as(actor: Actor, roles: frozenset[str]) -> bool:
    """Only an admin makes an admin."""
    return actor.has(ADMIN) or (actor.has(COORDINATOR) and ADMIN not in roles)


def can_see_invitation(actor: Actor, created_by: UUID | None) -> bool:
    """Admins see all; coordinators the ones they made."""
    return actor.has(ADMIN) or (actor.has(COORDINATOR) and created_by == actor.account_id)


def can_manage_accounts(actor: Actor) -> bool:
    """Roles, e-mail addresses, disabling: admins."""
    return actor.has(ADMIN)


def can_keep_agencies(actor: Actor) -> bool:
    """The list of agencies: admins and coordinators."""
    return actor.has(ADMIN, COORDINATOR)


def can_browse_members(actor: Actor) -> bool:
    """The directory is for members."""
    return actor.account_id is not None


def can_name_members(actor: Actor) -> bool:
    """Display names of given ids: members, and services for what they send."""
    return not actor.is_visitor


def can_filter_by_function(actor: Actor) -> bool:
    """Role and language of a member are not shown to all, so not everybody may filter by them either."""
    return actor.has(ADMIN, COORDINATOR)


def can_read_contact(actor: Actor) -> bool:
    """The address of a person: only the service that writes to them."""
    return actor.system in CONTACT_READERS


def sees_everything_of(actor: Actor, account_id: UUID) -> bool:
    """An admin sees all of others. One's own page shows what others see: that is why one looks at it."""
    return actor.has(ADMIN) and actor.account_id != account_id
