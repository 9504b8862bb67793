"""`validate_package`: every rule over one package, every problem in one report."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from services.courses.h5p.archive import Inventory, PackagedFile, Source, opened, packed_size, take_inventory
from services.courses.h5p.libraries import Libraries, Library, LibraryIndex, LibraryKey, resolve_dependencies
from services.courses.h5p.library_json import LibraryFolder, dependency_keys
from services.courses.h5p.limits import (
    CONTENT_EXTENSIONS,
    DEFAULT,
    LIBRARY_EXTENSIONS,
    LIBRARY_NOTICES,
    Limits,
)
from services.courses.h5p.malware import Scanner
from services.courses.h5p.manifest import is_storable, manifest_problems, parse_json
from services.courses.h5p.paths import extension
from services.courses.h5p.problems import Problem

MANIFEST, CONTENT = "h5p.json", "content/content.json"


@dataclass(frozen=True, slots=True)
class Package:
    """A package as far as it could be read. `manifest` and `content` are {} in a library-only package.

    `library_folders` maps a folder of the archive to the library in it; `files` holds every relevant file.
    """

    manifest: Mapping[str, Any]
    content: Mapping[str, Any]
    main: LibraryKey | None
    library_folders: Mapping[str, Library]
    files: Mapping[str, PackagedFile]
    semantics: Mapping[LibraryKey, list[Any]] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """Small files, as they were read: who installs the package need not unpack them again."""
    stated: Mapping[str, Any] = field(default_factory=dict)
    """h5p.json as it is, however faulty."""

    @property
    def dependencies(self) -> tuple[LibraryKey, ...]:
        """The preloaded dependencies of h5p.json, in its order."""
        return dependency_keys(self.manifest.get("preloadedDependencies"))

    def files_under(self, folder: str) -> list[PackagedFile]:
        """Relevant files below a top-level folder, by path."""
        return [self.files[path] for path in sorted(self.files) if path.startswith(folder + "/")]


@dataclass(frozen=True, slots=True)
class PackageReport:
    """`package` is set only when there are no problems. `unpacked` is the counted size in bytes.

    `seen` is what could be read of any package, refused ones too: good for telling, not for installing.
    """

    problems: tuple[Problem, ...]
    package: Package | None
    may_install: bool
    unpacked: int = 0
    seen: Package | None = None

    @property
    def accepted(self) -> bool:
        """True when no rule is broken."""
        return not self.problems

    @property
    def codes(self) -> tuple[str, ...]:
        """The distinct codes, in order of first appearance."""
        return tuple(dict.fromkeys(p.code for p in self.problems))

    def messages(self, lang: str) -> list[str]:
        """One sentence per problem in "fr" or "en"."""
        return [p.message(lang) for p in self.problems]


def validate_package(
    source: Source,
    *,
    limits: Limits = DEFAULT,
    installed: LibraryIndex | None = None,
    may_install: bool,
    name: str | None = None,
    library_only: bool = False,
    scanner: Scanner | None = None,
) -> PackageReport:
    """Check a package from end to end and collect every problem. Writes nothing, anywhere.

    `source` is a path or a seekable binary file; `name` is the uploaded file's name, if the extension is to
    be judged (a path is judged by its own name). With `may_install` False, every library that the content
    needs must be in `installed` already. `library_only` accepts a package without content. `scanner` looks at the whole file first; when it cannot tell, the package
    is refused.
    """
    with opened(source) as file:
        problems = list(_file_problems(file, _name_of(source, name), limits))
        if any(p.code == "package-too-large" for p in problems):
            return PackageReport(tuple(problems), None, may_install)
        if scanner is not None and (found := _scanned(scanner, file)):
            return PackageReport((*problems, found), None, may_install)
        inventory = take_inventory(file, limits, _is_json_text)
    problems += inventory.problems
    if _is_hopeless(inventory):
        seen = _Reader(inventory, [], library_only).read()
        return PackageReport(tuple(problems), None, may_install, inventory.unpacked, seen)
    package = _Reader(inventory, problems, library_only).read()
    problems += _library_problems(package, installed or Libraries(), may_install)
    unique = tuple({(p.code, p.path, *p.params.items()): p for p in problems}.values())
    return PackageReport(unique, None if unique else package, may_install, inventory.unpacked, package)


def _name_of(source: Source, name: str | None) -> str | None:
    return os.fspath(source) if name is None and isinstance(source, (str, os.PathLike)) else name


def _file_problems(file: BinaryIO, name: str | None, limits: Limits) -> Iterator[Problem]:
    if name is not None and not name.lower().endswith(".h5p"):
        yield Problem("extension-wrong")
    size = packed_size(file)
    if size > limits.packed:
        yield Problem("package-too-large", {"size": size, "limit": limits.packed})


def unless_restricted(report: PackageReport, restricted: Container[LibraryKey]) -> PackageReport:
    """The report, refused when the content is of a library that this person may make nothing of."""
    package = report.package
    if package is None or package.main is None or package.main not in restricted:
        return report
    problem = Problem("library-restricted", {"library": str(package.main)})
    return replace(report, problems=(problem,), package=None)


def _scanned(scanner: Scanner, file: BinaryIO) -> Problem | None:
    try:
        name = scanner(file)
    except OSError:
        return Problem("scan-impossible")
    file.seek(0)
    return None if name is None else Problem("malware-named", {"name": name[:100]})


def _is_hopeless(inventory: Inventory) -> bool:
    """Reading stopped half-way: what seems missing may well be there."""
    stopping = {"archive-unreadable", "too-many-entries", "unpacked-too-large"}
    return any(p.code in stopping or _is_bomb(p) for p in inventory.problems)


def _is_bomb(problem: Problem) -> bool:
    """True when the package in all, rather than one entry, unpacks to too much."""
    return problem.code == "compression-ratio" and problem.path is None


def _is_json_text(path: str) -> bool:
    parts = path.split("/")
    if len(parts) == 1:
        return path == MANIFEST
    if parts[0] == "content":
        return path == CONTENT
    in_root = len(parts) == 2 and parts[1] in ("library.json", "semantics.json")
    return in_root or (len(parts) == 3 and parts[1] == "language" and path.endswith(".json"))


@dataclass(slots=True)
class _Reader:
    inventory: Inventory
    problems: list[Problem]
    library_only: bool
    stated: dict[str, Any] = field(default_factory=dict)

    def read(self) -> Package:
        folders, semantics = self._libraries()
        wanted = MANIFEST in self.inventory.names or not (self.library_only and folders)
        manifest = self._object(MANIFEST, "h5p-json") if wanted else None
        content = self._object(CONTENT, "content-json") if wanted else None
        faults = [] if manifest is None else manifest_problems(manifest)
        self.problems += faults
        self.problems += self._extension_problems()
        usable = {} if faults or manifest is None else manifest
        return Package(
            usable, content or {}, _main_key(usable), folders, self.inventory.files, semantics,
            self.inventory.texts, self.stated,
        )  # fmt: skip

    def _object(self, path: str, code: str) -> dict[str, Any] | None:
        if path in self.inventory.unreadable:
            return None
        if path not in self.inventory.texts:
            self.problems.append(Problem(f"{code}-missing"))
            return None
        try:
            value = parse_json(self.inventory.texts[path])
        except ValueError:
            value = None
        if isinstance(value, dict) and path == MANIFEST:
            self.stated = value
        if isinstance(value, dict) and is_storable(value, nul=path != MANIFEST):
            return value
        self.problems.append(Problem(f"{code}-invalid", {}, path))
        return None

    def _libraries(self) -> tuple[dict[str, Library], dict[LibraryKey, list[Any]]]:
        found: dict[str, Library] = {}
        semantics: dict[LibraryKey, list[Any]] = {}
        for name, files in sorted(self._folders().items()):
            folder = LibraryFolder(name, self.inventory, self.problems, files)
            library = folder.check()
            if library is not None:
                found[name] = library
                semantics[library.name.key] = folder.semantics
        self._refuse_twins(found)
        return found, semantics

    def _folders(self) -> dict[str, list[str]]:
        """Top-level folders other than content, each with the files in it that could be read."""
        folders: dict[str, list[str]] = {
            path.split("/")[0]: [] for path in self.inventory.names if "/" in path
        }
        folders.pop("content", None)
        for path in self.inventory.files:
            name, _, rest = path.partition("/")
            if name in folders:
                folders[name].append(rest)
        return folders

    def _refuse_twins(self, found: Mapping[str, Library]) -> None:
        seen: set[LibraryKey] = set()
        for folder, library in found.items():
            if library.name.key in seen:
                params = {"library": str(library.name.key)}
                self.problems.append(Problem("library-duplicate", params, folder))
            seen.add(library.name.key)

    def _extension_problems(self) -> Iterator[Problem]:
        for path in self.inventory.files:
            top, slash, rest = path.partition("/")
            ext = extension(path)
            if not slash:
                continue  # other files at the root are ignored
            if top == "content" and ext not in CONTENT_EXTENSIONS:
                yield Problem("content-extension-not-allowed", {"extension": ext}, path)
            elif top != "content" and ext not in LIBRARY_EXTENSIONS and not _is_notice(rest):
                yield Problem("library-extension-not-allowed", {"extension": ext}, path)


def _is_notice(path: str) -> bool:
    return path.rsplit("/", 1)[-1].lower() in LIBRARY_NOTICES


def _main_key(manifest: Mapping[str, Any]) -> LibraryKey | None:
    keys = dependency_keys(manifest.get("preloadedDependencies"))
    return next((key for key in keys if key.machine_name == manifest.get("mainLibrary")), None)


def _library_problems(package: Package, installed: LibraryIndex, may_install: bool) -> Iterator[Problem]:
    packed = Libraries.of(package.library_folders.values())
    both = packed.over(installed)
    found, missing = resolve_dependencies(_roots(package), both)
    # A folder that could not be read as a library was reported; its absence is not a second problem.
    broken = _broken_folders(package)
    for key, needed_by in missing.items():
        if str(key) in broken or key.machine_name in broken:
            continue
        if key == package.main:
            yield Problem("missing-main-library", {"library": str(key)})
        else:
            yield Problem("missing-required-library", {"library": str(key), "needed_by": needed_by})
    for key in dict.fromkeys(d.key for d in found):
        if not may_install and installed.find(key) is None:
            yield Problem("library-install-not-permitted", {"library": str(key)})
    main = both.find(package.main) if package.main else None
    if main is not None and not main.runnable:
        yield Problem("main-library-not-runnable", {"library": str(main.name.key)})


def _roots(package: Package) -> tuple[LibraryKey, ...]:
    if not package.manifest:
        return tuple(library.name.key for library in package.library_folders.values())
    of = ("preloadedDependencies", "dynamicDependencies", "editorDependencies")
    return tuple(key for kind in of for key in dependency_keys(package.manifest.get(kind)))


def _broken_folders(package: Package) -> set[str]:
    named = {path.split("/")[0] for path in package.files if "/" in path} - {"content"}
    odd = {
        f for f, lib in package.library_folders.items() if f not in (lib.name.machine_name, str(lib.name.key))
    }
    return (named - package.library_folders.keys()) | odd
