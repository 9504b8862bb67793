"""Carries the mails that are due: claimed under a lease, sent outside of any transaction, then settled.

A crash between the sending and its note sends a mail again when the lease ends, with the same Message-ID: at least
once, said honestly, and never lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Engine, and_, select, update

from services.notifications.channels.channel import Busy, Channel, Down, Ended
from services.notifications.channels.mail import Contact, Mail, write
from services.notifications.domain.delivery import FAILED, LEASE, LEASED, PENDING, SENT, SKIPPED, wait_after
from services.notifications.domain.kinds import EMAIL, REMINDER
from services.notifications.tables import deliveries, notifications, preferences, recipients
from shared.clock import Clock
from shared.errors import CercleError, NotFound

log = structlog.get_logger()
AskContact = Callable[[UUID], dict[str, Any]]
AskStillAsked = Callable[[str, UUID], bool]
OFF, GAVE_UP, NO_ACCOUNT, ANSWERED = "switched-off", "gave-up", "no-account", "answered"


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that is this process's for the length of a lease."""

    id: UUID
    notification_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. `status` None: to be tried again. `stop`: leave the other mails for later."""

    status: str | None
    note: str | None = None
    provider_id: str | None = None
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of other services when a mail is about to leave.

    `contact` gives {email, language, time_zone} or raises NotFound; `still_asked`: whether a person has yet to answer a
    survey.
    """

    contact: AskContact
    still_asked: AskStillAsked


@dataclass
class Office:
    """What the postman works with."""

    engine: Engine
    clock: Clock
    channel: Channel
    ask: Questions
    origin: str


@dataclass
class Postman:
    """`wake` after mails were planned; `deliver_due` does the work and may be called by anybody at any time."""

    office: Office
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _run: threading.Lock = field(default_factory=threading.Lock)
    _wanted: bool = False
    _closed: bool = False
    _thread: threading.Thread | None = None

    def wake(self) -> None:
        """Deliver now: at once where it is quick, else in a thread of its own that ends when nothing is due."""
        if not self.office.channel.slow:
            self.deliver_due()
            return
        with self._lock:
            self._wanted = not self._closed
            if self._wanted and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="cercle-postman", daemon=True)
                self._thread.start()

    def wait(self, seconds: float = 30) -> None:
        """Wait until the thread has ended."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def close(self) -> None:
        """Finish the mail in hand and stop."""
        self._closed = True
        self.wait()

    def _work(self) -> None:
        while self._still_wanted():
            try:
                self.deliver_due()
            except Exception:
                log.exception("mail.run_failed")

    def _still_wanted(self) -> bool:
        with self._lock:
            wanted, self._wanted = self._wanted, False
            if not wanted:
                self._thread = None
            return wanted

    def deliver_due(self) -> int:
        """Carry every mail that is due; how many were settled for good. One run at a time in a process."""
        settled = 0
        with self._run:
            try:
                while not self._closed and (claim := self.claim()):
                    outcome = self.carry(claim)
                    self.settle(claim, outcome)
                    settled += outcome.status is not None
                    if outcome.stop:
                        break
            finally:
                self.office.channel.rest()
        return settled

    def claim(self) -> Claim | None:
        """Take the delivery that has waited longest; nobody else gets it before the lease ends."""
        now = self.office.clock.now()
        due = (
            select(deliveries.c.id)
            .where(deliveries.c.status.in_((PENDING, LEASED)), deliveries.c.next_attempt_at <= now)
            .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        take = (
            update(deliveries)
            .where(deliveries.c.id.in_(due))
            .values(status=LEASED, next_attempt_at=now + LEASE, attempts=deliveries.c.attempts + 1)
            .returning(deliveries.c.id, deliveries.c.notification_id, deliveries.c.attempts)
        )
        with self.office.engine.begin() as connection:
            row = connection.execute(take).first()
        return Claim(*row) if row else None

    def carry(self, claim: Claim) -> Outcome:
        """Send one mail; what came of it. Raises nothing that a mail can cause."""
        row = self._load(claim)
        try:
            if why := self._pointless(row):
                return Outcome(SKIPPED, why)
            mail = self._write(row)
            return Outcome(SENT, provider_id=self.office.channel.send(mail))
        except NotFound:
            return Outcome(SKIPPED, NO_ACCOUNT)
        except Ended as ended:
            return Outcome(ended.status, ended.note)
        except Busy:
            return Outcome(None)
        except (Down, CercleError):
            return Outcome(None, stop=True)

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Write down what came of a claim, unless another has taken it since."""
        now = self.office.clock.now()
        status, values = outcome.status, {"note": outcome.note, "provider_id": outcome.provider_id}
        wait = wait_after(claim.attempts)
        if status is None and wait is None:
            status, values["note"] = FAILED, GAVE_UP
        if status is None and wait is not None:
            self._update(claim, {"status": PENDING, "next_attempt_at": now + wait})
            log.info("mail.later", delivery=str(claim.id), attempts=claim.attempts)
            return
        self._update(claim, values | {"status": status, "settled_at": now})
        level = log.debug if status == SENT else log.warning
        level("mail.settled", delivery=str(claim.id), status=status, note=values["note"])

    def _update(self, claim: Claim, values: dict[str, Any]) -> None:
        mine = and_(deliveries.c.id == claim.id, deliveries.c.attempts == claim.attempts)
        with self.office.engine.begin() as connection:
            connection.execute(update(deliveries).where(mine).values(**values))

    def _load(self, claim: Claim) -> dict[str, Any]:
        chosen = and_(
            preferences.c.account_id == notifications.c.account_id,
            preferences.c.kind == notifications.c.kind,
            preferences.c.channel == EMAIL,
        )
        people = [recipients.c[name] for name in ("language", "time_zone", "unsubscribe_key", "active")]
        statement = (
            select(notifications, preferences.c.enabled, *people)
            .join(recipients, recipients.c.account_id == notifications.c.account_id)
            .outerjoin(preferences, chosen)
            .where(notifications.c.id == claim.notification_id)
        )
        with self.office.engine.connect() as connection:
            return dict(connection.execute(statement).mappings().one()) | {"delivery_id": claim.id}

    def _write(self, row: dict[str, Any]) -> Mail:
        if not row["active"]:
            raise NotFound
        return write(row, self._contact(row), self.office.origin)

    def _pointless(self, row: dict[str, Any]) -> str | None:
        """Why a mail should not leave any more: switched off, or a reminder of what has been answered since."""
        if row["enabled"] is False:
            return OFF
        if row["kind"] == REMINDER:
            asked = self.office.ask.still_asked(row["params"]["survey_id"], row["account_id"])
            return None if asked else ANSWERED
        return None

    def _contact(self, row: dict[str, Any]) -> Contact:
        account_id, key = row["account_id"], row["unsubscribe_key"]
        if not self.office.channel.needs_address:
            return Contact(account_id, row["language"], row["time_zone"], key)
        found = self.office.ask.contact(account_id)
        return Contact(account_id, found["language"], found["time_zone"], key, found["email"])
