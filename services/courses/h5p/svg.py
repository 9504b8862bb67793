"""Making an SVG picture inert: it may still be drawn, but not run, call out, or embed a page."""

from __future__ import annotations

import re
from typing import cast
from xml.etree import ElementTree as ET
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
EMPTY = f'<svg xmlns="{_SVG}" width="1" height="1"/>'.encode()
MAX_BYTES = 8 * 1024 * 1024

_FORBIDDEN = frozenset(
    [
        "script",
        "foreignobject",
        "iframe",
        "object",
        "embed",
        "handler",
        "listener",
        "audio",
        "video",
        "canvas",
    ]
)
_ANIMATIONS = frozenset(["set", "animate", "animatemotion", "animatetransform", "animatecolor", "discard"])
_LOCAL_OR_IMAGE = re.compile(r"\s*(#|data:image/(png|jpeg|gif|webp);base64,)", re.IGNORECASE)
_URL = re.compile(r"url\s*\(\s*['\"]?\s*(?!#|data:image/(?:png|jpeg|gif|webp);|data:font/)", re.IGNORECASE)
_ACTIVE_CSS = re.compile(r"@import|expression\s*\(|javascript:|vbscript:|-moz-binding|\\", re.IGNORECASE)


def sanitise_svg(data: bytes) -> bytes:
    """UTF-8 SVG with scripts, handlers, foreign content and outside references removed.

    Anything that is not well-formed XML with an `svg` root, is over MAX_BYTES or nested beyond reason becomes an empty picture.
    """
    if len(data) > MAX_BYTES:
        return EMPTY
    try:
        # expat resolves nothing outside the document and limits what entities may grow to.
        root = ET.fromstring(data)  # noqa: S314
    except (ET.ParseError, expat.ExpatError, ValueError, LookupError):
        return EMPTY
    if _local(root.tag) != "svg":
        return EMPTY
    _clean(root)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    try:
        return cast("bytes", ET.tostring(root, encoding="utf-8", xml_declaration=True))
    except RecursionError:
        return EMPTY


def _clean(root: ET.Element) -> None:
    pending = [root]
    while pending:
        element = pending.pop()
        _clean_attributes(element)
        if _local(element.tag) == "style" and (len(element) or _is_active_css(element.text or "")):
            element[:], element.text = [], ""
        for child in list(element):
            if _is_unsafe(child):
                element.remove(child)
            else:
                pending.append(child)


def _is_unsafe(element: ET.Element) -> bool:
    if _namespace(element.tag) not in ("", _SVG):
        return True
    name = _local(element.tag)
    if name in _ANIMATIONS:
        target = element.get("attributeName", "").lower()
        return target.endswith("href") or target.startswith("on")
    return name in _FORBIDDEN


def _clean_attributes(element: ET.Element) -> None:
    for name in list(element.attrib):
        if _is_unsafe_attribute(_local(name), element.attrib[name]):
            del element.attrib[name]


def _is_unsafe_attribute(name: str, value: str) -> bool:
    if name.startswith("on") or name == "base":
        return True
    if name in ("href", "src"):
        return not _LOCAL_OR_IMAGE.match(value)
    return _is_active_css(value) if name == "style" else bool(_URL.search(value))


def _is_active_css(text: str) -> bool:
    # A backslash can spell any of the words below in escapes; pictures do not need one.
    return bool(_ACTIVE_CSS.search(text) or _URL.search(text))


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].lower()


def _namespace(tag: str) -> str:
    return tag[1:].split("}", 1)[0] if tag.startswith("{") else ""
