"""HTML of other hosts as markdown. What markdown cannot say is left as its words; scripts, styles and frames are dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import html

Node = Any
"""An element of lxml, which has no types."""
_DROPPED = {"script", "style", "iframe", "object", "embed", "form", "template", "noscript", "head"}
_ESCAPED = re.compile(r"([\\`*_\[\]<>])")
_AROUND = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "figure",
    "center",
    "details",
    "summary",
    "dl",
    "dd",
    "dt",
}


def to_markdown(text: str) -> str:
    """Markdown of a fragment of HTML."""
    if not text.strip():
        return ""
    root = html.fragment_fromstring(text, create_parent="div")
    made = _blocks(root)
    return re.sub(r"\n{3,}", "\n\n", made).strip() + "\n"


def _blocks(node: Node) -> str:
    """The content of a block: words of its own become a paragraph."""
    parts: list[str] = [_words(node.text)]
    for child in node:
        parts += [_block(child), _words(child.tail)]
    return "".join(parts)


def _block(node: Node) -> str:
    tag = node.tag if isinstance(node.tag, str) else ""
    if not tag or tag in _DROPPED:
        return ""
    if tag in _BLOCKS:
        return f"\n\n{_blocks(node).strip()}\n\n"
    write = _WRITERS.get(tag)
    return f"\n\n{write(node)}\n\n" if write else _inline(node)


def _inline(node: Node) -> str:
    tag = str(node.tag)
    if tag == "br":
        return "  \n"
    inner = _blocks(node)
    if tag in _AROUND and inner.strip():
        return f"{_AROUND[tag]}{inner.strip()}{_AROUND[tag]}"
    if tag == "code":
        return f"`{node.text_content()}`"
    address = node.get("href", "")
    if tag == "a" and address.startswith(("https://", "http://", "mailto:")) and inner.strip():
        return f"[{inner.strip()}](<{address.replace('>', '%3E')}>)"
    return str(node.get("alt") or "") if tag == "img" else inner


def _words(text: str | None) -> str:
    return _ESCAPED.sub(r"\\\1", re.sub(r"\s+", " ", text)) if text else ""


def _heading(node: Node) -> str:
    # Pages have their own h1, and a text's headings are lowered by one when it is shown.
    level = max(1, int(str(node.tag)[1]) - 1)
    return f"{'#' * level} {' '.join(_blocks(node).split())}"


def _list(node: Node) -> str:
    ordered = node.tag == "ol"
    lines = []
    for number, item in enumerate(node.iterchildren("li"), 1):
        mark = f"{number}. " if ordered else "- "
        body = _blocks(item).strip().replace("\n", "\n" + " " * len(mark))
        lines.append(mark + re.sub(r"\n\s*\n\s*\n", "\n\n", body))
    return "\n".join(lines)


def _quote(node: Node) -> str:
    return "\n".join(
        f"> {line}".rstrip() for line in re.sub(r"\n{3,}", "\n\n", _blocks(node).strip()).split("\n")
    )


def _code(node: Node) -> str:
    return f"```\n{node.text_content().strip()}\n```"


def _table(node: Node) -> str:
    rows = [[" ".join(_blocks(cell).split()).replace("|", "\\|") for cell in row.iterchildren("td", "th")]
            for row in node.iter("tr")]  # fmt: skip
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    filled = [row + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in filled]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def _rule(node: Node) -> str:
    del node
    return "---"


_WRITERS: dict[str, Callable[[Node], str]] = {
    **{f"h{level}": _heading for level in range(1, 7)},
    "ul": _list, "ol": _list, "blockquote": _quote, "pre": _code, "table": _table, "hr": _rule,
}  # fmt: skip
