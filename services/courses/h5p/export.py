"""Making an .h5p of an installed content: the same bytes for the same content, libraries included.

What is imported again has the same parameters, media and metadata, and the same libraries at the same patch.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from services.courses.h5p.libraries import Library, LibraryIndex, LibraryKey, resolve_dependencies
from services.courses.h5p.library_json import dependency_keys
from services.courses.h5p.limits import DEFAULT
from services.courses.h5p.packing import entry_info

CHUNK = 256 * 1024
_STORED = frozenset(
    {"png", "jpg", "jpeg", "gif", "webp", "mp4", "webm", "mp3", "m4a", "ogg", "woff", "woff2", "pdf"}
)
"""Compressed already: deflating them again only costs time."""
METADATA = (
    "authors", "source", "license", "licenseVersion", "licenseExtras", "yearFrom", "yearTo", "yearsFrom", "yearsTo",
    "changes", "authorComments", "contentType", "a11yTitle", "defaultLanguage", "metaKeywords", "metaDescription",
    "author", "w", "h",
)  # fmt: skip


class FileSource(Protocol):
    """Where files are read: a storage. Keys use forward slashes."""

    def open(self, key: str, /) -> BinaryIO: ...

    def list(self, prefix: str, /) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What goes into a package. `manifest` is h5p.json as it is stored; `used` are the libraries that content
    names, the main one first; `root` is where content.json and its media are, with a slash at its end.
    """

    manifest: Mapping[str, Any]
    used: Sequence[LibraryKey]
    root: str


class LibraryGone(Exception):
    """A library that the content needs is not installed."""


def manifest_of(given: Mapping[str, Any], used: Sequence[LibraryKey], index: LibraryIndex) -> dict[str, Any]:
    """h5p.json of a content: its metadata, and every library that a page must load.

    `given` may be an earlier h5p.json: libraries keep the order that they have there.
    """
    main = used[0]
    listed = given.get("preloadedDependencies") or ()
    entries = dict(zip(dependency_keys(listed), listed, strict=True))
    found, _ = resolve_dependencies(used, index)
    preloaded = dict.fromkeys(one.key for one in found if one.kind == "preloaded")
    library = index.find(main)
    kept = {name: given[name] for name in METADATA if given.get(name) not in (None, "", [])}
    return {
        "license": "U",
        **kept,
        "title": str(given.get("title") or main.machine_name)[:255],
        "language": str(given.get("language") or "und"),
        "mainLibrary": main.machine_name,
        "embedTypes": given.get("embedTypes") or list(library.embed_types if library else ()) or ["iframe"],
        "preloadedDependencies": [
            *(entry for key, entry in entries.items() if index.find(key)),
            *(_entry(key) for key in preloaded if key not in entries),
        ],
    }  # fmt: skip


def _entry(key: LibraryKey) -> dict[str, Any]:
    return {"machineName": key.machine_name, "majorVersion": key.major, "minorVersion": key.minor}


def write_package(
    content: Exported, index: LibraryIndex, files: FileSource, target: BinaryIO, *, library_root: str
) -> None:
    """Write the package to `target` (seekable), file by file. Libraries of every kind are packed; h5p.json lists
    the preloaded. `library_root` (with its slash) is where library folders are. Raises LibraryGone.
    """
    libraries = _libraries(content.used, index)
    manifest = manifest_of(content.manifest, content.used, index)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()
        archive.writestr(entry_info("h5p.json", zipfile.ZIP_DEFLATED), text)
        _pack(archive, files, content.root, "content/")
        for library in libraries:
            _pack(archive, files, f"{library_root}{library.folder}/", f"{library.name.key}/")


def _libraries(used: Sequence[LibraryKey], index: LibraryIndex) -> list[Library]:
    """All that the content needs. What only an editor wants may be absent; what a page loads may not."""
    found, missing = resolve_dependencies(used, index)
    playing = {str(one.key) for one in found if one.kind != "editor"}
    gone = sorted(str(key) for key, asked_by in missing.items() if key in used or asked_by in playing)
    editing = {str(key) for one in found for key in _editors(index.find(one.key))}
    if gone := [name for name in gone if name not in editing]:
        raise LibraryGone(", ".join(gone))
    known = (index.find(key) for key in {one.key for one in found})
    return sorted((library for library in known if library), key=lambda library: library.name)


def _editors(library: Library | None) -> tuple[LibraryKey, ...]:
    return library.editor if library else ()


def _pack(archive: zipfile.ZipFile, files: FileSource, root: str, folder: str) -> None:
    for key in sorted(files.list(root)):
        name = folder + key.removeprefix(root)
        if len(name) > DEFAULT.path_length:
            continue  # no importer would take it
        method = zipfile.ZIP_STORED if name.rpartition(".")[2].lower() in _STORED else zipfile.ZIP_DEFLATED
        with files.open(key) as source, archive.open(entry_info(name, method), "w") as entry:
            for chunk in _chunks(source.read):
                entry.write(chunk)


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(CHUNK):
        yield chunk


def slug(title: str, otherwise: str = "h5p") -> str:
    """A title as a file name: letters, digits and hyphens."""
    flat = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:60].strip("-") or otherwise
