"""Controlled lists of the profile."""

from __future__ import annotations

import unicodedata
from zoneinfo import available_timezones

from shared.actor import ADMIN, COORDINATOR, FACILITATOR, LEARNER, RESEARCHER, TRAINER

PROVINCES = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
"""Canada Post's codes of the ten provinces and three territories."""

SECTORS = (
    "health", "social-services", "education", "police", "corrections", "community", "research", "policy",
    "faith-cultural",
)  # fmt: skip

ROLE_ORDER = (LEARNER, TRAINER, COORDINATOR, FACILITATOR, RESEARCHER, ADMIN)
SCOPES = ("read", "write")

TIME_ZONES = (
    "America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg", "America/Regina",
    "America/Edmonton", "America/Vancouver", "America/Whitehorse", "America/Yellowknife", "America/Iqaluit",
)  # fmt: skip
"""The zones a profile offers first; any zone of the tz database is accepted."""


def is_time_zone(name: str) -> bool:
    """True for a name of the tz database."""
    return name in available_timezones()


def normal_email(email: str) -> str:
    """The form in which addresses are compared: NFKC, no case, no surrounding space."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()
