"""Cores, processor time and memory of the processes under measurement (Linux; elsewhere figures are left out)."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
FLOOR, LOAD = "floor", "client"
QUIET_SHARE, QUIET_WINDOW = 0.15, 0.5


def split_cores() -> tuple[set[int], set[int]]:
    """(cores of the servers, core of the client): disjoint where there are two, empty where cores cannot be chosen."""
    if not hasattr(os, "sched_getaffinity"):
        return set(), set()
    cores = sorted(os.sched_getaffinity(0))
    return (set(cores[:-1]), set(cores[-1:])) if len(cores) > 1 else (set(cores), set(cores))


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """What this thread starts meanwhile runs on `cores`; nothing changes when there are none."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True)
class Process:
    """`cpu` in seconds since its start; `memory` in bytes, a page shared by n processes counted as 1/n of it (PSS)."""

    name: str
    cpu: float
    memory: int


def processes() -> list[Process]:
    """All descendants of this process, by what they are."""
    parents = _parents()
    mine: set[int] = set()
    found = {os.getpid()}
    while found:
        mine |= found
        found = {pid for pid, parent in parents.items() if parent in mine} - mine
    return [process for pid in sorted(mine - {os.getpid()}) if (process := _read(pid)) is not None]


def _parents() -> dict[int, int]:
    found = {}
    for folder in PROC.glob("[0-9]*") if PROC.exists() else ():
        try:
            found[int(folder.name)] = int(_fields(int(folder.name))[1])
        except OSError:
            continue
    return found


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat from field 3 (state) on."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _read(pid: int) -> Process | None:
    try:
        fields = _fields(pid)
        words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return Process(_name(words), cpu, _share_of_memory(pid))


def _share_of_memory(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _name(words: list[str]) -> str:
    line = " ".join(words)
    if "tests.bench.floor" in line:
        return FLOOR
    if "tests.bench.load" in line:
        return LOAD
    if "services.worker" in words:
        return words[words.index("services.worker") + 1]
    for mark, name in (("-m gateway", "gateway"), ("postgres", "postgresql"), ("beam", "rabbitmq")):
        if mark in line:
            return name
    return "rabbitmq" if any(mark in line for mark in ("erl", "rabbit", "epmd", "inet_gethost")) else "other"


def cpu_seconds() -> dict[str, float]:
    """Processor seconds used so far, by kind of process; the client is left out."""
    used: dict[str, float] = defaultdict(float)
    for process in processes():
        if process.name != LOAD:
            used[process.name] += process.cpu
    return dict(used)


def product_cpu(used: dict[str, float]) -> float:
    """Seconds of everything but the floor."""
    return sum(seconds for name, seconds in used.items() if name != FLOOR)


def wait_until_quiet(longest: float = 60.0) -> None:
    """Until the servers use less than 15 % of a core: reactions to what was written are over."""
    end = time.monotonic() + longest
    while PROC.exists() and time.monotonic() < end:
        before = product_cpu(cpu_seconds())
        time.sleep(QUIET_WINDOW)
        if product_cpu(cpu_seconds()) - before < QUIET_SHARE * QUIET_WINDOW:
            return


def memory() -> dict[str, float]:
    """{kind: MB} now."""
    found: dict[str, float] = defaultdict(float)
    for process in processes():
        if process.name != LOAD:
            found[process.name] += process.memory / 2**20
    return {name: size for name, size in sorted(found.items()) if size > 1}
