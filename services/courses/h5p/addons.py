"""Addons: libraries that serve other contents, such as the one that draws formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from services.courses.h5p.patterns import is_tame

if TYPE_CHECKING:
    from services.courses.h5p.libraries import Library, LibraryKey

_DELIMITED = re.compile(r"([/~#!@%])(?P<pattern>.*)\1(?P<flags>[a-z]*)", re.DOTALL)
_FOR = "library:"
MAX_TEXT = 20_000


def addon_of(value: object) -> tuple[str, ...]:
    """What library.json's `addTo` asks for; empty for a library that is no addon."""
    if not isinstance(value, Mapping):
        return ()
    types = _inner(value.get("content")).get("types")
    texts = (_inner(_inner(one).get("text")).get("regex") for one in types) if isinstance(types, list) else ()
    names = _inner(value.get("player")).get("machineNames")
    wanted = [text for text in texts if isinstance(text, str) and _compiled(text)]
    wanted += [_FOR + name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return tuple(wanted[:20])


def addons_for(main: str, params: object, libraries: Iterable[Library]) -> list[LibraryKey]:
    """Keys of the installed addons that a content of type `main` needs, the newest of each name, by name."""
    newest: dict[str, Library] = {}
    for library in libraries:
        known = newest.get(library.name.machine_name)
        if library.addon and (known is None or library.name > known.name):
            newest[library.name.machine_name] = library
    return [newest[name].name.key for name in sorted(newest) if _serves(newest[name], main, params)]


def _serves(library: Library, main: str, params: object) -> bool:
    if f"{_FOR}{main}" in library.addon:
        return True
    patterns = [p for p in map(_compiled, library.addon) if p is not None]
    return bool(patterns) and any(p.search(text) for text in _texts(params) for p in patterns)


def _compiled(delimited: str) -> re.Pattern[str] | None:
    """A pattern between delimiters, as PHP writes them; None for one that Python does not know, or that may not end."""
    match = _DELIMITED.fullmatch(delimited)
    if match is None or len(delimited) > 500 or not is_tame(match["pattern"]):
        return None
    flags = sum(
        {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}.get(f, 0) for f in set(match["flags"])
    )
    try:
        return re.compile(match["pattern"], flags)
    except (re.error, OverflowError, RecursionError):
        return None


def _texts(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one[:MAX_TEXT]
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _inner(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
