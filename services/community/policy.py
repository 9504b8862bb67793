"""Who may do what. Pure: an actor, a few facts, yes or no."""

from __future__ import annotations

from uuid import UUID

from shared.actor import ADMIN, FACILITATOR, Actor


def can_read(actor: Actor) -> bool:
    """The community is for members."""
    return actor.account_id is not None


def can_edit_post(actor: Actor, author_id: UUID) -> bool:
    """Nobody rewrites another person's words."""
    return actor.account_id is not None and actor.account_id == author_id


def can_retire_post(actor: Actor, author_id: UUID) -> bool:
    """Its author, a facilitator or an admin."""
    return can_edit_post(actor, author_id) or (can_read(actor) and actor.has(FACILITATOR, ADMIN))
