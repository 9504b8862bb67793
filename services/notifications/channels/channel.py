"""What carries a mail, and how it can fail."""

from __future__ import annotations

from typing import Protocol

from services.notifications.channels.mail import Mail
from services.notifications.domain.delivery import FAILED, SKIPPED


class Ended(Exception):
    """The mail goes no further: `status` for good, `note` says why in a word."""

    status = FAILED

    def __init__(self, note: str) -> None:
        self.note = note
        super().__init__(note)


class Refused(Ended):
    """It will never be taken."""


class Absent(Ended):
    """There is no such channel."""

    status = SKIPPED


class Busy(Exception):
    """Not taken just now; try this mail again."""


class Down(Exception):
    """Nothing is taken just now; leave the other mails too."""


class Channel(Protocol):
    """`needs_address`: the person's address must be asked for. `slow`: it talks to another machine."""

    needs_address: bool
    slow: bool

    def send(self, mail: Mail) -> str:
        """Hand the mail over; the name under which it is known there.

        Raises Refused, Busy, Down, Absent.
        """
        ...

    def rest(self) -> None:
        """No more mails for the moment: let go of connections."""
        ...


class NoChannel:
    """Neither a mail server nor the demo's mailbox: mails are skipped, and the deliveries say so."""

    needs_address = False
    slow = False

    def send(self, mail: Mail) -> str:  # noqa: ARG002
        """Raises Absent."""
        raise Absent("no-mail-server")

    def rest(self) -> None:
        """Nothing to let go of."""
