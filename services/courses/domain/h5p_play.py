"""Words of playing H5P: events, upgrade runs, and what the service refuses there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.errors import Conflict, Invalid

ACTIONS: Final = {
    "content": (
        "create", "upload", "edit", "view", "embed", "delete", "upgrade", "downloaded", "copied", "accessed-reuse",
        "accessed-embed", "accessed-copyright",
    ),
    "results": ("set", "view"),
    "library": ("create", "update", "delete"),
}  # fmt: skip
"""Kinds of events and what happened; the last five contents' actions are the player's own tool bar."""
KEEP_DAYS: Final = 30
"""How long an event is kept unless an admin chooses otherwise."""

RUNNING: Final = "running"
DONE: Final = "done"
UNDONE: Final = "undone"
WAITING: Final = "waiting"
FAILED: Final = "failed"
SAME: Final = "same"
RUN_STATUSES = (RUNNING, DONE, UNDONE)
ITEM_STATUSES = (WAITING, DONE, FAILED, SAME, UNDONE)


def served(content_id: str, content_ids: Mapping[str, str], language: str) -> str:
    """The content that a reader gets: the one for everybody, else the one in the reader's language, else the other."""
    return content_id or content_ids.get(language) or next(iter(content_ids.values()), "")


class StructureChanged(Conflict):
    """Learners have begun, and their saved place would not fit the new content; `params.people` counts them."""

    code = "structure-changed"


class UpgradeRunning(Conflict):
    """One upgrade at a time."""

    code = "h5p-upgrade-running"


class NothingToUpgrade(Conflict):
    """Every content uses the newest installed versions."""

    code = "h5p-nothing-to-upgrade"


class FinishRefused(Invalid):
    """A finish whose numbers cannot be; `fields` lists them."""

    code = "h5p-finish-refused"
