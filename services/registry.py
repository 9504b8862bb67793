"""The five services by name: the one list that the composition roots read."""

from __future__ import annotations

from importlib import import_module

from shared.actor import KeyFolder
from shared.clock import Clock, SystemClock
from shared.config import SERVICES, Settings
from shared.messaging.service import Service
from shared.storage import make_storage


def service_class(name: str) -> type[Service]:
    """The class of a service. Raises KeyError for an unknown name."""
    if name not in SERVICES:
        raise KeyError(name)
    found: type[Service] = getattr(import_module(f"services.{name}.service"), f"{name.capitalize()}Service")
    return found


def build_service(name: str, settings: Settings, clock: Clock | None = None) -> Service:
    """One service with its own key and database. Effect: reads key files; does not migrate."""
    keys = KeyFolder(settings.keys_folder)
    return service_class(name)(
        settings, clock or SystemClock(), make_storage(settings), keys.verifier(name), keys.signer(name)
    )
