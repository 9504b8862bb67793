"""How people's words are compared when they search, in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """`text` without accents or case, ligatures opened, spaces collapsed."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def has_words(words: str, texts: Iterable[str | None]) -> bool:
    """True when every word of `words` is somewhere in `texts`, accents and case aside."""
    within = fold(" ".join(text for text in texts if text))
    return all(word in within for word in fold(words).split())
