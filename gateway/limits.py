"""How much one caller may ask: requests a minute (by account, else by network) and bytes of a body."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from shared.errors import TooMany

READS = RateLimitItemPerMinute(1200)
WRITES = RateLimitItemPerMinute(300)
VISITOR_WRITES = RateLimitItemPerMinute(300)  # forty people may share one office’s address
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class RateLimit:
    """Counts in memory, per gateway process. Sign-in has its own counters in identity's database."""

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self, method: str, account_id: str | None, network: str) -> None:
        """Raises TooMany with the seconds to wait."""
        if not self._enabled:
            return
        item = READS if method in SAFE else WRITES if account_id else VISITOR_WRITES
        who = account_id or network
        if not self._limiter.hit(item, who):
            reset = self._limiter.get_window_stats(item, who).reset_time
            raise TooMany(retry_after=max(1, int(reset - time.time()) + 1))
