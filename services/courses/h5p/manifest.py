"""Rules for h5p.json, as the H5P specification's package definition gives them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from services.courses.h5p.problems import Problem

Check = Callable[[object], bool]
MAX_NESTING = 200
_HALF = re.compile("[\ud800-\udfff]")

LICENCES = frozenset(
    [
        "CC BY",
        "CC BY-SA",
        "CC BY-ND",
        "CC BY-NC",
        "CC BY-NC-SA",
        "CC BY-NC-ND",
        "CC0 1.0",
        "GNU GPL",
        "PD",
        "ODC PDDL",
        "CC PDM",
        "U",
        "C",
    ]
)


def parse_json(data: bytes) -> object:
    """Parse UTF-8 JSON, with or without a byte order mark. Raises ValueError on anything else."""
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def is_storable(value: object, *, nul: bool = False) -> bool:
    """False when a text in the document is none (half of a surrogate pair, or a NUL unless `nul`), a number is
    out of all bounds, or values are nested deeper than MAX_NESTING: no database would take it.
    """
    level = [value]
    for _ in range(MAX_NESTING):
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner += [*one, *one.values()]
            elif isinstance(one, list):
                inner += one
            elif (isinstance(one, str) and not _is_text(one, nul=nul)) or (
                isinstance(one, float) and not math.isfinite(one)
            ):
                return False
        if not inner:
            return True
        level = inner
    return False


def _is_text(text: str, *, nul: bool) -> bool:
    return (nul or "\0" not in text) and (text.isascii() or not _HALF.search(text))


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are not JSON


def as_text(value: object) -> str | None:
    """Text form of a JSON string, integer or boolean (1/0), since packages quote numbers freely."""
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, (str, int)) else None


def matches(pattern: str, flags: int = 0) -> Check:
    """A check that the whole of the value's text form matches."""
    compiled = re.compile(pattern, flags)

    def check(value: object) -> bool:
        text = as_text(value)
        return text is not None and compiled.fullmatch(text) is not None

    return check


def one_of(values: frozenset[str]) -> Check:
    """A check for membership."""
    return lambda value: isinstance(value, str) and value in values


def list_of(check: Check) -> Check:
    """A check for a list whose items all pass."""
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A check for an object with these fields; other fields are let through."""

    def check(value: object) -> bool:
        if not isinstance(value, dict):
            return False
        return not any(True for _ in broken_fields(value, required, optional or {}))

    return check


def broken_fields(
    value: Mapping[str, object], required: Mapping[str, Check], optional: Mapping[str, Check]
) -> list[tuple[str, str]]:
    """(fault, field) pairs; fault is "missing" or "invalid". Empty optional values count as absent."""
    found = [("missing", name) for name in required if name not in value]
    found += [("invalid", name) for name, ok in required.items() if name in value and not ok(value[name])]
    given = {n: value[n] for n in optional if value.get(n) not in (None, "", [])}
    return found + [("invalid", name) for name, item in given.items() if not optional[name](item)]


VERSION_PART = matches(r"[0-9]{1,5}")
MACHINE_NAME = matches(r"[A-Za-z0-9_\-.]{1,255}")
DEPENDENCY = record({"machineName": MACHINE_NAME, "majorVersion": VERSION_PART, "minorVersion": VERSION_PART})
DEPENDENCIES = list_of(DEPENDENCY)
SIZE = matches(r"[0-9]{1,4}")
EMBED_TYPES = list_of(one_of(frozenset({"iframe", "div"})))
_SHORT = matches(r".{1,255}", re.DOTALL)
_LONG = matches(r".{1,5000}", re.DOTALL)
_YEAR = matches(r"-?[0-9]{1,4}")
_DATE = matches(r"[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}:[0-9]{2}")

_REQUIRED: dict[str, Check] = {
    "title": matches(r".{1,255}"),
    "language": matches(r"[-a-zA-Z]{1,10}"),
    "mainLibrary": matches(r"[$a-z_][0-9a-z_.$]{1,254}", re.IGNORECASE),
    "preloadedDependencies": DEPENDENCIES,
    "embedTypes": EMBED_TYPES,
}
_OPTIONAL: dict[str, Check] = {
    "dynamicDependencies": DEPENDENCIES,
    "editorDependencies": DEPENDENCIES,
    "contentType": _SHORT,
    "author": _SHORT,
    "authors": list_of(record({"name": _SHORT}, {"role": _SHORT})),
    "source": matches(r"https?://.+"),
    "license": one_of(LICENCES),
    "licenseVersion": matches(r"-|1\.0|2\.0|2\.5|3\.0|4\.0|v1|v2|v3|CC0 1\.0|CC PDM"),
    "licenseExtras": _LONG,
    # The validators say yearsFrom/yearsTo, the exporters write yearFrom/yearTo: both are in circulation.
    "yearsFrom": _YEAR, "yearsTo": _YEAR, "yearFrom": _YEAR, "yearTo": _YEAR,
    "changes": list_of(record({}, {"date": _DATE, "author": _SHORT, "log": _LONG})),
    "authorComments": _LONG,
    "a11yTitle": _SHORT,
    "defaultLanguage": matches(r"[-a-zA-Z]{1,10}"),
    "w": SIZE, "h": SIZE,
    "metaKeywords": _LONG, "metaDescription": _LONG,
}  # fmt: skip


def manifest_problems(value: Mapping[str, Any]) -> list[Problem]:
    """Every broken rule of an h5p.json object."""
    found = [
        Problem(f"h5p-json-field-{fault}", {"field": name}, "h5p.json")
        for fault, name in broken_fields(value, _REQUIRED, _OPTIONAL)
    ]
    return found or _main_library_problems(value)


def _main_library_problems(value: Mapping[str, Any]) -> list[Problem]:
    main = value["mainLibrary"]
    if any(d["machineName"] == main for d in value["preloadedDependencies"]):
        return []
    return [Problem("main-library-not-listed", {"library": main}, "h5p.json")]
