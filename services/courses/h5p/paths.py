"""Rules for entry names. Names are judged as text; nothing here touches a file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from services.courses.h5p.limits import Limits
from services.courses.h5p.problems import Problem

NAME_BYTES = 240
"""What a file system takes as one name, in UTF-8."""
_DRIVE = re.compile(r"^[A-Za-z]:")


def path_problems(name: str, limits: Limits) -> list[Problem]:
    """Every rule that `name` breaks. A trailing slash (directory entry) is tolerated."""
    found = [Problem(code, {}, name) for code, broken in _SHAPE_RULES if broken(name)]
    bare = name.rstrip("/")
    if len(bare) > limits.path_length or any(
        len(p.encode("utf-8", "replace")) > NAME_BYTES for p in bare.split("/")
    ):
        found.append(Problem("path-too-long", {"limit": limits.path_length}, name))
    if bare.count("/") + 1 > limits.path_depth:
        found.append(Problem("path-too-deep", {"limit": limits.path_depth}, name))
    return found


def _is_absolute(name: str) -> bool:
    return name.startswith(("/", "\\")) or bool(_DRIVE.match(name))


def _is_traversal(name: str) -> bool:
    return ".." in re.split(r"[/\\]", name)


def _has_backslash(name: str) -> bool:
    return "\\" in name and not name.startswith("\\")


def _is_malformed(name: str) -> bool:
    if _is_absolute(name) or "\\" in name:
        return False  # said already, by a more telling code
    parts = name.removesuffix("/").split("/")
    return any(p in ("", ".") for p in parts) or any(unicodedata.category(c) in ("Cc", "Cs") for c in name)


_SHAPE_RULES = (
    ("path-absolute", _is_absolute),
    ("path-traversal", _is_traversal),
    ("path-backslash", _has_backslash),
    ("path-invalid", _is_malformed),
)


def is_skipped(name: str) -> bool:
    """True when a component begins with a dot or an underscore: `__MACOSX/`, `.DS_Store`, `_notes`."""
    return any(part[:1] in (".", "_") for part in name.split("/"))


def extension(name: str) -> str:
    """Lower-case extension of the last component, without its dot; empty when there is none."""
    stem, dot, ext = name.rsplit("/", 1)[-1].rpartition(".")
    return ext.lower() if dot and stem else ""


def fold(name: str) -> str:
    """The key under which a case-insensitive, normalising file system would file this name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def name_clashes(names: Iterable[str]) -> Iterator[Problem]:
    """Duplicates, names equal but for case, and names that are both a file and a folder."""
    files: set[str] = set()
    spelled: dict[str, tuple[str, bool]] = {}
    for name in names:
        if name in files:
            yield Problem("entry-duplicate", {}, name)
        elif (other := _collision(name, spelled)) is not None:
            yield Problem("path-collision", {"other": other}, name)
        if not name.endswith("/"):
            files.add(name)


def _collision(name: str, spelled: dict[str, tuple[str, bool]]) -> str | None:
    for path, is_file in _with_parents(name):
        known, known_is_file = spelled.setdefault(fold(path), (path, is_file))
        if known != path or known_is_file != is_file:
            return known
    return None


def _with_parents(name: str) -> Iterator[tuple[str, bool]]:
    parts = name.rstrip("/").split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth]), False
    yield "/".join(parts), not name.endswith("/")
