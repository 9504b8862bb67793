"""What only identity has to set: environment variables with the prefix CERCLE_IDENTITY_."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentitySettings(BaseSettings):
    """Lifetimes of sessions, and the cost of one password hash."""

    model_config = SettingsConfigDict(
        env_prefix="CERCLE_IDENTITY_", env_file=".env", extra="ignore", frozen=True
    )

    session_idle: timedelta = Field(
        default=timedelta(hours=2), description="A session ends after this time without a request."
    )
    session_absolute: timedelta = Field(
        default=timedelta(hours=12), description="A session ends after this time anyway."
    )
    argon2_time: int = Field(default=3, description="Passes (RFC 9106, second recommended option).")
    argon2_memory: int = Field(default=64 * 1024, description="KiB of one hash.")
    argon2_parallelism: int = 4
    argon2_concurrent: int = Field(default=2, description="Hashes at the same time in one process.")
    argon2_wait: float = Field(default=5.0, description="Seconds a sign-in waits for its turn before 503.")


CHEAP = {"argon2_time": 1, "argon2_memory": 1024, "argon2_parallelism": 1, "argon2_concurrent": 8}
"""For the demo and the tests only: forty members are seeded in a second."""


def identity_settings(*, demo: bool) -> IdentitySettings:
    """The settings; hashes are cheap in demo mode, where anybody signs in with one click anyway."""
    found = IdentitySettings()
    return found.model_copy(update=CHEAP) if demo else found
