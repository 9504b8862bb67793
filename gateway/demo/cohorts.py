"""The demo course's winter cohort: fictional dates, a few seats, people who wait."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

NAME: dict[str, str] = {"fr": "Cohorte d’hiver", "en": "Winter cohort"}
SEATS = 6
TAKEN = slice(12, 18)
"""Members who have its seats."""
WAIT = slice(18, 20)
"""Members on its waiting list."""


def winter(today: date) -> dict[str, Any]:
    """Begins on a Monday in about two weeks and lasts eight."""
    start = today + timedelta(days=14 - today.weekday())
    return {
        "name": NAME, "starts_on": start.isoformat(), "ends_on": (start + timedelta(days=53)).isoformat(),
        "enrol_by": (start - timedelta(days=3)).isoformat(), "time_zone": "America/Toronto", "seats": SEATS,
    }  # fmt: skip
