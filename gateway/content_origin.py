"""Joins the content origin to the courses service: a play token becomes a grant."""

from __future__ import annotations

import threading
import time
from typing import Any

from starlette.applications import Starlette

from gateway.content.app import LIBRARY_ROOT, create_content_app
from gateway.content.grants import PlayGrant
from shared.config import Settings
from shared.errors import NotAuthenticated, NotFound
from shared.messaging.bus import Bus
from shared.storage import Storage, make_storage

KEEP_SECONDS = 20.0
KEEP_GRANTS = 500


class Grants:
    """Asks the courses service, and remembers an answer for a few seconds: one page fetches dozens of files."""

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._origin = settings.main_origin
        self._kept: dict[str, tuple[float, PlayGrant]] = {}
        self._lock = threading.Lock()

    def resolve(self, token: str) -> PlayGrant | None:
        """The grant behind a token, or None. The page itself and its files both come here."""
        with self._lock:
            found = self._kept.get(token)
        if found and found[0] > time.monotonic():
            return found[1]
        try:
            grant = self._grant(self._bus.call("courses", "resolve_grant", {"token": token}))
        except (NotFound, NotAuthenticated):
            return None
        self._keep(token, grant)
        return grant

    def _keep(self, token: str, grant: PlayGrant) -> None:
        now = time.monotonic()
        with self._lock:
            self._kept = {key: value for key, value in self._kept.items() if value[0] > now}
            if len(self._kept) < KEEP_GRANTS:
                self._kept[token] = (now + KEEP_SECONDS, grant)

    def _grant(self, data: dict[str, Any]) -> PlayGrant:
        root = f"{LIBRARY_ROOT}/"
        state: dict[str, dict[str, str]] = {}
        for entry in data["state"]:
            state.setdefault(str(entry["sub_content_id"]), {})[entry["data_type"]] = entry["state"]
        main = data["main_library"]
        return PlayGrant(
            content_id=data["content_id"],
            content_prefix=f"{data['prefix']}content",
            main_library=main
            if isinstance(main, str)
            else f"{main['machine_name']} {main['major']}.{main['minor']}",
            libraries={
                name: prefix.removeprefix(root).rstrip("/") for name, prefix in data["libraries"].items()
            },
            scripts=tuple(data["scripts"]),
            styles=tuple(data["styles"]),
            nonce=data["nonce"],
            resume_key=f"{data['activity_id']}:{data['content_id']}",
            activity_iri=f"{self._origin}/activities/{data['activity_id']}",
            title=data["h5p"].get("title", ""),
            metadata=data["h5p"],
            previous_state=state,
            language=data["language"] or "fr",
            read_only=data["read_only"],
        )


def build_content_app(settings: Settings, bus: Bus, storage: Storage | None = None) -> Starlette:
    """The content origin's application."""
    grants = Grants(bus, settings)
    return create_content_app(
        storage or make_storage(settings), main_origin=settings.main_origin, resolve=grants.resolve
    )
