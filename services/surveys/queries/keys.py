"""Cursor parts read back as what they were; anything else is a bad cursor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shared.errors import FieldProblem, Invalid
from shared.paging import PageRequest

LARGEST = 2**31 - 1


def key_of(request: PageRequest, *kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The sort key after which to go on, or None on the first page. Raises Invalid `bad-cursor`."""
    if request.after is None:
        return None
    try:
        return tuple(kind(part) for kind, part in zip(kinds, request.after, strict=True))
    except ValueError:
        raise Invalid(fields=[FieldProblem("cursor", "bad-cursor")]) from None


def place(text: str) -> int:
    """A whole number that both databases can compare. Raises ValueError."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError(text)
    return number


def moment(text: str) -> datetime:
    """An instant in UTC. Raises ValueError, also without a time zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
