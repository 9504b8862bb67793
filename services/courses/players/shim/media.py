"""Where files that blocks store themselves are: below one prefix of the platform's storage, served on the content origin."""

from __future__ import annotations

from shared.storage import Storage

MEDIA = "xblocks/files/"
MEDIA_ADDRESS = "/xblock-files"


class _Place:
    """The storage of this process; set by the service before a block runs."""

    storage: Storage | None = None


def use(storage: Storage) -> None:
    """Blocks store their files here from now on."""
    _Place.storage = storage


def current() -> Storage:
    """The storage. Raises RuntimeError when no service has said which."""
    if _Place.storage is None:
        raise RuntimeError("no storage for blocks' files")
    return _Place.storage
