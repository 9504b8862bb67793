"""Keyset pages: `?cursor=&limit=` in, `{items, next_cursor}` out; never an offset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.errors import FieldProblem, Invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Where to go on (`after`: the sort key of the last row seen, or None) and how many rows (1..200)."""

    after: tuple[str, ...] | None = None
    limit: int = DEFAULT_LIMIT

    @staticmethod
    def of(cursor: str | None, limit: int | None) -> PageRequest:
        """From the wire. Raises Invalid `bad-cursor` or `out-of-range`."""
        size = DEFAULT_LIMIT if limit is None else limit
        if not 1 <= size <= MAX_LIMIT:
            raise Invalid(fields=[FieldProblem("limit", "out-of-range", {"min": 1, "max": MAX_LIMIT})])
        return PageRequest(decode_cursor(cursor) if cursor else None, size)


def encode_cursor(key: Sequence[Any]) -> str:
    """An opaque cursor for the sort key of the last row of a page."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[str, ...]:
    """The sort key inside. Raises Invalid with field code `bad-cursor`."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(str(part) for part in parts)
    except (binascii.Error, ValueError, TypeError):
        raise Invalid(fields=[FieldProblem("cursor", "bad-cursor")]) from None


def page_of(
    rows: Sequence[Row], request: PageRequest, key: Callable[[Row], Sequence[Any]], view: Callable[[Row], Any]
) -> dict[str, Any]:
    """A page from `limit + 1` rows: the surplus row only tells that there is more."""
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    return {
        "items": [view(row) for row in shown],
        "next_cursor": encode_cursor(key(shown[-1])) if more else None,
    }
