"""Rules for one library folder: library.json, semantics, languages and the files it promises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.courses.h5p.addons import addon_of
from services.courses.h5p.archive import Inventory
from services.courses.h5p.libraries import Library, LibraryKey, LibraryName
from services.courses.h5p.limits import CORE_API
from services.courses.h5p.manifest import (
    DEPENDENCIES,
    EMBED_TYPES,
    MACHINE_NAME,
    SIZE,
    VERSION_PART,
    Check,
    broken_fields,
    is_storable,
    list_of,
    matches,
    parse_json,
    record,
)
from services.courses.h5p.problems import Problem

FOLDER_NAME = re.compile(r"[A-Za-z0-9_\-.]{1,255}")
_LANGUAGE_FILE = re.compile(r"-?[a-z]+(-[a-z]+){0,6}\.json", re.IGNORECASE)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_FLAG = matches("[01]")
_SHORT = matches(r".{1,255}", re.DOTALL)
_LONG = matches(r".{1,5000}", re.DOTALL)
# H5P's own short names, or an SPDX identifier.
_LICENCE = matches(r"[A-Za-z0-9][A-Za-z0-9 .+()\-/]{0,79}")


def _asset(ext: str) -> Check:
    return list_of(record({"path": matches(rf"[a-z0-9_\-\s./\\]+\.{ext}", re.IGNORECASE)}))


_REQUIRED: dict[str, Check] = {
    "title": matches(r".{1,255}"),
    "majorVersion": VERSION_PART,
    "minorVersion": VERSION_PART,
    "patchVersion": VERSION_PART,
    "machineName": MACHINE_NAME,
    "runnable": _FLAG,
}
_OPTIONAL: dict[str, Check] = {
    "author": _SHORT,
    "license": _LICENCE,
    "description": _LONG,
    "preloadedDependencies": DEPENDENCIES,
    "dynamicDependencies": DEPENDENCIES,
    "editorDependencies": DEPENDENCIES,
    "preloadedJs": _asset("js"),
    "preloadedCss": _asset("css"),
    "dropLibraryCss": list_of(record({"machineName": MACHINE_NAME})),
    "embedTypes": EMBED_TYPES,
    "fullscreen": _FLAG,
    "coreApi": record({"majorVersion": VERSION_PART, "minorVersion": VERSION_PART}),
    "metadataSettings": record({}, {"disable": _FLAG, "disableExtraTitleField": _FLAG}),
    "w": SIZE,
    "h": SIZE,
}


@dataclass(slots=True)
class LibraryFolder:
    """One top-level folder of a package and what is in it."""

    name: str
    inventory: Inventory
    problems: list[Problem]
    files: list[str]
    """Paths in the folder of what could be read."""
    semantics: list[Any] = field(default_factory=list)

    def check(self) -> Library | None:
        """The library, or None when its library.json cannot be used. Fills `problems`."""
        if not FOLDER_NAME.fullmatch(self.name):
            self._add("library-folder-name-invalid")
            return None
        data = self._library_json()
        self._check_semantics()
        self._check_languages()
        return None if data is None else self._library(data)

    def _add(self, code: str, file: str = "", params: Mapping[str, str] | None = None) -> None:
        self.problems.append(Problem(code, params or {}, f"{self.name}/{file}" if file else self.name))

    def _parsed(self, file: str) -> object:
        """Raises KeyError when the file is absent or unreadable, ValueError when it is not JSON."""
        return parse_json(self.inventory.texts[f"{self.name}/{file}"])

    def _library_json(self) -> dict[str, Any] | None:
        path = f"{self.name}/library.json"
        try:
            data = self._parsed("library.json")
        except KeyError:
            if path not in self.inventory.unreadable:
                self._add("library-json-missing")
            return None
        except ValueError:
            data = None
        if not isinstance(data, dict) or not is_storable(data):
            self._add("library-json-invalid", "library.json")
            return None
        return self._valid_fields(data)

    def _valid_fields(self, data: dict[str, Any]) -> dict[str, Any] | None:
        broken = broken_fields(data, _REQUIRED, _OPTIONAL)
        for fault, name in broken:
            self._add(f"library-field-{fault}", "library.json", {"field": name})
        return None if broken else data

    def _library(self, data: dict[str, Any]) -> Library:
        library = _build(data, self._digest(), self.files)
        name = library.name
        if self.name not in (name.machine_name, str(name.key)):
            self._add("library-folder-mismatch", params={"library": str(name.key)})
        if library.core_api is not None and library.core_api > CORE_API:
            versions = {"required": _dotted(library.core_api), "available": _dotted(CORE_API)}
            self._add("library-core-api-unsupported", "library.json", {"library": str(name.key), **versions})
        for file in (*library.scripts, *library.styles):
            if not self.inventory.is_named(f"{self.name}/{file}"):
                self._add("library-file-missing", "library.json", {"file": file})
        return library

    def _check_semantics(self) -> None:
        try:
            found = self._parsed("semantics.json")
        except KeyError:
            return
        except ValueError:
            found = None
        if isinstance(found, list) and is_storable(found, nul=True):
            self.semantics = found
        else:
            self._add("library-semantics-invalid", "semantics.json")

    def _check_languages(self) -> None:
        for file in sorted(f for f in self.files if f.startswith("language/")):
            if not _LANGUAGE_FILE.fullmatch(file.removeprefix("language/")):
                self._add("library-language-name-invalid", file)
            elif not self._is_object(file):
                self._add("library-language-invalid", file)

    def _is_object(self, file: str) -> bool:
        try:
            words = self._parsed(file)
            # There may be thousands of these files: a look through the values only where half a pair may be.
            halves = _HALF.search(self.inventory.texts[f"{self.name}/{file}"])
            return isinstance(words, dict) and (halves is None or is_storable(words, nul=True))
        except KeyError:
            return True  # unreadable: said already
        except ValueError:
            return False

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for file in sorted(self.files):
            digest.update(f"{file}\0{self.inventory.files[f'{self.name}/{file}'].sha256}\n".encode())
        return digest.hexdigest()


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def dependency_keys(items: Iterable[Mapping[str, Any]] | None) -> tuple[LibraryKey, ...]:
    """Keys of a checked dependency list."""
    return tuple(
        LibraryKey(d["machineName"], int(d["majorVersion"]), int(d["minorVersion"])) for d in items or ()
    )


def _paths(items: Iterable[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """Asset paths, cleaned of a leading slash, of `./` and of doubled slashes."""
    raw = (item["path"].replace("\\", "/").split("/") for item in items or ())
    return tuple("/".join(part for part in parts if part not in ("", ".")) for parts in raw)


def _build(data: Mapping[str, Any], sha256: str, files: list[str]) -> Library:
    core = data.get("coreApi")
    versions = (int(data[f"{part}Version"]) for part in ("major", "minor", "patch"))
    return Library(
        name=LibraryName(data["machineName"], *versions),
        title=str(data["title"]),
        runnable=str(int(data["runnable"])) == "1",
        sha256=sha256,
        preloaded=dependency_keys(data.get("preloadedDependencies")),
        dynamic=dependency_keys(data.get("dynamicDependencies")),
        editor=dependency_keys(data.get("editorDependencies")),
        scripts=_paths(data.get("preloadedJs")),
        styles=_paths(data.get("preloadedCss")),
        drop_css=tuple(d["machineName"] for d in data.get("dropLibraryCss") or ()),
        embed_types=tuple(data.get("embedTypes") or ()),
        licence=str(data.get("license") or ""),
        author=str(data.get("author") or ""),
        core_api=(int(core["majorVersion"]), int(core["minorVersion"])) if core else None,
        has_icon="icon.svg" in files,
        has_upgrades="upgrades.js" in files,
        addon=addon_of(data.get("addTo")),
        languages=tuple(sorted(f[9:-5] for f in files if f.startswith("language/") and f.endswith(".json"))),
    )
