"""Reminders to those who have not answered: when they come by themselves, and how often a coordinator may send one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import Conflict

HALFWAY, CLOSING, ASKED = "halfway", "closing", "asked"
LONG = timedelta(days=21)
"""From this length on one comes halfway, too."""
REST = timedelta(hours=48)
"""Nobody is reminded of a survey more often, by whatever way."""
MOST = 3
"""Reminders that coordinators may send for one survey, besides those that come by themselves."""


class ReminderTooSoon(Conflict):
    """The last reminder is less than two days old."""

    code = "reminder-too-soon"


class TooManyReminders(Conflict):
    """Coordinators sent as many as they may."""

    code = "too-many-reminders"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder. `reached`: people it went to; with `sent_at` None it is still to come."""

    id: UUID
    kind: str
    due_at: datetime
    sent_at: datetime | None = None
    reached: int | None = None


def plan(opens_at: datetime, closes_at: datetime) -> dict[str, datetime]:
    """Kind -> instant of the reminders that come by themselves.

    Three days before the end of a survey of a week or more, one day before that of a shorter one (two days at least);
    and halfway through one of three weeks or more.
    """
    length = closes_at - opens_at
    planned = {}
    if length >= LONG:
        planned[HALFWAY] = opens_at + length / 2
    if length >= timedelta(days=7):
        planned[CLOSING] = closes_at - timedelta(days=3)
    elif length >= timedelta(days=2):
        planned[CLOSING] = closes_at - timedelta(days=1)
    return planned


def rests_until(reminders: Iterable[Reminder]) -> datetime | None:
    """Until when nobody may be reminded again; None when nobody was."""
    sent = [one.sent_at for one in reminders if one.sent_at is not None]
    return max(sent) + REST if sent else None


def left(reminders: Iterable[Reminder]) -> int:
    """How many more coordinators may send."""
    return max(0, MOST - sum(one.kind == ASKED for one in reminders))


def require_allowed(reminders: Iterable[Reminder], now: datetime) -> None:
    """Raises TooManyReminders, ReminderTooSoon (`next_at`)."""
    known = list(reminders)
    if not left(known):
        raise TooManyReminders(most=MOST)
    until = rests_until(known)
    if until is not None and now < until:
        raise ReminderTooSoon(next_at=until.isoformat())
