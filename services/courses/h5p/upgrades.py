"""Content brought to newer library versions by the libraries' own hooks, the content inside first to last as well.

`upgrade` walks the content by the new version's semantics; the hooks run in `Engine`, a process of its own with
limits (upgrade_engine.py).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from services.courses.h5p.libraries import LibraryKey
from services.courses.h5p.semantics import MAX_DEPTH, parse_library

MAX_ANSWER = 32 * 1024 * 1024
_ENGINE = Path(__file__).with_name("upgrade_engine.py")

ERRORS = frozenset([
    "too-high-version", "not-supported", "script-missing", "library-missing", "params-broken", "hook-failed",
    "out-of-limits",
])  # fmt: skip


class UpgradeFailed(Exception):
    """`code` is one of ERRORS; `library` is where it happened, `detail` what the hook said, for the log."""

    def __init__(self, code: str, library: str = "", detail: str = "") -> None:
        self.code, self.library, self.detail = code, library, detail
        super().__init__(f"{code} {library} {detail}".strip())


class UpgradeSource(Protocol):
    """The installed libraries: a version's semantics (None: not installed) and its upgrades.js (None: it has none)."""

    def semantics(self, machine_name: str, major: int, minor: int) -> Sequence[Any] | None: ...

    def upgrades(self, machine_name: str, major: int, minor: int) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """Hooks of one library on one content: those after `old` and up to `new`."""

    script: str
    library: str
    old: tuple[int, int]
    new: tuple[int, int]
    params: Any
    extras: Mapping[str, Any]


Run = Callable[[Request], tuple[Any, dict[str, Any]]]


class Engine:
    """The process that runs hooks; use as a context. Started with the first request, and anew after it died.

    It ends a request by itself after some seconds of work, and hooks have nothing that they could wait for.
    """

    def __init__(self, seconds: float = 5.0) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def run(self, request: Request) -> tuple[Any, dict[str, Any]]:
        """Params and extras after the hooks. Raises UpgradeFailed."""
        line = self._ask(json.dumps({
            "script": request.script, "library": request.library, "old": request.old, "new": request.new,
            "params": request.params, "extras": dict(request.extras), "seconds": self._seconds,
        }))  # fmt: skip
        try:
            answer = json.loads(line) if line and len(line) <= MAX_ANSWER else {"error": "out-of-limits"}
        except ValueError:
            answer = {"error": "out-of-limits"}
        if error := answer.get("error"):
            raise UpgradeFailed(error, request.library, str(answer.get("detail", "")))
        extras = answer.get("extras")
        return answer.get("params"), extras if isinstance(extras, dict) else {}

    def _ask(self, line: str) -> str:
        """One line for one line; "" when the process died of it."""
        process = self._process or self._start()
        try:
            if process.stdin is None or process.stdout is None:
                return ""
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            self._stop()
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(  # noqa: S603 our own file, no shell
            [sys.executable, "-I", str(_ENGINE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={}, cwd="/", text=True, encoding="utf-8",
        )  # fmt: skip
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not written yet is not wanted any more
                    pipe.close()
        process.wait()


@dataclass(frozen=True, slots=True)
class Upgraded:
    """New parameters and metadata, the libraries that were moved (`H5P.X 1.1` to `H5P.X 1.4`), and every one used."""

    params: dict[str, Any]
    metadata: dict[str, Any]
    moved: tuple[tuple[str, str], ...]
    used: frozenset[LibraryKey]


@dataclass(slots=True)
class _Upgrade:
    source: UpgradeSource
    run: Run
    moved: list[tuple[str, str]] = field(default_factory=list)
    used: set[LibraryKey] = field(default_factory=set)

    def content(
        self, params: Any, metadata: Mapping[str, Any], old: LibraryKey, new: LibraryKey, depth: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """One content from one version to another, then what is inside it."""
        if not isinstance(params, dict) or depth > MAX_DEPTH:
            raise UpgradeFailed("params-broken", str(old))
        fields = self.source.semantics(*new)
        if fields is None:
            raise UpgradeFailed("library-missing", str(new))
        extras: dict[str, Any] = {"metadata": dict(metadata)}
        if old != new:
            params, extras = self._hooks(params, extras, old, new)
            self.moved.append((_spoken(old), _spoken(new)))
        self.used.add(new)
        for one in fields:
            self._member(params, one, depth)
        kept = extras.get("metadata")
        return params, kept if isinstance(kept, dict) else dict(metadata)

    def _hooks(
        self, params: dict[str, Any], extras: dict[str, Any], old: LibraryKey, new: LibraryKey
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        script = self.source.upgrades(*new)
        if script is None:
            return params, extras  # nothing had to change between the two
        request = Request(
            script, new.machine_name, (old.major, old.minor), (new.major, new.minor), params, extras
        )
        changed, more = self.run(request)
        if not isinstance(changed, dict):
            raise UpgradeFailed("params-broken", str(new))
        return changed, more

    def _member(self, holder: dict[str, Any], one: Any, depth: int) -> None:
        if (
            isinstance(one, Mapping)
            and isinstance(one.get("name"), str)
            and holder.get(one["name"]) is not None
        ):
            holder[one["name"]] = self._value(holder[one["name"]], one, depth + 1)

    def _value(self, value: Any, one: Mapping[str, Any], depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise UpgradeFailed("params-broken")
        kind = one.get("type")
        if kind == "library" and isinstance(value, dict) and value.get("library"):
            return self._library(value, one, depth)
        if kind == "list" and isinstance(value, list) and isinstance(one.get("field"), Mapping):
            return [self._value(item, one["field"], depth + 1) for item in value]
        if kind == "group" and isinstance(one.get("fields"), list):
            return self._group(value, one, depth)
        return value

    def _group(self, value: Any, one: Mapping[str, Any], depth: int) -> Any:
        fields = one["fields"]
        if len(fields) == 1 and one.get("isSubContent") is not True and isinstance(fields[0], Mapping):
            return self._value(value, fields[0], depth + 1)
        if isinstance(value, dict):
            for inner in fields:
                self._member(value, inner, depth)
        return value

    def _library(self, value: dict[str, Any], one: Mapping[str, Any], depth: int) -> dict[str, Any]:
        old = parse_library(value.get("library"))
        if old is None:
            raise UpgradeFailed("params-broken", str(value.get("library"))[:200])
        new = self._option(old, one)
        params, metadata = value.get("params"), value.get("metadata")
        params = {} if params is None else params
        had = metadata if isinstance(metadata, Mapping) else {}
        changed, kept = self.content(params, had, old, new, depth + 1)
        return {**value, "library": _spoken(new), "params": changed} | (
            {"metadata": kept} if kept or metadata else {}
        )

    def _option(self, old: LibraryKey, one: Mapping[str, Any]) -> LibraryKey:
        """The version that the field offers of this library."""
        listed = one.get("options")
        names = (
            [o.get("name") if isinstance(o, Mapping) else o for o in listed]
            if isinstance(listed, list)
            else []
        )
        offered = [key for key in map(parse_library, names) if key and key.machine_name == old.machine_name]
        if not offered:
            raise UpgradeFailed("not-supported", str(old))
        if old in offered:
            return old
        newest = max(offered)
        if old > newest:
            raise UpgradeFailed("too-high-version", str(old))
        return newest


def upgrade(
    params: Any,
    metadata: Mapping[str, Any],
    old: LibraryKey,
    new: LibraryKey,
    source: UpgradeSource,
    run: Run,
) -> Upgraded:
    """The content in its new version. `params` may be changed on the way. Raises UpgradeFailed."""
    if old.machine_name != new.machine_name:
        raise UpgradeFailed("not-supported", str(old))
    if old > new:
        raise UpgradeFailed("too-high-version", str(old))
    work = _Upgrade(source, run)
    changed, kept = work.content(params, metadata, old, new, 0)
    return Upgraded(changed, kept, tuple(work.moved), frozenset(work.used))


def _spoken(key: LibraryKey) -> str:
    return f"{key.machine_name} {key.major}.{key.minor}"
