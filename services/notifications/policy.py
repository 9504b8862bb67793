"""Who may do what. Pure. A notification is only ever its recipient's own, so there is little to decide."""

from __future__ import annotations

from shared.actor import ADMIN, Actor


def can_read_every_mail(actor: Actor) -> bool:
    """The demo's mailbox: an admin shows what the others received. Outside of the demo there is no mailbox."""
    return actor.has(ADMIN)
