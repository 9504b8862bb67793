"""Writing a validated package into a file store.

Nothing becomes visible here: the caller commits its own rows (libraries, content) after `install_package`
returns. Library folders are named after their content's hash, so a library in use is never overwritten: a
newer patch gets a new folder and the caller moves the row. On any failure everything written is deleted.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Literal, Protocol

from services.courses.h5p.archive import EntryReader, PackageChanged, PackagedFile, Source, opened
from services.courses.h5p.libraries import Libraries, Library, LibraryIndex, LibraryKey
from services.courses.h5p.paths import extension
from services.courses.h5p.semantics import SemanticsSource
from services.courses.h5p.svg import MAX_BYTES, sanitise_svg
from services.courses.h5p.validation import CONTENT, Package, PackageReport

LIBRARY_ROOT, CONTENT_ROOT = "h5p/libraries", "h5p/content"
_CONTENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FileStore(Protocol):
    """Where the files go. Keys use forward slashes. `put` reads `stream` to its end and replaces."""

    def put(self, key: str, stream: BinaryIO, /) -> object: ...

    def open(self, key: str, /) -> BinaryIO: ...

    def exists(self, key: str, /) -> bool: ...

    def delete_prefix(self, prefix: str, /) -> object: ...


class NotAccepted(Exception):
    """install_package was given a report with problems."""


LibraryAction = Literal["new", "updated", "kept"]


@dataclass(frozen=True, slots=True)
class InstalledLibrary:
    """`library.folder` is set. "updated": a row under the same key must move to it; "kept": nothing changed."""

    library: Library
    action: LibraryAction


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """What the caller stores. `libraries` lists those of the package; `dependencies` is h5p.json's list.

    `content_prefix` ends without a slash. `licence` is h5p.json's code ("U": undisclosed). `max_score_hint` is
    None when the content type does not tell before it runs. `metadata` is h5p.json without dependencies.
    """

    main_library: LibraryKey | None
    libraries: tuple[InstalledLibrary, ...]
    dependencies: tuple[LibraryKey, ...]
    content_id: str | None
    content_prefix: str | None
    title: str
    language: str
    licence: str
    metadata: Mapping[str, Any]
    max_score_hint: float | None
    content_files: tuple[PackagedFile, ...]
    content_bytes: int

    def changed_libraries(self) -> list[Library]:
        """Libraries whose rows must be inserted or moved."""
        return [item.library for item in self.libraries if item.action != "kept"]


@dataclass(slots=True)
class _Writer:
    archive: zipfile.ZipFile
    store: FileStore
    texts: Mapping[str, bytes]
    written: list[str] = field(default_factory=list)

    def library(self, library: Library, files: list[PackagedFile], source: str) -> None:
        """Write library.json last: its presence says that the folder is complete."""
        prefix = f"{LIBRARY_ROOT}/{library.folder}"
        if self.store.exists(f"{prefix}/library.json"):
            return
        self.written.append(prefix)
        marker = f"{source}/library.json"
        for file in sorted(files, key=lambda f: f.path == marker):
            self._copy(file, prefix + file.path.removeprefix(source), clean=True)

    def content(self, prefix: str, files: list[PackagedFile], params: bytes | None) -> None:
        self.written.append(prefix)
        for file in files:
            if file.path == CONTENT and params is not None:
                self.store.put(f"{prefix}/content.json", io.BytesIO(params))
            else:
                self._copy(file, prefix + file.path.removeprefix("content"), clean=False)

    def _stream(self, file: PackagedFile) -> BinaryIO:
        """The bytes that were checked: from memory while the archive still has the same, else read again."""
        data = self.texts.get(file.path)
        if data is None:
            return io.BufferedReader(EntryReader(self.archive, file))
        info = self.archive.getinfo(file.path)
        if zlib.crc32(data) != info.CRC or info.file_size != len(data):
            raise PackageChanged(file.path)
        return io.BytesIO(data)

    def _copy(self, file: PackagedFile, key: str, *, clean: bool) -> None:
        with self._stream(file) as stream:
            if clean and extension(file.path) == "svg":
                data = stream.read() if file.size <= MAX_BYTES else b""
                self.store.put(key, io.BytesIO(sanitise_svg(data)))
            else:
                self.store.put(key, stream)

    def undo(self) -> None:
        for prefix in reversed(self.written):
            self.store.delete_prefix(prefix + "/")


def install_package(
    source: Source,
    report: PackageReport,
    store: FileStore,
    *,
    content_id: str | None,
    installed: LibraryIndex | None = None,
    params: bytes | None = None,
) -> InstalledPackage:
    """Write the libraries that are new or newer, then the content, streaming.

    `source` must be the file that `report` was made from (each entry is compared by hash: PackageChanged).
    Without the right to install (`report.may_install`), no library is written. `content_id` None writes
    libraries only. `params`, where given, is written in place of content.json. Raises NotAccepted for a refused report, and whatever the store raises; either way, what
    this call had written is deleted.
    """
    package = report.package
    if package is None:
        raise NotAccepted(report.codes)
    if content_id is not None and not _CONTENT_ID.fullmatch(content_id):
        raise ValueError("content_id")
    plan = plan_libraries(package, installed or Libraries(), may_install=report.may_install)
    prefix = f"{CONTENT_ROOT}/{content_id}" if content_id is not None else None
    with opened(source) as file, zipfile.ZipFile(file) as archive:
        _write(_Writer(archive, store, package.texts), package, plan, prefix, params)
    return _summary(package, tuple(plan.values()), content_id, prefix)


def _write(
    writer: _Writer,
    package: Package,
    plan: Mapping[str, InstalledLibrary],
    prefix: str | None,
    params: bytes | None,
) -> None:
    try:
        for source, item in plan.items():
            if item.action != "kept":
                writer.library(item.library, package.files_under(source), source)
        if prefix is not None:
            writer.content(prefix, package.files_under("content"), params)
    except BaseException:
        writer.undo()
        raise


def plan_libraries(
    package: Package, installed: LibraryIndex, *, may_install: bool
) -> dict[str, InstalledLibrary]:
    """What would happen to each library folder of the package; libraries that are passed over are left out."""
    plan: dict[str, InstalledLibrary] = {}
    for folder, library in package.library_folders.items():
        known = installed.find(library.name.key)
        if known is not None and not (may_install and library.name.replaces(known.name)):
            plan[folder] = InstalledLibrary(known, "kept")
        elif may_install:
            placed = replace(library, folder=f"{library.name}-{library.sha256[:8]}")
            plan[folder] = InstalledLibrary(placed, "new" if known is None else "updated")
    return plan


@dataclass(frozen=True, slots=True)
class PackedSemantics:
    """The semantics that count once a package is installed: its own where it brings what is new, else the installed."""

    package: Package
    plan: Mapping[str, InstalledLibrary]
    behind: SemanticsSource

    def semantics(self, machine_name: str, major: int, minor: int) -> Sequence[Any] | None:
        """Fields of a library, or None."""
        key = LibraryKey(machine_name, major, minor)
        fresh = {item.library.name.key for item in self.plan.values() if item.action != "kept"}
        return self.package.semantics.get(key) if key in fresh else self.behind.semantics(*key)


def _summary(
    package: Package, libraries: tuple[InstalledLibrary, ...], content_id: str | None, prefix: str | None
) -> InstalledPackage:
    manifest = package.manifest
    files = tuple(package.files_under("content")) if content_id is not None else ()
    return InstalledPackage(
        main_library=package.main,
        libraries=libraries,
        dependencies=package.dependencies,
        content_id=content_id,
        content_prefix=prefix,
        title=str(manifest.get("title", "")),
        language=str(manifest.get("defaultLanguage") or manifest.get("language") or "und"),
        licence=str(manifest.get("license") or "U"),
        metadata={k: v for k, v in manifest.items() if not k.endswith("Dependencies")},
        max_score_hint=max_score_hint(package.main, package.content),
        content_files=files,
        content_bytes=sum(file.size for file in files),
    )


# Content types whose parameters say the highest score: the field, and whether it is a list to be counted.
_SCORE_FIELDS: dict[str, str] = {
    "H5P.CercleChoice": "questions",
    "H5P.ArithmeticQuiz": "maxQuestions",
    "H5P.SingleChoiceSet": "choices",
    "H5P.Summary": "summaries",
}


def max_score_hint(main: LibraryKey | None, content: Mapping[str, Any]) -> float | None:
    """The highest score as the parameters promise it, or None. The player's own figure prevails."""
    if main is None:
        return None
    if main.machine_name == "H5P.TrueFalse":
        return 1.0
    value = content.get(_SCORE_FIELDS.get(main.machine_name, ""))
    if isinstance(value, list):
        return float(len(value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else None
