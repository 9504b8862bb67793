"""Whether stored figures are those that the data give: both as plain JSON values, compared bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.surveys.methods.manifest import METHODS_VERSION

OK, DATA_CHANGED, OTHER_CODE, FIGURE_DIFFERS = "ok", "data-changed", "other-code-version", "figure-differs"
LIBRARIES = ("numpy", "scipy")
NAMES = ("item", "code", "group", "wave", "number", "name")
SHOWN = 20
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """A figure that is not the stored one; `path` such as `items[C1].estimates.mwds.value`. None: absent."""

    path: str
    stored: Any
    rebuilt: Any


@dataclass(frozen=True)
class Verdict:
    """`outcome`: ok, data-changed, other-code-version or figure-differs; `differences`: the first twenty."""

    outcome: str
    differences: tuple[Difference, ...] = ()


def judge(stored: Any, rebuilt: Any) -> Verdict:
    """Compare stored figures with those made anew under the stored settings.

    Rule: a manifest of another version of the methods, then one of other data (or of none any more), then any other
    difference. Versions of libraries alone decide nothing: the figures do. Numbers are compared as such, bit for bit
    (1 and 1.0 are one).
    """
    if of_other_code(stored):
        return Verdict(OTHER_CODE)
    if _fingerprints(stored) != _fingerprints(rebuilt):
        return Verdict(DATA_CHANGED)
    found = list(differences(stored, rebuilt))
    return Verdict(FIGURE_DIFFERS, tuple(found[:SHOWN])) if found else Verdict(OK)


def of_other_code(stored: Any) -> bool:
    """Whether another version of the methods made these figures."""
    return bool(code_versions(stored) - {METHODS_VERSION})


def code_versions(value: Any) -> set[str]:
    """Every `methods_version` of the manifests within."""
    return {str(one) for one in _each(value, "methods_version")}


def _fingerprints(value: Any) -> list[str]:
    return sorted(str(one) for one in _each(value, "data_sha256"))


def _each(value: Any, name: str) -> Iterator[Any]:
    """What stands under `name` anywhere within."""
    if isinstance(value, Mapping):
        if name in value:
            yield value[name]
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _each(inner, name)


def differences(stored: Any, rebuilt: Any, path: str = "") -> Iterator[Difference]:
    """Every leaf that differs, in the order of the rebuilt value; libraries' versions passed over."""
    if isinstance(stored, Mapping) and isinstance(rebuilt, Mapping):
        for name in dict.fromkeys((*rebuilt, *stored)):
            if not (name in LIBRARIES and "methods_version" in stored):
                step = f"{path}.{name}" if path else str(name)
                yield from differences(stored.get(name, _ABSENT), rebuilt.get(name, _ABSENT), step)
    elif isinstance(stored, list | tuple) and isinstance(rebuilt, list | tuple):
        yield from _of_lists(stored, rebuilt, path)
    elif (type(stored) is bool) != (type(rebuilt) is bool) or stored != rebuilt:
        yield _difference(path, stored, rebuilt)


def _of_lists(stored: Sequence[Any], rebuilt: Sequence[Any], path: str) -> Iterator[Difference]:
    if len(stored) != len(rebuilt):
        yield Difference(f"{path}.length", len(stored), len(rebuilt))
    for place, (old, new) in enumerate(zip(stored, rebuilt, strict=False)):
        yield from differences(old, new, f"{path}[{_name(old, place)}]")


def _name(entry: Any, place: int) -> str:
    found = (entry.get(name) for name in NAMES) if isinstance(entry, Mapping) else ()
    return str(next((name for name in found if isinstance(name, str | int)), place))


def _difference(path: str, stored: Any, rebuilt: Any) -> Difference:
    old, new = (None if value is _ABSENT else value for value in (stored, rebuilt))
    return Difference(path, old, new)
