"""A very small SVG builder: presentation attributes only, as the page's policy asks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# Colours follow the page's tokens, light or dark; the fallback is what a saved file shows.
INK = "var(--ink, #1b2322)"
INK_2 = "var(--ink-2, #47514f)"
INK_3 = "var(--ink-3, #5f6866)"
LINE = "var(--line, #e5e1d8)"
LINE_STRONG = "var(--line-strong, #858a85)"
SURFACE = "var(--surface, #ffffff)"
SUNK = "var(--sunk, #f4f2ec)"
VOICE = "var(--voice, #0f5b60)"
VOICE_SOFT = "var(--voice-soft, #e4efed)"
VOICE_LINE = "var(--voice-line, #b3d0cd)"
VOICE_STRONG = "var(--voice-strong, #0a4549)"
AMBER = "var(--amber, #834e00)"
AMBER_SOFT = "var(--amber-soft, #fbf0d9)"
ON_VOICE = "var(--on-voice, #ffffff)"
FONT = "var(--font, 'Source Sans 3', 'Segoe UI', Arial, sans-serif)"


def element(name: str, content: str | float = "", **attributes: str | float) -> str:
    """One element; `_` in an attribute's name stands for `-`, and numbers lose needless digits."""
    written = "".join(
        f' {key.strip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(x: float, y: float, words: str, size: float, **attributes: str | float) -> str:
    """One line of text, its baseline at y; escaped here."""
    shown: dict[str, str | float] = {"fill": INK_2, **attributes}
    return element("text", escape(words, quote=False), x=x, y=y, font_size=size, **shown)


def lines_of(x: float, y: float, lines: Sequence[str], size: float, **attributes: str | float) -> str:
    """Several lines of text, the first baseline at y, leading 1.3."""
    return "".join(text(x, y + i * size * 1.3, line, size, **attributes) for i, line in enumerate(lines))


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def document(size: tuple[float, float], head: tuple[str, str, str], body: str, lang: str) -> str:
    """A whole picture: `size` of its viewBox, `head` = (id, title, description)."""
    ident, title, description = head
    named = element("title", escape(title), id=f"{ident}-t") + element(
        "desc", escape(description), id=f"{ident}-d"
    )
    return element(
        "svg",
        named + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(size[0])} {_value(size[1])}",
        width="100%",
        role="img",
        lang=lang,
        aria_labelledby=f"{ident}-t {ident}-d",
        font_family=FONT,
    )


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{round(value, 2):g}"
