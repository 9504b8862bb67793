"""Processes started, watched, restarted with a growing pause, and ended in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()
DRAIN = 35.0
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.5, 30.0, 20.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `env` is added to this process's own environment."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    since: float


class Processes:
    """A set of programs by name. With `restart`, one that dies by itself comes back.

    logs: folder of `<name>.log`; None: their lines go to this process's own output.
    """

    def __init__(
        self, programs: Sequence[Program], *, logs: Path | None = None, restart: bool = True
    ) -> None:
        self._programs = {program.name: program for program in programs}
        self._logs = logs
        self._restart = restart
        self._running: dict[str, _Running] = {}
        self._pauses: dict[str, float] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="processes", daemon=True)
        if restart:
            self._watcher.start()

    @property
    def names(self) -> list[str]:
        """Every program's name, in the order of start."""
        return list(self._programs)

    def start(self, name: str, **env: str) -> None:
        """Start a program; `env` holds for this start alone."""
        with self._lock:
            program = self._programs[name]
            output = self._output(name)
            process = subprocess.Popen(  # noqa: S603 our own programs
                list(program.command), env={**os.environ, **program.env, **env}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            if output is not None:
                os.close(output)
            self._running[name] = _Running(process, time.monotonic())

    def kill(self, name: str) -> None:
        """SIGKILL, as the kernel or a power cut would; it stays dead until `start`."""
        with self._lock:
            running = self._running.pop(name, None)
        if running is not None:
            running.process.kill()
            running.process.wait()

    def stop(self, *names: str) -> None:
        """SIGTERM to all of them together, then wait; SIGKILL after 35 s."""
        with self._lock:
            ending = [self._running.pop(name) for name in names if name in self._running]
        for running in ending:
            with suppress(ProcessLookupError):
                running.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + DRAIN
        for running in ending:
            try:
                running.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                running.process.kill()
                running.process.wait()

    def close(self) -> None:
        """Stop everything, in the opposite order of start where it matters: callers before the called."""
        self._stop.set()
        order = list(reversed(self._programs))
        self.stop(*order[:1])
        self.stop(*order[1:])

    def alive(self, name: str) -> bool:
        """True while the program runs."""
        with self._lock:
            running = self._running.get(name)
        return running is not None and running.process.poll() is None

    def pid(self, name: str) -> int | None:
        """Its process id."""
        with self._lock:
            running = self._running.get(name)
        return running.process.pid if running else None

    def wait_dead(self, name: str, seconds: float) -> int | None:
        """Wait for a program to end by itself; its exit code, None when it still runs."""
        with self._lock:
            running = self._running.get(name)
        if running is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            return running.process.wait(seconds)
        return None

    def wait(self, condition: Callable[[], bool], seconds: float, *names: str) -> bool:
        """Wait for a condition; False when it takes longer, or one of `names` dies first while nobody restarts it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._stop.is_set():
            if condition():
                return True
            if not self._restart and not all(self.alive(name) for name in names):
                return False
            time.sleep(0.05)
        return False

    def _output(self, name: str) -> int | None:
        if self._logs is None:
            return None
        self._logs.mkdir(parents=True, exist_ok=True)
        return os.open(self._logs / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _watch(self) -> None:
        while not self._stop.wait(0.3):
            for name in self.names:
                self._revive(name)

    def _revive(self, name: str) -> None:
        with self._lock:
            running = self._running.get(name)
            if running is None or running.process.poll() is None:
                return
            del self._running[name]
        steady = time.monotonic() - running.since > STEADY
        pause = FIRST_PAUSE if steady else min(self._pauses.get(name, FIRST_PAUSE / 2) * 2, LONGEST_PAUSE)
        self._pauses[name] = pause
        log.warning("process.died", program=name, code=running.process.returncode, again_in=pause)
        threading.Timer(pause, self._start_again, (name,)).start()

    def _start_again(self, name: str) -> None:
        with self._lock:
            if not self._stop.is_set() and name not in self._running:
                self.start(name)
