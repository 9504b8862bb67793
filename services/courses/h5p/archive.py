"""Reading a zip archive without trusting it.

Sizes in a zip directory are claims. Entries are inflated in chunks and counted, so a forged size, a bomb or
a damaged entry is seen while reading and stops there. Nothing is written anywhere.
"""

from __future__ import annotations

import copy
import hashlib
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from services.courses.h5p.limits import ARCHIVE_EXTENSIONS, ZIP_BASED_DOCUMENTS, Limits
from services.courses.h5p.paths import extension, is_skipped, name_clashes, path_problems
from services.courses.h5p.problems import Problem

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

CHUNK = 64 * 1024
SMALL, SMALL_IN_ALL = 256 * 1024, 12 * 1024 * 1024
"""Files up to the first size stay in memory, up to the second in all, so that installing reads them once only."""
SHORTEST_ENTRY, DIRECTORY_ENTRY = 46, 1024
"""Bytes of one entry in the archive's directory: the fewest, and as many as any sound archive needs on average."""
Source = str | os.PathLike[str] | BinaryIO

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # plain, strong, and masked central directory (APPNOTE 4.4.4)
_ARCHIVE_MAGIC = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x1f\x8b\x08",
    b"BZh",
)
# The EICAR test string, in two halves so that this file does not itself set off a scanner.
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"

# What zipfile raises on malformed input, beside its own error.
_UNREADABLE = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error)

Sink = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """One regular file of a checked package. `size` in bytes as counted; `sha256` in hex."""

    path: str
    size: int
    sha256: str


@dataclass(slots=True)
class Inventory:
    """What reading an archive brought: files by path, the bytes of JSON and small files, and every problem."""

    files: dict[str, PackagedFile] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    packed: int = 0
    unpacked: int = 0
    unreadable: set[str] = field(default_factory=set)
    kept: int = 0

    @property
    def names(self) -> set[str]:
        """Every relevant file that the archive names, readable or not."""
        return self.files.keys() | self.unreadable

    def is_named(self, path: str) -> bool:
        """True when the archive names this relevant file."""
        return path in self.files or path in self.unreadable


class _Stop(Exception):
    """Reading this entry makes no sense any further; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """A seekable binary file at its start; closed at the end only when we opened it."""
    if isinstance(source, (str, os.PathLike)):
        with Path(source).open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


def packed_size(file: BinaryIO) -> int:
    """Size in bytes of a seekable file; leaves it at its start."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def take_inventory(file: BinaryIO, limits: Limits, keep: Callable[[str], bool]) -> Inventory:
    """Read the whole archive once. Texts of entries for which `keep(path)` holds stay in memory."""
    inventory = Inventory()
    inventory.packed = packed_size(file)
    try:
        with zipfile.ZipFile(_Bounded(file, limits)) as archive:
            _read_all(archive, limits, keep, inventory)
    except _Stop as stop:
        inventory.problems.append(stop.problem)
    except _UNREADABLE:
        inventory.problems.append(Problem("archive-unreadable"))
    return inventory


class _Bounded:
    """The file as zipfile sees it, which reads a whole directory at once: not one of millions of entries."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file, self._limits = file, limits
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > self._limits.entries * DIRECTORY_ENTRY:
            counts = {"count": size // SHORTEST_ENTRY, "limit": self._limits.entries}
            raise _Stop(Problem("too-many-entries", counts))
        return self._file.read(size)


def _read_all(archive: zipfile.ZipFile, limits: Limits, keep: Callable[[str], bool], into: Inventory) -> None:
    infos = archive.infolist()
    if len(infos) > limits.entries:
        into.problems.append(Problem("too-many-entries", {"count": len(infos), "limit": limits.entries}))
        return
    bad = _judge_names(infos, limits, into)
    for info in infos:
        if info.orig_filename in bad:
            into.unreadable |= _named_files(info, limits)
            continue
        if not _read_one(archive, info, limits, keep, into):
            return


def _judge_names(infos: list[zipfile.ZipInfo], limits: Limits, into: Inventory) -> set[str]:
    # orig_filename is the name as stored: `filename` is already cut at a NUL and has its separators changed.
    found = [p for info in infos for p in (*path_problems(info.orig_filename, limits), *_kind_problems(info))]
    found += name_clashes(info.orig_filename for info in infos)
    into.problems += found
    return {p.path for p in found if p.path is not None}


def _skips(name: str, limits: Limits) -> bool:
    """True for what a file manager leaves behind; in H5P also for every name that begins with an underscore."""
    if limits.underscores:
        return any(part[:1] == "." or part == "__MACOSX" for part in name.split("/"))
    return is_skipped(name)


def _named_files(info: zipfile.ZipInfo, limits: Limits) -> set[str]:
    """The entry's name, if it names a relevant file at all; a forbidden path names nothing."""
    name = info.orig_filename
    relevant = not info.is_dir() and not _skips(name, limits) and not path_problems(name, limits)
    return {name} if relevant else set()


def _kind_problems(info: zipfile.ZipInfo) -> Iterator[Problem]:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        yield Problem("symlink", {}, info.orig_filename)
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield Problem("special-file", {}, info.orig_filename)
    if info.flag_bits & _ENCRYPTED:
        yield Problem("entry-encrypted", {}, info.orig_filename)
    elif info.compress_type not in _METHODS:
        yield Problem("compression-unsupported", {}, info.orig_filename)


def _read_one(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    limits: Limits,
    keep: Callable[[str], bool],
    into: Inventory,
) -> bool:
    """Read one entry; False when the archive as a whole is over its limit."""
    path, kept, digest = info.orig_filename, bytearray(), hashlib.sha256()
    relevant = not info.is_dir() and not _skips(path, limits)
    is_text = keep(path)
    small = relevant and info.file_size <= min(SMALL, SMALL_IN_ALL - into.kept)
    sinks: list[Sink] = [digest.update] + ([kept.extend] if is_text or small else [])
    counter = _Counter(info, limits, into, is_text=is_text)
    try:
        for chunk in _inflate(archive, info):
            counter.add(chunk)
            for sink in sinks:
                sink(chunk)
        counter.finish()
    except _Stop as stop:
        into.problems.append(stop.problem)
        into.unreadable |= {path} if relevant else set()
        return stop.problem.path is not None
    if relevant:
        into.files[path] = PackagedFile(path, counter.count, digest.hexdigest())
        if is_text or small:
            into.texts[path] = bytes(kept)
            into.kept += len(kept)
    return True


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the announced size. With that lifted it reads on to the true end, and we count.
    free = copy.copy(info)
    free.file_size = 2**62
    try:
        with archive.open(free) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (*_UNREADABLE, zlib.error, EOFError, RuntimeError) as error:
        raise _Stop(Problem("entry-corrupt", {}, info.orig_filename)) from error


@dataclass(slots=True)
class _Counter:
    info: zipfile.ZipInfo
    limits: Limits
    inventory: Inventory
    is_text: bool
    count: int = 0
    tail: bytes = b""

    def add(self, chunk: bytes) -> None:
        if self.count == 0:
            self._sniff(chunk)
        if _EICAR in chunk or _EICAR in self.tail + chunk[: len(_EICAR)]:
            raise _Stop(Problem("malware-found", {}, self.info.orig_filename))
        self.tail = chunk[-len(_EICAR) :]
        self.count += len(chunk)
        self.inventory.unpacked += len(chunk)
        self._weigh()

    def _weigh(self) -> None:
        limits = self.limits
        ratio = self.count / max(self.info.compress_size, 1)
        if self.count > limits.ratio_floor and ratio > limits.ratio:
            raise self._stop("compression-ratio", limits.ratio)
        if self.count > limits.entry:
            raise self._stop("entry-too-large", limits.entry)
        if self.is_text and self.count > min(limits.json, limits.json_in_all - self.inventory.kept):
            raise self._stop("json-too-large", limits.json)
        if self.inventory.unpacked > limits.unpacked:
            raise _Stop(Problem("unpacked-too-large", {"limit": limits.unpacked}))
        total = self.inventory.unpacked
        if total > limits.total_floor and total > limits.ratio * self.inventory.packed:
            raise _Stop(Problem("compression-ratio", {"limit": limits.ratio}))

    def _sniff(self, head: bytes) -> None:
        name = self.info.orig_filename
        kind = extension(name)
        magic = head.startswith(_ARCHIVE_MAGIC) and kind not in ZIP_BASED_DOCUMENTS
        if not _skips(name, self.limits) and (magic or kind in ARCHIVE_EXTENSIONS):
            raise _Stop(Problem("nested-archive", {}, name))

    def _stop(self, code: str, limit: int) -> _Stop:
        return _Stop(Problem(code, {"limit": limit}, self.info.orig_filename))

    def finish(self) -> None:
        if self.count != self.info.file_size:
            declared = {"declared": self.info.file_size}
            raise _Stop(Problem("entry-size-mismatch", declared, self.info.orig_filename))


class EntryReader(io.RawIOBase):
    """Read-only stream over one entry that fails when the bytes are not those that were checked."""

    def __init__(self, archive: zipfile.ZipFile, expected: PackagedFile) -> None:
        super().__init__()
        self._stream = archive.open(expected.path)
        self._expected, self._digest, self._count = expected, hashlib.sha256(), 0

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill `buffer`; at the end, raises PackageChanged when the content is not the checked one."""
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        view[: len(data)] = data
        self._digest.update(data)
        self._count += len(data)
        at_end = not data and len(view) > 0
        if self._count > self._expected.size or (
            at_end and self._digest.hexdigest() != self._expected.sha256
        ):
            raise PackageChanged(self._expected.path)
        return len(data)

    def close(self) -> None:
        """Close the entry."""
        self._stream.close()
        super().close()


class PackageChanged(Exception):
    """The file given to install is not, byte for byte, the one that was validated."""
