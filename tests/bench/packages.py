"""An H5P package of about 4 MB and 50 libraries: to check it and to install it, beside merely unzipping it."""

from __future__ import annotations

import base64
import io
import json
import random
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.courses import h5p
from services.courses.commands.packages import PackageStore
from shared.storage import FolderStorage

LIBRARIES, SCRIPT_BYTES = 50, 80_000


def build() -> bytes:
    """The package: libraries that need one another in a chain, each with a script that barely compresses."""
    rng, made = random.Random(7), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("h5p.json", json.dumps(_manifest()))
        archive.writestr("content/content.json", json.dumps({"questions": []}))
        for number in range(LIBRARIES):
            folder = f"H5P.Measure{number}-1.0"
            archive.writestr(f"{folder}/library.json", json.dumps(_library(number)))
            archive.writestr(f"{folder}/measure.js", b"//" + base64.b64encode(rng.randbytes(SCRIPT_BYTES)))
            archive.writestr(f"{folder}/measure.css", ".measure { margin: 0 }\n" * 50)
            archive.writestr(f"{folder}/language/fr.json", json.dumps({"semantics": []}))
    return made.getvalue()


def _name(number: int) -> dict[str, Any]:
    return {"machineName": f"H5P.Measure{number}", "majorVersion": 1, "minorVersion": 0}


def _manifest() -> dict[str, Any]:
    return {
        "title": "Measure", "language": "und", "mainLibrary": "H5P.Measure0", "embedTypes": ["iframe"], "license": "U",
        "defaultLanguage": "en", "preloadedDependencies": [_name(number) for number in range(LIBRARIES)],
    }  # fmt: skip


def _library(number: int) -> dict[str, Any]:
    return {
        **_name(number), "patchVersion": 0, "title": f"Measure {number}", "runnable": int(number == 0),
        "preloadedJs": [{"path": "measure.js"}], "preloadedCss": [{"path": "measure.css"}],
        "preloadedDependencies": [_name(number + 1)] if number + 1 < LIBRARIES else [],
    }  # fmt: skip


def measure(runs: int) -> dict[str, float]:
    """Median seconds of unzipping, of checking and of installing; packed size in MB, libraries, files."""
    package, times = build(), [_once(build()) for _ in range(runs)]
    unzip, check, install = (statistics.median(column) for column in zip(*times, strict=True))
    files = len(zipfile.ZipFile(io.BytesIO(package)).namelist())
    return {
        "packed_mb": len(package) / 1e6, "libraries": LIBRARIES, "files": files, "unzip_s": unzip, "check_s": check,
        "install_s": install, "ratio": (check + install) / unzip,
    }  # fmt: skip


def _once(package: bytes) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as made:
        folder, source = Path(made), io.BytesIO(package)
        unzip, _ = _timed(lambda: zipfile.ZipFile(source).extractall(folder / "floor"))
        check, report = _timed(lambda: h5p.validate_package(source, may_install=True, name="measure.h5p"))
        install, placed = _timed(lambda: _install(source, report, FolderStorage(folder / "store")))
        if len(placed.changed_libraries()) != LIBRARIES:
            raise RuntimeError("not every library was installed")
        return unzip, check, install


def _install(source: io.BytesIO, report: h5p.PackageReport, storage: FolderStorage) -> h5p.InstalledPackage:
    """As the service does it: every file, then one sync that makes them durable."""
    placed = h5p.install_package(source, report, PackageStore(storage), content_id="measure")
    storage.sync()
    return placed


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = run()
    return time.perf_counter() - began, found
