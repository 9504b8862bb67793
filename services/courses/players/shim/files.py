"""Django's storage for blocks that keep files, over the platform's own storage. Imported by Django's settings only."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from services.courses.players.shim import media


@deconstructible
class BlockFiles(Storage):  # type: ignore[misc]
    """Names are relative paths; what was stored is served to readers by the content origin."""

    def _open(self, name: str, mode: str = "rb") -> Any:  # noqa: ARG002 the base's signature
        return File(media.current().open(media.MEDIA + name), name)

    def _save(self, name: str, content: Any) -> str:
        media.current().put(media.MEDIA + name, content.file)
        return name

    def exists(self, name: str) -> bool:
        """True for a file, and for a folder with something in it."""
        storage = media.current()
        return storage.exists(media.MEDIA + name) or any(True for _ in storage.list(f"{media.MEDIA}{name}/"))

    def delete(self, name: str) -> None:
        """Gone."""
        media.current().delete(media.MEDIA + name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Folders and files directly below."""
        prefix = f"{media.MEDIA}{path.rstrip('/')}/"
        below = [key.removeprefix(prefix) for key in media.current().list(prefix)]
        folders = sorted({name.partition("/")[0] for name in below if "/" in name})
        return folders, [name for name in below if "/" not in name]

    def size(self, name: str) -> int:
        """Bytes."""
        return media.current().size(media.MEDIA + name)

    def url(self, name: str | None) -> str:
        """The address on the content origin."""
        return f"{media.MEDIA_ADDRESS}/{quote(name or '')}"
