"""A certificate: earned when the course is completed, issued when its holder has confirmed the name on it."""

from __future__ import annotations

import secrets
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.courses.domain.course import Pair
from shared.errors import Conflict

TO_ISSUE: Final = "to-issue"
VALID: Final = "valid"
EXPIRED: Final = "expired"
REVOKED: Final = "revoked"
STATUSES = (TO_ISSUE, VALID, EXPIRED, REVOKED)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that looks like something else
_LOOK_ALIKES = str.maketrans("OIL", "011")
_LENGTH = 26  # 130 bits


class NoCertificate(Conflict):
    """The course gives none, or it is not completed yet."""

    code = "no-certificate"


class CertificateIssued(Conflict):
    """The name on it is settled; only whoever runs the course can have it made again."""

    code = "certificate-issued"


class CertificateNotIssued(Conflict):
    """Nobody has it yet, so there is nothing to revoke or replace."""

    code = "certificate-not-issued"


class CertificateRevoked(Conflict):
    """It was revoked already."""

    code = "certificate-revoked"


@dataclass(eq=False)
class Certificate:
    """`title`, `hours`, the signatory and `objectives` ({text, bloom, need_id}) are copies, as things stood when
    it was earned. `number` counts the certificates of one enrolment: a new one replaces a revoked one.
    `status_index`: its place in the list by which badges are revoked.
    """

    id: UUID
    course_id: UUID
    enrolment_id: UUID
    account_id: UUID
    number: int
    edition: int
    title: Pair
    hours: float | None
    signatory_name: str
    signatory_title: Pair
    objectives: list[dict[str, Any]]
    completed_at: datetime
    expires_at: datetime | None = None
    code: str | None = None
    holder_name: str | None = None
    issued_at: datetime | None = None
    status_index: int | None = None
    revoked_at: datetime | None = None
    revoked_by: UUID | None = None
    reason: str | None = None

    def issue(self, holder_name: str, status_index: int, now: datetime) -> None:
        """Settle the name and give it a code. Raises CertificateIssued, CertificateRevoked."""
        if self.revoked_at is not None:
            raise CertificateRevoked
        if self.issued_at is not None:
            raise CertificateIssued
        self.holder_name, self.issued_at, self.code = holder_name, now, new_code()
        self.status_index = status_index

    def revoke(self, by: UUID, reason: str, now: datetime) -> None:
        """End it, for a reason. Raises CertificateNotIssued, CertificateRevoked."""
        if self.revoked_at is not None:
            raise CertificateRevoked
        if self.issued_at is None:
            raise CertificateNotIssued
        self.revoked_at, self.revoked_by, self.reason = now, by, reason

    def status(self, now: datetime) -> str:
        """One of STATUSES."""
        if self.revoked_at is not None:
            return REVOKED
        if self.issued_at is None:
            return TO_ISSUE
        return EXPIRED if self.expires_at is not None and self.expires_at <= now else VALID


def new_code() -> str:
    """A code that cannot be guessed, in characters that can be read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def read_code(text: str) -> str:
    """What was typed, without spaces and dashes, look-alikes made one; "" when it can be no code."""
    typed = "".join(text.split()).replace("-", "").upper().translate(_LOOK_ALIKES)
    return typed if len(typed) == _LENGTH and set(typed) <= set(_ALPHABET) else ""


def expiry(completed_at: datetime, months: int | None) -> datetime | None:
    """The end of validity, in calendar months; None: it has no end."""
    if not months:
        return None
    years, month = divmod(completed_at.month - 1 + months, 12)
    year = completed_at.year + years
    day = min(completed_at.day, monthrange(year, month + 1)[1])
    return completed_at.replace(year=year, month=month + 1, day=day)
