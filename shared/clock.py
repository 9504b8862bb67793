"""Time as a port: aware UTC instants only, and time-zone data that knows Canada's changes of 2026."""

from __future__ import annotations

import os
import zoneinfo
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Protocol

OLDEST_TZDATA = (2026, 6)


class Clock(Protocol):
    """Where the present moment comes from."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that moves only when told, for tests and rehearsals."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The instant it was set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._now += by


def require_current_time_zones() -> None:
    """Use PyPI's tzdata and nothing older.

    British Columbia, Alberta and Manitoba stopped changing their clocks in 2026; a machine's own zone
    files may not know it and would announce meetings an hour wrong.

    Raises RuntimeError when the installed tzdata is older than 2026.6. Effect: clears zoneinfo's search path.
    """
    found = tuple(int(part) for part in version("tzdata").split(".")[:2])
    if found < OLDEST_TZDATA:
        raise RuntimeError(
            f"tzdata {found} is too old: Canada's clocks of 2026 need {OLDEST_TZDATA} or newer"
        )
    os.environ["PYTHONTZPATH"] = ""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
