"""How titles are compared when people search."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """`text` without accents or case, spaces collapsed."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def search_text(titles: Iterable[str | None]) -> str:
    """What a search looks into: every language of a title."""
    return fold(" ".join(title for title in titles if title))[:1000]
