"""Small packages built in memory: a valid one, and changes to it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from services.courses.h5p import PackageReport, validate_package

Files = dict[str, bytes]


def library_json(name: str = "H5P.Quiz", **changes: Any) -> bytes:
    data: dict[str, Any] = {
        "title": name, "machineName": name, "majorVersion": 1, "minorVersion": 0, "patchVersion": 3,
        "runnable": 1, "preloadedJs": [{"path": "quiz.js"}], "preloadedCss": [{"path": "css/quiz.css"}],
    }  # fmt: skip
    return encode(data, changes)


def manifest(**changes: Any) -> bytes:
    data = {
        "title": "A quiz", "language": "fr", "mainLibrary": "H5P.Quiz", "embedTypes": ["iframe"],
        "preloadedDependencies": [dependency("H5P.Quiz")],
    }  # fmt: skip
    return encode(data, changes)


def encode(data: Mapping[str, Any], changes: Mapping[str, Any]) -> bytes:
    """`changes` override; a value of None removes the field."""
    merged = {**data, **changes}
    return json.dumps({k: v for k, v in merged.items() if v is not None}).encode()


def dependency(name: str, major: int = 1, minor: int = 0) -> dict[str, Any]:
    return {"machineName": name, "majorVersion": major, "minorVersion": minor}


def valid_files(**extra: bytes) -> Files:
    return {
        "h5p.json": manifest(),
        "content/content.json": b'{"text": "?"}',
        "H5P.Quiz-1.0/library.json": library_json(),
        "H5P.Quiz-1.0/quiz.js": b"var H5P = H5P || {};",
        "H5P.Quiz-1.0/css/quiz.css": b".quiz {}",
        **extra,
    }


def with_files(changes: Mapping[str, bytes | None]) -> Files:
    merged = {**valid_files(), **changes}
    return {name: data for name, data in merged.items() if data is not None}


def zipped(files: Mapping[str, bytes] | Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> io.BytesIO:
    buffer = io.BytesIO()
    pairs = files.items() if isinstance(files, Mapping) else files
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in pairs:
            archive.writestr(name, data, compress_type=zipfile.ZIP_DEFLATED)
    return buffer


def with_entry(info: zipfile.ZipInfo | str, data: bytes = b"x") -> io.BytesIO:
    return zipped([*valid_files().items(), (info, data)])


def check(source: Any, **options: Any) -> PackageReport:
    return validate_package(source, **{"may_install": True, **options})


def codes(source: Any, **options: Any) -> list[str]:
    return list(check(source, **options).codes)
