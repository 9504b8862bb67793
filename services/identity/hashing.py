"""Password hashing: argon2id (RFC 9106), a few at a time, never inside a transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.settings import IdentitySettings
from shared.errors import Unavailable
from shared.ids import new_secret


class Passwords:
    """Hashes and verifies. Each hash takes `argon2_memory` KiB, hence the gate."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time, memory_cost=settings.argon2_memory,
            parallelism=settings.argon2_parallelism, type=Type.ID,
        )  # fmt: skip
        self._gate = threading.BoundedSemaphore(settings.argon2_concurrent)
        self._wait = settings.argon2_wait
        self._nobody = self._hasher.hash(new_secret())
        self.verified = 0
        """How many verifications ran: unknown people must cost one too."""

    def hash(self, password: str) -> str:
        """The encoded hash. Raises Unavailable when too many wait."""
        with self._turn():
            return self._hasher.hash(password)

    def verify(self, encoded: str | None, password: str) -> bool:
        """True when the password fits. `None` (no such account) takes as long and is always False."""
        with self._turn():
            self.verified += 1
            try:
                self._hasher.verify(encoded or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return encoded is not None

    def renew(self, encoded: str, password: str) -> str | None:
        """A new hash when the old one was made with other parameters, else None."""
        return self.hash(password) if self._hasher.check_needs_rehash(encoded) else None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._gate.acquire(timeout=self._wait):
            raise Unavailable(retry_after=2, service="identity")
        try:
            yield
        finally:
            self._gate.release()
