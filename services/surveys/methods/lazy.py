"""scipy.stats takes about a second to import; a server must not wait for it at every start."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def stats() -> Any:
    """The module scipy.stats, imported at its first use."""
    return import_module("scipy.stats")
