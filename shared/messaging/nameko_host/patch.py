"""To be called before anything else is imported in a worker's process."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # nothing of ours may be imported before the patch
    from shared.config import Settings


def patch_process() -> None:
    """Make sockets, threads, locks and sleeps of this process cooperative. Effect: the whole process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import eventlet  # noqa: PLC0415 nothing of it may be imported in another process by accident
    eventlet.monkey_patch()


def green_settings(settings: Settings) -> Settings:
    """The same settings with psycopg 2: psycopg 3 in C waits inside libpq and would freeze every other handler."""
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql+psycopg2://")
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg2://", 1)
    return settings.model_copy(update={"database_url": url})
