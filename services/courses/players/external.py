"""Blocks of other makers: what is installed beside Cercle under the entry point `xblock.v1`, and how one is loaded.

Its own type name is its key; where that is a name of ours, the package is written behind it: `survey@xblock-poll`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, PackageMetadata, entry_points
from typing import Any

from xblock.core import XBlock

from services.courses.players import shim
from services.courses.players.blocks import BLOCKS

GROUP = "xblock.v1"
MAX_KEY = 60  # as wide as the column of block types
_RESERVED = ("module", "unit", "scorm", "quiz")


class BlockUnusableError(Exception):
    """A block's package cannot be loaded here; the message says why."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A block type that could be allowed."""

    key: str
    package: str
    version: str
    licence: str
    summary: str
    entry: EntryPoint


@cache
def installed() -> dict[str, Installed]:
    """Every installed block type by its key, in the order of the keys."""
    found = (_described(entry) for entry in entry_points(group=GROUP) if entry.dist is not None)
    return {one.key: one for one in sorted(found, key=lambda one: one.key) if len(one.key) <= MAX_KEY}


def _described(entry: EntryPoint) -> Installed:
    if entry.dist is None:
        raise BlockUnusableError(entry.name)
    meta = entry.dist.metadata
    package = meta["Name"]
    ours = entry.name in BLOCKS or entry.name in _RESERVED
    key = f"{entry.name}@{package.lower()}" if ours else entry.name
    licence = _licence(meta) or _licence_file(entry.dist)
    return Installed(key, package, entry.dist.version, licence, meta["Summary"] or "", entry)


def _licence(meta: PackageMetadata) -> str:
    """As the package says it: expression, classifier, or the field's first line."""
    classifiers = [
        line.rpartition(" :: ")[2] for line in meta.get_all("Classifier") or [] if "License ::" in line
    ]
    written = str(meta["License"] or "").strip().partition("\n")[0][:60]
    return str(meta["License-Expression"] or (classifiers[0] if classifiers else written))


def _licence_file(dist: Distribution) -> str:
    """The first words of the licence's text, where nothing else names it."""
    for name in dist.metadata.get_all("License-File") or []:
        text = dist.read_text(f"licenses/{name}") or dist.read_text(name) or ""
        if first := next((line.strip() for line in text.splitlines() if line.strip()), ""):
            return first[:60]
    return ""


@cache
def load(key: str) -> type[XBlock]:
    """The class behind a key, in surroundings as it expects them. Raises BlockUnusableError."""
    one = installed().get(key)
    if one is None:
        raise BlockUnusableError("not installed")
    try:
        shim.prepare()
        found: type[XBlock] = one.entry.load()
    except Exception as error:
        raise BlockUnusableError(f"{type(error).__name__}: {error}") from error
    return found


def completes_by_itself(key: str) -> bool:
    """True for a block that reports a grade or its completion; others are completed when they have been seen."""
    block = load(key)
    return bool(getattr(block, "has_score", False) or getattr(block, "has_custom_completion", False))


def has_editor(key: str) -> bool:
    """True when its author can change it here."""
    return hasattr(load(key), "studio_view")


class BlockTypes(Mapping[str, type[XBlock]]):
    """Our own blocks, and those of other makers that are allowed now."""

    def __init__(self, is_allowed: Callable[[str], bool]) -> None:
        self._is_allowed = is_allowed

    def __getitem__(self, key: str) -> type[XBlock]:
        """Raises KeyError for what is not allowed, not installed, or cannot be loaded."""
        if key in BLOCKS:
            return BLOCKS[key]
        if not self._is_allowed(key):
            raise KeyError(key)
        try:
            return load(key)
        except BlockUnusableError as error:
            raise KeyError(key) from error

    def __contains__(self, key: object) -> bool:
        try:
            self[str(key)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter([*BLOCKS, *(key for key in installed() if self._is_allowed(key))])

    def __len__(self) -> int:
        return len(list(iter(self)))


def describe(one: Installed) -> dict[str, Any]:
    """What pages show of it."""
    return {"block_type": one.key, "package": one.package, "version": one.version, "licence": one.licence,
            "summary": one.summary}  # fmt: skip
