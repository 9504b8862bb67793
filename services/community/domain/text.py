"""What a search looks into."""

from __future__ import annotations

from collections.abc import Iterable

from shared.text import fold


def search_text(titles: Iterable[str | None]) -> str:
    """Every language of a title, folded."""
    return fold(" ".join(title for title in titles if title))[:1000]
