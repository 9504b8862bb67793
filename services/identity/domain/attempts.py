"""Failed sign-ins are slowed down, never locked out for good.

Two counters: one per address (whether or not an account has it, so that the delay tells nothing) and one per
network. After a few free tries the wait doubles with each further one up to a quarter of an hour. A try is counted
before the password is checked, and given back if it was right: a hundred tries at once pass no more than a few.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` tries before the first wait."""

    kind: str
    free: int

    def wait(self, failures: int) -> timedelta:
        """How long to wait after the `failures`-th failure in a row."""
        if failures < self.free:
            return timedelta(0)
        doublings: int = min(failures - self.free, 10)
        return min(FIRST_WAIT * float(2**doublings), LONGEST_WAIT)


BY_ACCOUNT = Limit("account", free=5)
BY_NETWORK = Limit("network", free=40)
"""An office of practitioners shares one network: it gets more tries than one person."""


@dataclass(eq=False)
class Attempts:
    """One counter. `key` is a hash: the table names nobody."""

    key: str
    failures: int
    last_at: datetime
    blocked_until: datetime

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until the next try, 0 when it may be now."""
        left = (self.blocked_until - now).total_seconds()
        return int(-(-left // 1)) if left > 0 else 0

    def count(self, limit: Limit, now: datetime) -> None:
        """One more failure; an old row of failures is forgotten first."""
        self.failures = 1 if now - self.last_at > FORGET_AFTER else self.failures + 1
        self.last_at = now
        self.blocked_until = now + limit.wait(self.failures)

    def forgive(self, now: datetime) -> None:
        """Take one failure back: that try was right."""
        self.failures = max(0, self.failures - 1)
        self.blocked_until = min(self.blocked_until, now)


def attempt_key(limit: Limit, value: str) -> str:
    """The row's key for an address (normalised) or a network."""
    return hashlib.sha256(f"{limit.kind}:{value}".encode()).hexdigest()


def network_of(address: str) -> str:
    """The network that shares a counter: an IPv4 address, or an IPv6 /64. Unknown text: itself, cut."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network(f"{found}/{32 if found.version == 4 else 64}", strict=False))
