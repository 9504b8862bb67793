"""Words and numbers as they are drawn: measured, wrapped, shortened, formatted."""

from __future__ import annotations

import math
from collections.abc import Sequence

NBSP = "\u00a0"
MINUS = "\u2212"

# Advance widths of the product's typeface, in thousandths of an em, by groups of like letters;
# a page that falls back on Arial or Segoe is a little narrower, so nothing overflows.
_WIDTHS = {
    ch: width
    for width, letters in (
        (200, "',.:;"),
        (250, "`ij|î’"),
        (290, ' !()l\u00a0ï"[ft'),
        (365, "-]_r{}"),
        (410, "/1I\\yÿ"),
        (485, "*?ckvsxzç"),
        (520, "7Jaeàâéèêë–"),
        (570, "23<>EFLTY^bdghnopqu~ôùûüÉÈÊ«»"),
        (605, "$+45689BPRSVZ−"),
        (645, "#0=ACKXÀÂÇ"),
        (720, "DGHNUw…&OQÔ@"),
        (850, "MWm—æ"),
        (940, "%œŒ"),
    )
    for ch in letters
}
_OTHER = 620


def width(text: str, size: float, bold: bool = False) -> float:
    """Estimated width of one line in the units of `size` (px at 1:1), good to a few percent."""
    return sum(_WIDTHS.get(ch, _OTHER) for ch in text) * size / 1000 * (1.05 if bold else 1.0)


def wrap(text: str, size: float, room: float, lines: int) -> list[str]:
    """The text in at most `lines` lines of width `room`; what does not fit ends with an ellipsis."""
    out = [""]
    for word in _words(text, size, room):
        joined = f"{out[-1]} {word}".strip()
        if width(joined, size) <= room:
            out[-1] = joined
        elif len(out) < lines:
            out.append(word)
        else:
            return [*out[:-1], _ellipsis(out[-1], size, room)]
    return out


def number(value: float, lang: str, digits: int = 1) -> str:
    """A figure with a true minus sign and the language's decimal mark; never "-0"."""
    rounded = round(value, digits) + 0.0
    text = f"{abs(rounded):.{digits}f}"
    text = text.replace(".", ",") if lang == "fr" else text
    return f"{MINUS}{text}" if rounded < 0 else text


def signed(value: float, lang: str, digits: int = 1) -> str:
    """A change: like `number`, with a plus sign above zero."""
    text = number(value, lang, digits)
    return f"+{text}" if round(value, digits) > 0 else text


def chance(share: float, lang: str) -> str:
    """A chance 0..1 in whole percent; at the ends "< 1" and "> 99", since resamples prove no certainty."""
    sign = f"{NBSP}%" if lang == "fr" else "%"
    if share < 0.01:
        return f"<{NBSP}1{sign}"
    if share > 0.99:
        return f">{NBSP}99{sign}"
    return f"{round(100 * share)}{sign}"


def plain(words: str) -> str:
    """Words for a canvas: braces and bars, which mark rich text there, become look-alikes."""
    return words.translate({ord("{"): "(", ord("}"): ")", ord("|"): "/"})


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round tick values (1, 2 or 5 times a power of ten) that cover low..high."""
    span = (high - low) or 1.0
    raw = span / wanted
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw - 1e-12)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def tick_digits(ticks: Sequence[float]) -> int:
    """Digits after the decimal mark for every tick of an axis: none where all are whole."""
    return 0 if all(tick == round(tick) for tick in ticks) else 1


def _words(text: str, size: float, room: float) -> list[str]:
    """Words, the over-long ones cut so that each fits a line; no-break spaces stay inside."""
    out: list[str] = []
    for word in text.split(" "):
        rest = word
        while width(rest, size) > room and len(rest) > 1:
            at = next((i for i in range(len(rest), 1, -1) if width(rest[:i], size) <= room), 1)
            out.append(rest[:at])
            rest = rest[at:]
        out.append(rest)
    return [word for word in out if word]


def _ellipsis(line: str, size: float, room: float) -> str:
    words = line.split(" ")
    while len(words) > 1 and width(" ".join(words) + "…", size) > room:
        words.pop()
    kept = " ".join(words).rstrip(",;: ")
    while len(kept) > 1 and width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"
