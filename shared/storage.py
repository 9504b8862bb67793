"""Files behind one small port: a folder, or an S3-compatible store."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

from shared.config import Settings
from shared.errors import CercleError, NotFound, TooLarge

CHUNK = 256 * 1024


class BadKey(CercleError):
    """A storage key that would leave its place; a bug, not a user's mistake."""

    code = "bad-storage-key"


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored: `size` in bytes, `sha256` in hexadecimal."""

    key: str
    size: int
    sha256: str


class Writer(Protocol):
    """Takes chunks; nothing is visible before `commit`. Leaving the context without it discards all."""

    def write(self, chunk: bytes) -> None:
        """Add bytes. Raises TooLarge past the limit."""
        ...

    def commit(self) -> Stored:
        """Make the file visible under its key, at once and whole."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Storage(Protocol):
    """Keys look like `uploads/2026/…`: letters, digits, `-_.` and slashes."""

    def writer(self, key: str, *, limit: int | None = None) -> Writer:
        """A writer for `key`, of at most `limit` bytes."""
        ...

    def put(self, key: str, source: BinaryIO, *, limit: int | None = None, durable: bool = True) -> Stored:
        """Store a stream. Without `durable`, a power cut may lose it until `sync` returns. Raises TooLarge."""
        ...

    def sync(self) -> None:
        """Make durable what was put without it: once for many files."""
        ...

    def copy(self, source: str, target: str) -> int:
        """Store a file under a second key; its bytes. Files are never changed in place. Raises NotFound."""
        ...

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """A seekable stream from byte `start`. Raises NotFound."""
        ...

    def size(self, key: str) -> int:
        """Bytes. Raises NotFound."""
        ...

    def exists(self, key: str) -> bool:
        """True when there is such a file."""
        ...

    def delete(self, key: str) -> None:
        """Delete if present."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete every file below `prefix` (which ends with a slash); how many."""
        ...

    def list(self, prefix: str) -> Iterator[str]:
        """Keys below `prefix`."""
        ...


class _FileWriter:
    def __init__(self, target: Path, key: str, limit: int | None, *, durable: bool = True) -> None:
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
        self._target, self._key, self._limit, self._durable = target, key, limit, durable
        self._file = tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False)  # noqa: SIM115
        self._hash, self._size, self._done = hashlib.sha256(), 0, False

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            raise TooLarge(limit=self._limit)
        self._hash.update(chunk)
        self._file.write(chunk)

    def commit(self) -> Stored:
        self._file.flush()
        if self._durable:
            os.fsync(self._file.fileno())
        self._file.close()
        Path(self._file.name).replace(self._target)
        self._done = True
        return Stored(self._key, self._size, self._hash.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._done:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)


class FolderStorage:
    """Files in a folder; a file appears whole by an atomic rename."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def writer(self, key: str, *, limit: int | None = None) -> Writer:
        """See Storage."""
        return _FileWriter(self._path(key), key, limit)

    def put(self, key: str, source: BinaryIO, *, limit: int | None = None, durable: bool = True) -> Stored:
        """See Storage."""
        with _FileWriter(self._path(key), key, limit, durable=durable) as writer:
            while chunk := source.read(CHUNK):
                writer.write(chunk)
            return writer.commit()

    def sync(self) -> None:
        """See Storage. One call to the kernel costs less than one for each of hundreds of files."""
        os.sync()

    def copy(self, source: str, target: str) -> int:
        """See Storage. A second name for the same bytes, where the file system can."""
        here, there = self._path(source), self._path(target)
        if not here.is_file():
            raise NotFound
        there.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(here, there)
        except FileExistsError:
            pass
        except OSError:
            with here.open("rb") as file:
                self.put(target, file)
        return there.stat().st_size

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """See Storage."""
        try:
            file = self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            raise NotFound from None
        file.seek(start)
        return file

    def size(self, key: str) -> int:
        """See Storage."""
        path = self._path(key)
        if not path.is_file():
            raise NotFound
        return path.stat().st_size

    def exists(self, key: str) -> bool:
        """See Storage."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """See Storage."""
        self._path(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> int:
        """See Storage."""
        count = sum(1 for _ in self.list(prefix))
        shutil.rmtree(self._path(prefix.rstrip("/")), ignore_errors=True)
        return count

    def list(self, prefix: str) -> Iterator[str]:
        """See Storage."""
        base = self._path(prefix.rstrip("/")) if prefix else self._root
        for path in sorted(base.rglob("*")):
            if path.is_file() and not path.name.startswith(".part-"):
                yield path.relative_to(self._root).as_posix()

    def _path(self, key: str) -> Path:
        path = Path(os.path.normpath(self._root / key))  # nothing in the folder is a link
        if not path.is_relative_to(self._root) or path == self._root or "\x00" in key:
            raise BadKey
        return path


class S3Storage:
    """An S3-compatible store through boto3 (the optional extra `s3`); multipart uploads commit at their end."""

    def __init__(self, bucket: str, endpoint: str = "") -> None:
        import boto3  # noqa: PLC0415 optional extra

        self._bucket = bucket
        self._client: Any = boto3.client("s3", endpoint_url=endpoint or None)

    def writer(self, key: str, *, limit: int | None = None) -> Writer:
        """See Storage; spooled on disk first, since a part may still be refused."""
        return _S3Writer(self._client, self._bucket, key, limit)

    def put(self, key: str, source: BinaryIO, *, limit: int | None = None, durable: bool = True) -> Stored:  # noqa: ARG002 always durable
        """See Storage."""
        with self.writer(key, limit=limit) as writer:
            while chunk := source.read(CHUNK):
                writer.write(chunk)
            return writer.commit()

    def sync(self) -> None:
        """See Storage; what the store has taken is durable."""

    def copy(self, source: str, target: str) -> int:
        """See Storage."""
        size = self.size(source)
        self._client.copy({"Bucket": self._bucket, "Key": source}, self._bucket, target)
        return size

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """See Storage; copied to a temporary file, so that it can be sought."""
        self.size(key)
        file = tempfile.TemporaryFile()  # noqa: SIM115 the caller closes it
        self._client.download_fileobj(self._bucket, key, file)
        file.seek(start)
        return file

    def size(self, key: str) -> int:
        """See Storage."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 optional extra

        try:
            return int(self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"])
        except ClientError:
            raise NotFound from None

    def exists(self, key: str) -> bool:
        """See Storage."""
        try:
            return self.size(key) >= 0
        except NotFound:
            return False

    def delete(self, key: str) -> None:
        """See Storage."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def delete_prefix(self, prefix: str) -> int:
        """See Storage."""
        keys = list(self.list(prefix))
        for key in keys:
            self.delete(key)
        return len(keys)

    def list(self, prefix: str) -> Iterator[str]:
        """See Storage."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for item in page.get("Contents", ()):
                yield item["Key"]


class _S3Writer:
    def __init__(self, client: Any, bucket: str, key: str, limit: int | None) -> None:
        self._client, self._bucket, self._key, self._limit = client, bucket, key, limit
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed in __exit__
        self._hash, self._size = hashlib.sha256(), 0

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            raise TooLarge(limit=self._limit)
        self._hash.update(chunk)
        self._file.write(chunk)

    def commit(self) -> Stored:
        self._file.seek(0)
        self._client.upload_fileobj(self._file, self._bucket, self._key)
        return Stored(self._key, self._size, self._hash.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def make_storage(settings: Settings) -> Storage:
    """The storage that the settings name."""
    if settings.storage == "s3":
        return S3Storage(settings.s3_bucket, settings.s3_endpoint)
    return FolderStorage(settings.var / "files")
