"""Who made what in a content, and under which licence: the whole, its parts, and every picture and recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.courses.h5p.richtext import plain
from services.courses.h5p.semantics import Medium, Path, SemanticsSource, dotted, walk

_URLS = {
    "CC BY": "https://creativecommons.org/licenses/by/{version}/",
    "CC BY-SA": "https://creativecommons.org/licenses/by-sa/{version}/",
    "CC BY-ND": "https://creativecommons.org/licenses/by-nd/{version}/",
    "CC BY-NC": "https://creativecommons.org/licenses/by-nc/{version}/",
    "CC BY-NC-SA": "https://creativecommons.org/licenses/by-nc-sa/{version}/",
    "CC BY-NC-ND": "https://creativecommons.org/licenses/by-nc-nd/{version}/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC PDM": "https://creativecommons.org/publicdomain/mark/1.0/",
    "ODC PDDL": "https://opendatacommons.org/licenses/pddl/",
    "GNU GPL": "https://www.gnu.org/licenses/",
}
_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")


@dataclass(frozen=True, slots=True)
class Credit:
    """Rights in one thing. `place` is empty for the whole; `kind` content, part, image, video, audio or file.

    `file` is a medium's path in the content or its web address. Years and texts are as given, entities resolved.
    """

    place: str
    kind: str
    title: str
    licence: str
    licence_version: str
    licence_url: str | None
    authors: tuple[tuple[str, str], ...]
    source: str
    years: str
    extras: str
    library: str | None = None
    file: str | None = None
    changes: tuple[tuple[str, str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "place": self.place, "kind": self.kind, "title": self.title, "licence": self.licence,
            "licence_version": self.licence_version, "licence_url": self.licence_url,
            "authors": [{"name": name, "role": role} for name, role in self.authors], "source": self.source,
            "years": self.years, "extras": self.extras, "library": self.library, "file": self.file,
            "changes": [{"date": d, "author": a, "log": log} for d, a, log in self.changes],
        }  # fmt: skip


def copyrights(
    params: object, library: str, metadata: Mapping[str, Any], source: SemanticsSource
) -> list[Credit]:
    """Credits of a content: the whole first, then parts and media that say anything, in their order.

    `metadata` is h5p.json's.
    """
    found = [_credit((), "content", metadata, library=library)]
    for one in walk(params, library, source):
        if isinstance(one, Medium):
            found += _medium(one)
        elif _says_anything(one.metadata):
            found.append(_credit(one.path, "part", one.metadata, library=one.library))
    return found


def _medium(medium: Medium) -> list[Credit]:
    given = medium.file.get("metadata") or medium.file.get("copyright")
    if not isinstance(given, Mapping) or not _says_anything(given):
        return []
    return [_credit(medium.path, medium.kind, given, file=str(medium.file["path"]))]


def _says_anything(given: Mapping[str, Any]) -> bool:
    names = ("license", "authors", "author", "source", "licenseExtras", "year", "yearFrom", "yearsFrom")
    return any(given.get(name) not in (None, "", "U", []) for name in names)


def _credit(
    path: Path, kind: str, given: Mapping[str, Any], *, library: str | None = None, file: str | None = None
) -> Credit:
    licence, version = _text(given, "license") or "U", _text(given, "licenseVersion", "version")
    return Credit(
        dotted(path), kind, _text(given, "title"), licence, version, licence_url(licence, version),
        _authors(given), _text(given, "source"), _years(given), _text(given, "licenseExtras"), library, file,
        _changes(given),
    )  # fmt: skip


def licence_url(licence: str, version: str) -> str | None:
    """Where a licence can be read; None for one that has no address (all rights reserved, undisclosed)."""
    url = _URLS.get(licence)
    return url.format(version=version if version in _VERSIONS else "4.0") if url else None


def _text(given: Mapping[str, Any], *names: str) -> str:
    value = next((given[name] for name in names if given.get(name) not in (None, "")), "")
    return plain(str(value)).strip() if isinstance(value, (str, int, float)) else ""


def _authors(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    listed = given.get("authors")
    people = [a for a in listed if isinstance(a, Mapping)] if isinstance(listed, list) else []
    found = [(_text(a, "name"), _text(a, "role")) for a in people]
    single = _text(given, "author")
    return tuple(pair for pair in found if pair[0]) or (((single, ""),) if single else ())


def _years(given: Mapping[str, Any]) -> str:
    first, last = _text(given, "yearFrom", "yearsFrom", "year"), _text(given, "yearTo", "yearsTo")
    return "–".join(dict.fromkeys(year for year in (first, last) if year))


def _changes(given: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    listed = given.get("changes")
    rows = [c for c in listed if isinstance(c, Mapping)] if isinstance(listed, list) else []
    return tuple((_text(c, "date"), _text(c, "author"), _text(c, "log")) for c in rows)
