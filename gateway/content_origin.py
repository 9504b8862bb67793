"""Joins the content origin to the courses service: a play token becomes a grant."""

from __future__ import annotations

import threading
import time
from typing import Any

from starlette.applications import Starlette

from gateway.content.app import LIBRARY_ROOT, create_content_app
from gateway.content.blocks import BlockSite
from gateway.content.grants import PlayGrant
from gateway.content.scorm import ScormSite
from shared.config import Settings
from shared.errors import NotAuthenticated, NotFound
from shared.messaging.bus import Bus
from shared.storage import Storage, make_storage

KEEP_SECONDS = 20.0
KEEP_GRANTS = 500
DRAFT = "draft-"
EMBED = "embed-"


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
            grant = self._grant(token, self._ask(token))
        except (NotFound, NotAuthenticated):
            return None
        self._keep(token, grant)
        return grant

    def _ask(self, token: str) -> dict[str, Any]:
        """A learner's play; the preview of a draft, or a content in another site's page, which its token says."""
        method, bare = "resolve_grant", token
        for prefix, other in ((DRAFT, "resolve_h5p_preview"), (EMBED, "resolve_embed")):
            if token.startswith(prefix):
                method, bare = other, token.removeprefix(prefix)
        found: dict[str, Any] = self._bus.call("courses", method, {"token": bare})
        return found

    def _keep(self, token: str, grant: PlayGrant) -> None:
        now = time.monotonic()
        with self._lock:
            self._kept = {key: value for key, value in self._kept.items() if value[0] > now}
            if len(self._kept) < KEEP_GRANTS:
                self._kept[token] = (now + KEEP_SECONDS, grant)

    def _grant(self, token: str, data: dict[str, Any]) -> PlayGrant:
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
            resume_key=data.get("resume_key") or data["content_id"],
            activity_iri=f"{self._origin}/activities/{data['activity_id']}",
            title=data["h5p"].get("title", ""),
            metadata=data["h5p"],
            previous_state=state,
            language=data["language"] or "fr",
            read_only=data["read_only"],
            embedded=token.startswith(EMBED),
            display=_display(data.get("display") or {}) if token.startswith(EMBED) else {},
        )


def _display(options: dict[str, bool]) -> dict[str, bool]:
    """In another site there is no page of ours for the buttons: the player's own bar shows what can be shown there."""
    return {"frame": options["frame"], "copyright": options["copyright"], "icon": options["about"]}


def build_content_app(settings: Settings, bus: Bus, storage: Storage | None = None) -> Starlette:
    """The content origin's application."""
    grants, files = Grants(bus, settings), storage or make_storage(settings)
    blocks = BlockSite(
        bus,
        files,
        main_origin=settings.main_origin,
        max_body=settings.max_body,
        max_upload=settings.max_upload,
    )
    return create_content_app(
        files,
        main_origin=settings.main_origin,
        resolve=grants.resolve,
        more=[*blocks.routes(), *ScormSite(bus, files, settings.main_origin).routes()],
    )
