"""Texts of H5P content: HTML reduced to what a field's semantics allow, everything else escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import nh3

BASE_TAGS = frozenset({"div", "span", "p", "br"})
FORBIDDEN_TAGS = frozenset(
    {"script", "style", "textarea", "option", "select", "iframe", "object", "embed", "form", "input", "button",
     "meta", "link", "base", "svg", "math", "template", "noscript", "title", "xmp", "plaintext", "noembed"}
)  # fmt: skip
# One allowed tag brings others that are its parts or its other spelling.
_BRINGS: dict[str, frozenset[str]] = {
    "table": frozenset({"tr", "td", "th", "colgroup", "col", "thead", "tbody", "tfoot", "caption", "figure", "figcaption"}),
    "ul": frozenset({"li"}), "ol": frozenset({"li"}),
    "b": frozenset({"strong"}), "strong": frozenset({"b"}),
    "i": frozenset({"em"}), "em": frozenset({"i"}),
    "del": frozenset({"s"}), "strike": frozenset({"s", "del"}), "s": frozenset({"del"}),
}  # fmt: skip
RICH = frozenset(
    {"b", "i", "u", "s", "sub", "sup", "a", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre",
     "code", "blockquote", "img"}
)  # fmt: skip

_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "title", "lang", "dir", "style", "align"},
    "a": {"href", "target", "name"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type", "reversed"},
    "table": {"border", "cellpadding", "cellspacing", "summary", "width"},
    "td": {"colspan", "rowspan", "headers", "width", "height", "valign"},
    "th": {"colspan", "rowspan", "headers", "scope", "width", "height", "valign"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}

_LENGTH = r"-?\d*\.?\d+(?:px|em|rem|ex|pt|pc|cm|mm|in|vw|vh|%)?"
_COLOUR = r"(?:#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([\d\s.,%/deg-]{1,60}\)|[a-z]{3,30})"
_WORD = r"[a-z-]{1,30}"
_FAMILY = r"[-\w ,'\"]{1,300}"
_ALWAYS = {"text-align": r"(?:left|right|center|justify|start|end)"}
_FONT: dict[str, dict[str, str]] = {
    "size": {"font-size": rf"(?:{_LENGTH}|{_WORD})"},
    "family": {"font-family": _FAMILY},
    "color": {"color": _COLOUR},
    "background": {"background-color": _COLOUR},
    "spacing": {"letter-spacing": rf"(?:{_LENGTH}|normal)"},
    "height": {"line-height": rf"(?:{_LENGTH}|normal)"},
}
_ONE = rf"(?:{_LENGTH}|{_COLOUR}|{_WORD})"
_EDGE = rf"{_ONE}(?:\s+{_ONE}){{0,3}}"
_SIDES = ("", "-top", "-right", "-bottom", "-left")
_TABLE = {
    "width": rf"(?:{_LENGTH}|auto)", "height": rf"(?:{_LENGTH}|auto)", "float": _WORD, "vertical-align": _WORD,
    "border-collapse": _WORD, "border-spacing": rf"{_LENGTH}(?:\s+{_LENGTH})?", "background-color": _COLOUR,
    "border-color": _EDGE, "border-style": _EDGE, "border-width": _EDGE,
    **{f"border{side}": _EDGE for side in _SIDES}, **{f"padding{side}": _EDGE for side in _SIDES},
    **{f"margin{side}": _EDGE for side in _SIDES},
}  # fmt: skip

_BARE_AMPERSAND = re.compile(r"&(?!(?:[a-z][a-z0-9]{1,31}|#[0-9]{1,7}|#x[0-9a-f]{1,6});)", re.IGNORECASE)
_PASSES = 4
MAX_STYLE = 300


def escape(text: str) -> str:
    """Plain text as H5P stores it: markup and quotes escaped, what is escaped already left alone."""
    text = _BARE_AMPERSAND.sub("&amp;", text.replace("\0", ""))
    for mark, entity in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#039;")):
        text = text.replace(mark, entity)
    return text


def plain(text: str) -> str:
    """What a person reads: without tags, entities resolved. The inverse of `escape` for plain text."""
    return html.unescape(re.sub(r"<[^<>]*>", " ", text) if "<" in text else text)


def allowed_tags(listed: Iterable[object]) -> frozenset[str]:
    """The tags of a field's semantics with those that they bring, and the four that every text may have."""
    named = {
        tag.lower() for tag in listed if isinstance(tag, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", tag)
    }
    brought = {more for tag in named for more in _BRINGS.get(tag, ())}
    return (BASE_TAGS | named | brought) - FORBIDDEN_TAGS


def allowed_styles(font: object, tags: frozenset[str]) -> dict[str, str]:
    """CSS property -> pattern of its value. `font` is the field's: true, or an object of switches."""
    styles = dict(_ALWAYS)
    for switch, rules in _FONT.items():
        if font is True or (isinstance(font, Mapping) and font.get(switch)):
            styles |= rules
    return styles | (_TABLE if "table" in tags else {})


def clean_html(text: str, tags: frozenset[str], font: object = None) -> str:
    """`text` with only these tags, safe attributes and allowed styles; the same again when cleaned again."""
    if "<" not in text and "&" not in text:
        return text.replace("\0", "").replace(">", "&gt;")
    cleaner = _cleaner(tags, tuple(sorted(allowed_styles(font, tags).items())))
    for _ in range(_PASSES):
        before, text = text, cleaner.clean(text)
        if before == text:
            return text
    return text if cleaner.clean(text) == text else escape(plain(text))


@cache
def _cleaner(tags: frozenset[str], styles: tuple[tuple[str, str], ...]) -> nh3.Cleaner:
    patterns = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in styles}

    def judge(_tag: str, attribute: str, value: str) -> str | None:
        return _style(value, patterns) if attribute == "style" else value

    wanted: dict[str, set[str]] = {
        tag: names for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags
    }
    options: dict[str, Any] = {
        "tags": set(tags), "clean_content_tags": {"script", "style"}, "attributes": wanted,
        "attribute_filter": judge, "url_schemes": _SCHEMES, "generic_attribute_prefixes": {"aria-"},
    }  # fmt: skip
    return nh3.Cleaner(**options)


def _style(value: str, patterns: Mapping[str, re.Pattern[str]]) -> str | None:
    kept = []
    for declaration in value.split(";"):
        name, _, given = (part.strip() for part in declaration.partition(":"))
        pattern = patterns.get(name.lower())
        if pattern is not None and len(given) <= MAX_STYLE and pattern.fullmatch(given):
            kept.append(f"{name.lower()}: {given}")
    return "; ".join(kept) or None
