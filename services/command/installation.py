"""One service over this installation's data, in either mode, whether Cercle is running or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from services.command.words import unreadable
from services.registry import build_service
from shared.actor import ADMIN, GATEWAY, TRAINER, Actor, KeyFolder
from shared.config import SERVICES, load_settings
from shared.messaging.service import Service

OPERATOR = UUID(int=0)
"""Who whoever has the machine acts as: an administrator without an account."""


@dataclass(frozen=True)
class Place:
    """Whose data, and how to answer."""

    language: str
    as_json: bool
    var: Path | None = None


def actor_of(place: Place) -> Actor:
    """The operator, in their language."""
    return Actor(OPERATOR, frozenset({ADMIN, TRAINER}), place.language)


@contextmanager
def opened(place: Place, name: str) -> Iterator[Service]:
    """A service over this installation's database and files. Raises Refusal where there are none."""
    settings = load_settings(**({"var": place.var} if place.var else {}))
    if settings.mode == "embedded":
        if not settings.var.is_dir():
            raise unreadable("no-data", folder=str(settings.var))
        KeyFolder(settings.keys_folder).ensure(GATEWAY, *SERVICES)
    service = build_service(name, settings)
    try:
        if settings.mode == "embedded":
            service.migrate()
        yield service
    finally:
        service.close()
