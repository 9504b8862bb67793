"""Fingerprints of data where they leave the service.

A plain SHA-256 of five people's answers can be tried out: few answers are possible, and fewer with the means beside it.
What is stored is plain, so that figures can be verified; what is shown is keyed, and still tells whether data changed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

NAME = "data_sha256"
PURPOSE = "surveys.fingerprints"


def keyed(value: Any, key: bytes) -> Any:
    """The same JSON value with every `data_sha256` in it as HMAC-SHA-256 under `key`."""
    if isinstance(value, Mapping):
        return {
            name: _of(inner, key) if name == NAME and isinstance(inner, str) else keyed(inner, key)
            for name, inner in value.items()
        }
    return [keyed(inner, key) for inner in value] if isinstance(value, list | tuple) else value


def _of(digest: str, key: bytes) -> str:
    return hmac.digest(key, digest.encode(), "sha256").hex()
