"""A problem found in a package or a statement, and its message in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.courses.h5p.messages import MESSAGES, PLACE

Param = str | int | float


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is stable kebab-case; `params` fill the message; `path` is the entry concerned, if there is one."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    path: str | None = None

    def message(self, lang: str) -> str:
        """One sentence in `lang`: "fr" or "en", with the place. Raises KeyError on another language."""
        text = self.sentence(lang)
        return text if self.path is None else PLACE[lang].format(path=shown(self.path), text=text)

    def sentence(self, lang: str) -> str:
        """The same without the place, for whoever shows it there."""
        return MESSAGES[self.code][lang].format_map({k: str(v) for k, v in self.params.items()})

    def as_dict(self) -> dict[str, object]:
        """JSON-ready form, without any translated text."""
        return {"code": self.code, "params": dict(self.params), "path": self.path}


def shown(text: str, limit: int = 200) -> str:
    """Make an entry name safe to print: control characters escaped, length capped."""
    clean = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
