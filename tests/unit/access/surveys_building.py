"""Access matrix of the surveys service, one part. Building: balanced sets for a best-worst question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.access.parts import Maker

TABLE: dict[str, dict[str, str]] = {"design_survey_sets": {"any": "401 403 403 403 403 200 200"}}
QUERIES: dict[str, dict[str, str | int]] = {"design_survey_sets": {"options": 8}}
PLAIN: dict[str, Any] = {}
MADE: dict[str, Callable[[Any, dict[str, Any]], Any]] = {}
UNKNOWN: dict[str, str] = {}
PAGES: tuple[str, ...] = ()


class Things(Maker):
    """Targets of this part."""
