"""The archive around a course: read within limits and never unpacked to disk; written the same, byte by byte, each time."""

from __future__ import annotations

import gzip
import io
import posixpath
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, Self

MEBIBYTE: Final = 1024 * 1024
TOP: Final = "course"
EXTRA: Final = 64 * 1024


class OlxRefused(Exception):
    """An archive that cannot be a course. `code` is stable, `path` names the entry if one is to blame."""

    def __init__(self, code: str, path: str = "") -> None:
        super().__init__(f"{code} {path}".strip())
        self.code, self.path = code, path


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes once unpacked, and numbers."""

    entries: int = 5000
    total: int = 1024 * MEBIBYTE
    xml: int = 2 * MEBIBYTE
    ratio: int = 200


class Archive:
    """The regular files of an archive by their path below the course's folder."""

    def __init__(self, tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], limits: Limits) -> None:
        self._tar, self._members, self._limits = tar, members, limits

    def __contains__(self, path: str) -> bool:
        return path in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def open(self, path: str) -> BinaryIO:
        """A file as it comes. Raises KeyError."""
        found = self._tar.extractfile(self._members[path])
        if found is None:
            raise KeyError(path)
        return found  # type: ignore[return-value]

    def size(self, path: str) -> int:
        """Bytes. Raises KeyError."""
        return self._members[path].size

    def text(self, path: str) -> str:
        """A text. Raises KeyError; OlxRefused when it is too long or no UTF-8."""
        if self.size(path) > self._limits.xml:
            raise OlxRefused("file-too-large", path)
        with self.open(path) as file:
            try:
                return file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise OlxRefused("not-text", path) from None


class _Header(tarfile.TarInfo):
    """tarfile reads a long name or a list of attributes whole: only of a size that such things have."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As tarfile does. Raises OlxRefused."""
        found = super().frombuf(buf, encoding, errors)
        if found.type not in (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE) and found.size > EXTRA:
            raise OlxRefused("not-an-archive")
        return found


def open_archive(file: BinaryIO, limits: Limits | None = None) -> Archive:
    """Look through a tar.gz. Raises OlxRefused: no archive, too much in it, or an entry that is no plain file in it."""
    limits = limits or Limits()
    packed = file.seek(0, io.SEEK_END)
    file.seek(0)
    members: dict[str, tarfile.TarInfo] = {}
    total = 0
    try:
        tar = tarfile.open(fileobj=file, mode="r:*", tarinfo=_Header)  # noqa: SIM115 the archive goes on reading from it
        for count, member in enumerate(tar):
            total += max(member.size, 0)
            _check(member, count, total, packed, limits)
            if member.isreg():
                members[_inside(member.name)] = member
    except (tarfile.TarError, EOFError, OSError, gzip.BadGzipFile, ValueError):
        raise OlxRefused("not-an-archive") from None
    return Archive(tar, _below_course(members), limits)


def _check(member: tarfile.TarInfo, count: int, total: int, packed: int, limits: Limits) -> None:
    if count >= limits.entries:
        raise OlxRefused("too-many-files")
    if total > limits.total or total > max(packed, MEBIBYTE) * limits.ratio:
        raise OlxRefused("too-large-unpacked", member.name)
    if not (member.isreg() or member.isdir()):
        raise OlxRefused("no-plain-file", member.name)


def _inside(name: str) -> str:
    """A path that stays in the archive. Raises OlxRefused."""
    clean = posixpath.normpath(name)
    if name.startswith("/") or "\\" in name or "\0" in name or clean.startswith("../") or clean == "..":
        raise OlxRefused("path-outside", name)
    return clean


def _below_course(members: dict[str, tarfile.TarInfo]) -> dict[str, tarfile.TarInfo]:
    """Paths relative to the folder that holds course.xml. Raises OlxRefused."""
    roots = sorted(
        (name for name in members if posixpath.basename(name) == "course.xml"),
        key=lambda n: (n.count("/"), n),
    )
    if not roots:
        raise OlxRefused("no-course-file")
    prefix = roots[0].removesuffix("course.xml")
    return {name.removeprefix(prefix): member for name, member in members.items() if name.startswith(prefix)}


def write_archive(
    files: Mapping[str, bytes], opened: Mapping[str, tuple[BinaryIO, int]], out: BinaryIO
) -> None:
    """A tar.gz of texts and of opened files with their sizes, in the order of their paths and without any date."""
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0, compresslevel=6) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted({*files, *opened}):
            source, size = opened[path] if path in opened else (io.BytesIO(files[path]), len(files[path]))
            info = tarfile.TarInfo(f"{TOP}/{path}")
            info.size, info.mode = size, 0o644
            tar.addfile(info, source)
