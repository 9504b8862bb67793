"""`cercle h5p check`: one line per package, whatever is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.command.words import Refusal, clean, end, say, say_json, unreadable
from services.courses.h5p import Library, PackageReport, Problem, validate_package
from shared.i18n import text

QUIET_UP_TO = 3  # files; beyond, each one is announced on standard error


@dataclass(frozen=True)
class Options:
    """How to judge and how to answer."""

    language: str
    as_json: bool
    explain: bool = False
    library_only: bool = False


@dataclass(frozen=True)
class Outline:
    """What a package says it is, as far as it could be read; the words are the package's own."""

    manifest: Mapping[str, Any]
    libraries: tuple[Library, ...]

    def said(self, name: str) -> str | None:
        """A text field of h5p.json, None where there is none."""
        value = self.manifest.get(name)
        return clean(value) if isinstance(value, str) else None

    def main(self) -> dict[str, Any] | None:
        """Machine name and version of the main library; the version null where nothing states it."""
        name = self.said("mainLibrary")
        if name is None:
            return None
        stated = self._stated(name)
        packed = (lib for lib in self.libraries if lib.name.machine_name == name)
        exact = next((lib for lib in packed if f"{lib.name.major}.{lib.name.minor}" == stated), None)
        return {"machine_name": name, "version": _version(exact) if exact else stated}

    def _stated(self, name: str) -> str | None:
        """Major and minor version as h5p.json has them; its list may be anything in a refused package."""
        listed = self.manifest.get("preloadedDependencies")
        for entry in listed if isinstance(listed, list) else []:
            if isinstance(entry, dict) and entry.get("machineName") == name:
                return clean(f"{entry.get('majorVersion', '?')}.{entry.get('minorVersion', '?')}", 40)
        return None


def check_files(paths: Sequence[Path], options: Options) -> int:
    """Check every file and print as it goes; exit status 0, 1 (one or more refused) or 2 (a file is unreadable)."""
    refused = False
    for number, path in enumerate(paths, 1):
        if len(paths) > QUIET_UP_TO:
            say(f"{number}/{len(paths)} {_name(path)}", err=True)
        try:
            report = validate_package(path, may_install=True, library_only=options.library_only)
            _print(path, report, options)
        except OSError:
            fault: Refusal = unreadable("file-unreadable", file=_name(path))
            return end(fault, options.language, as_json=options.as_json)
        refused = refused or not report.accepted
    return int(refused)


def _print(path: Path, report: PackageReport, options: Options) -> None:
    outline = _outline(report)
    if options.as_json:
        say_json(_record(path, report, outline))
        return
    say(_line(path, report, outline, options.language))
    if options.explain:
        for sentence in report.messages(options.language):
            say(f"    {clean(sentence, 600)}")


def _outline(report: PackageReport) -> Outline:
    seen = report.seen
    return Outline(seen.stated, _sorted(seen.library_folders.values())) if seen else Outline({}, ())


def _sorted(libraries: Any) -> tuple[Library, ...]:
    return tuple(sorted(libraries, key=lambda library: library.name))


def _record(path: Path, report: PackageReport, outline: Outline) -> dict[str, Any]:
    return {
        "file": _name(path),
        "accepted": report.accepted,
        "problems": [_problem(problem) for problem in report.problems],
        "main_library": outline.main(),
        "libraries": [_library(library) for library in outline.libraries],
        "title": outline.said("title"),
        "language": outline.said("language"),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    said = {language: problem.message(language) for language in ("fr", "en")}
    return {**problem.as_dict(), "message": said}


def _library(library: Library) -> dict[str, Any]:
    name = library.name.machine_name
    return {"machine_name": name, "version": _version(library), "runnable": library.runnable}


def _version(library: Library) -> str:
    return f"{library.name.major}.{library.name.minor}.{library.name.patch}"


def _line(path: Path, report: PackageReport, outline: Outline, language: str) -> str:
    main = outline.main()
    shown = f"{main['machine_name']} {main['version'] or '?'}" if main else "–"
    listed = ", ".join(f"{lib.name.machine_name} {_version(lib)}" for lib in outline.libraries) or "–"
    parts = [
        text(language, "command.h5p.accepted" if report.accepted else "command.h5p.refused"),
        _name(path),
        *([", ".join(_place(problem) for problem in report.problems)] if report.problems else []),
        text(language, "command.h5p.main", library=shown),
        text(language, "command.h5p.libraries", count=len(outline.libraries), list=listed),
    ]
    return " | ".join(parts)


def _place(problem: Problem) -> str:
    return problem.code if problem.path is None else f"{problem.code} ({clean(problem.path)})"


def _name(path: Path) -> str:
    return clean(click.format_filename(path), 1000)
