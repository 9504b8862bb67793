"""When a mail is tried again, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

PENDING, LEASED, SENT, FAILED, SKIPPED = STATUSES = ("pending", "leased", "sent", "failed", "skipped")

LEASE = timedelta(minutes=3)
"""A mail is one process's for so long; after a crash another sends it, perhaps a second time."""

HUSH = timedelta(hours=1)
"""At most one mail about one discussion to one person in this time; the list in the page has every reply."""

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
MAX_ATTEMPTS = 12


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts (from 1): 1, 5, 30 minutes, then two hours each time.

    None after the twelfth, about 17 hours later: the mail is given up, the notification in the page stays.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    return _WAITS[min(attempts, len(_WAITS)) - 1]
