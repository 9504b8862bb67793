"""Building a .h5p file from a folder, the same bytes for the same files on every machine."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from services.courses.h5p.paths import is_skipped

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip entry can carry


def make_package(folder: Path | str, *, libraries: Path | str | None = None) -> bytes:
    """Zip `folder` (h5p.json, content/, library folders) deterministically.

    `libraries` is a folder of library folders: those that h5p.json lists as preloaded, and what they list in
    turn, are added unless `folder` brings them. Dot and underscore names are left out. Raises FileNotFoundError
    when h5p.json or a listed library is absent.
    """
    root = Path(folder)
    files = dict(_files(root, ""))
    shelf = Path(libraries) if libraries is not None else None
    if shelf is not None:
        _add_libraries(shelf, json.loads((root / "h5p.json").read_text("utf-8")), files)
    return _zip(files)


def _files(root: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not is_skipped(name):
            yield prefix + name, path


def _add_libraries(shelf: Path, manifest: dict[str, object], files: dict[str, Path]) -> None:
    listed = manifest.get("preloadedDependencies")
    for item in listed if isinstance(listed, list) else []:
        name = f"{item['machineName']}-{item['majorVersion']}.{item['minorVersion']}"
        if f"{name}/library.json" in files:
            continue
        library = json.loads((shelf / name / "library.json").read_text("utf-8"))
        files.update(_files(shelf / name, name + "/"))
        _add_libraries(shelf, library, files)


def _zip(files: dict[str, Path]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files, key=lambda n: (n != "h5p.json", not n.startswith("content/"), n)):
            archive.writestr(entry_info(name, zipfile.ZIP_DEFLATED), files[name].read_bytes())
    return buffer.getvalue()


def entry_info(name: str, method: int) -> zipfile.ZipInfo:
    """An entry that says nothing of when and where it was made."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.create_system = method, 3
    info.external_attr = 0o100644 << 16
    return info
