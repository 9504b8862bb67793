"""Whether a saved place in one content still fits another: the shape of the parameters, not their words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Lists that no state refers to: ranges of feedback, interface texts, people, changes.
_LOOSE = frozenset(
    ["overallFeedback", "l10n", "UI", "authors", "changes", "metadata", "behaviour", "scoreBarLabel"]
)
_FILES = frozenset(["path", "mime", "width", "height", "copyright", "codecs", "quality", "bitrate"])
_DEPTH = 60


def same_structure(old: Any, new: Any, semantics: list[dict[str, Any]] | None = None) -> bool:
    """True when a learner's state in `old` means the same in `new`.

    Texts, pictures and settings may change. Contents inside must be the same ones (library and id), lists must
    keep their length and order, and texts their number of *marked words*. With `semantics`, fields marked as
    common and lists of ranges may change in any way.
    """
    return _same(old, new, _free_fields(semantics or []), 0)


def _free_fields(semantics: list[dict[str, Any]]) -> frozenset[str]:
    names = {
        str(field.get("name"))
        for field in semantics
        if field.get("common") is True or field.get("widget") == "rangeList"
    }
    return _LOOSE | names


def _same(old: Any, new: Any, free: frozenset[str], depth: int) -> bool:
    if depth > _DEPTH:
        return bool(old == new)
    if isinstance(old, list) or isinstance(new, list):
        return _same_list(old or [], new or [], free, depth)
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        return _same_group(old or {}, new or {}, free, depth)
    return _stars(old) == _stars(new)  # marked words; any other text, number or switch may change


def _same_list(old: Any, new: Any, free: frozenset[str], depth: int) -> bool:
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
        return False
    if old != new and sorted(map(_written, old)) == sorted(map(_written, new)):
        return False  # the same entries in another order: places in the list mean other things now
    return all(_same(a, b, free, depth + 1) for a, b in zip(old, new, strict=True))


def _stars(value: Any) -> int:
    return value.count("*") if isinstance(value, str) else 0


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _same_group(old: Any, new: Any, free: frozenset[str], depth: int) -> bool:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return False
    if "library" in old or "library" in new:
        same_place = (_name(old), old.get("subContentId")) == (_name(new), new.get("subContentId"))
        if not same_place:
            return _is_plain_media(old) and _is_plain_media(new)
    names = (old.keys() | new.keys()) - free - _FILES
    return all(_same(old.get(name), new.get(name), free, depth + 1) for name in names if name != "library")


def _name(group: Mapping[str, Any]) -> str:
    return str(group.get("library", "")).partition(" ")[0]


def _is_plain_media(group: Mapping[str, Any]) -> bool:
    """A picture, film or sound beside a question holds no answers."""
    return _name(group) in ("H5P.Image", "H5P.Audio", "H5P.Video", "H5P.AdvancedText", "H5P.Text", "")
