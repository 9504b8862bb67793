"""The colours that meet on a page keep the contrast of WCAG 2.2 in both themes (1.4.3 text, 1.4.11 controls)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "gateway" / "web" / "static" / "css"
DECLARED = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")
THEMES = ("light", "dark")

PAPERS = ("paper", "paper-rail", "surface", "sunk", "raised")
TEXT = (
    *((ink, paper) for ink in ("ink", "ink-2", "ink-3", "voice", "voice-strong", "red") for paper in PAPERS),
    *((ink, "voice-soft") for ink in ("ink", "ink-2", "voice", "voice-strong")),
    *((ink, "amber-soft") for ink in ("ink", "ink-2", "amber")),
    *((ink, "red-soft") for ink in ("ink", "ink-2", "red")),
    ("on-voice", "voice-fill"),
    ("on-voice", "voice-fill-hover"),
    ("on-red", "red-fill"),
    ("on-red", "red-fill-hover"),
    ("on-amber", "amber"),
    ("paper", "ink-2"),
    ("ink", "selection"),
)
CONTROLS = (
    *((line, paper) for line in ("line-strong", "focus", "voice-fill", "red-fill") for paper in PAPERS),
    *(("amber-mark", paper) for paper in ("paper", "surface", "raised")),
    ("line-strong", "voice-soft"),
    ("focus", "voice-soft"),
    ("focus", "amber-soft"),
    ("focus", "red-soft"),
)


def tokens() -> dict[str, dict[str, str]]:
    """Theme -> name -> #rrggbb. The blocks for more contrast come later in the file and are left out."""
    root = (CSS / "tokens.css").read_text().split("@media", maxsplit=1)[0]
    found = DECLARED.findall(root)
    return {
        "light": {name: light for name, light, _ in found},
        "dark": {name: dark for name, _, dark in found},
    }


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2, in [0, 1]."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, in [1, 21]."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def too_weak(pairs: tuple[tuple[str, str], ...], theme: str, least: float) -> dict[str, float]:
    named = tokens()[theme]
    ratios = {f"{front} on {back}": contrast(named[front], named[back]) for front, back in pairs}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}


def test_contrast_of_known_colours() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("theme", THEMES)
def test_text_reads_on_every_paper(theme: str) -> None:
    assert too_weak(TEXT, theme, 4.5) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_controls_stand_out_from_every_paper(theme: str) -> None:
    assert too_weak(CONTROLS, theme, 3) == {}


def test_colours_are_named_only_in_the_tokens() -> None:
    named = {
        path.name: HEX.findall(path.read_text()) for path in CSS.rglob("*.css") if path.name != "tokens.css"
    }
    assert {name: found for name, found in named.items() if found} == {}


def test_every_custom_property_used_is_declared() -> None:
    text = "\n".join(path.read_text() for path in CSS.rglob("*.css"))
    declared = set(re.findall(r"(?:^|[\s;{])--([\w-]+):", text))
    assert set(re.findall(r"var\(--([\w-]+)", text)) - declared == set()
