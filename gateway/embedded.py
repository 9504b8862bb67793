"""Composition root of embedded mode: all services in this process, over the in-process bus."""

from __future__ import annotations

from services.registry import build_service
from shared.actor import GATEWAY, KeyFolder
from shared.clock import Clock
from shared.config import SERVICES, Settings
from shared.messaging.embedded import EmbeddedBus
from shared.messaging.service import Service


def build_embedded_bus(
    settings: Settings, clock: Clock | None = None, names: tuple[str, ...] = SERVICES
) -> EmbeddedBus:
    """Services migrated and connected, nothing started yet. Effect: makes `var/` with keys and databases."""
    keys = KeyFolder(settings.keys_folder)
    keys.ensure(GATEWAY, *names)
    services = [build_service(name, settings, clock) for name in names]
    for service in services:
        service.migrate()
    return EmbeddedBus(services, keys.signer(GATEWAY), timeout=settings.rpc_timeout, clock=clock)


def one_service(settings: Settings, name: str) -> Service:
    """One service alone, for the tools of an administrator."""
    if settings.mode == "embedded":
        KeyFolder(settings.keys_folder).ensure(GATEWAY, *SERVICES)
    return build_service(name, settings)
