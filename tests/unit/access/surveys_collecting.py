"""Access matrix of the surveys service, one part. Collecting: audience, confidential mode, reminders, single-use links, coverage.

Same shapes as `table` (TABLE) and `operations` (QUERIES, PLAIN, MADE); `Things` makes the targets, as `World` does.
`UNKNOWN`: well-formed ids of nothing, by name in an address; `PAGES`: targets that fill the addresses of pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.access.parts import Maker

TABLE: dict[str, dict[str, str]] = {}
QUERIES: dict[str, dict[str, str | int]] = {}
PLAIN: dict[str, Any] = {}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {}
UNKNOWN: dict[str, str] = {}
PAGES: tuple[str, ...] = ()


class Things(Maker):
    """Targets of this part."""
