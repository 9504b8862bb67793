"""Many clients that never give up, processes that die under them, and the figures at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from gateway.supervisor import BROKER, DistributedStack

PATIENCE = 90.0
AHEAD = 20  # how far clients run on while a fault is prepared: enough to hit it, not enough to be done before


@dataclass(frozen=True)
class Figures:
    """acknowledged: answers clients hold. lost: acknowledged, but not there. ghosts: effects of nothing.
    missing_effects: writes whose effect never came. duplicate_effects: effects that came more than once.
    absorbed: deliveries that came again and did nothing. retries: calls that had to be repeated."""

    committed: int
    acknowledged: int
    lost: int
    ghosts: int
    missing_effects: int
    duplicate_writes: int
    duplicate_effects: int
    absorbed: int
    faults: int
    retries: int
    seconds: float

    def show(self, title: str) -> None:
        """Print one line."""
        print(
            f"\n{title}: " + ", ".join(f"{name} {value}" for name, value in asdict(self).items()), flush=True
        )


class Storm:
    """Runs `attempt(n)` for every n from many threads, again and again until each is answered.

    attempt: the answer, or None when the call failed in a way that asks for a repetition (with the same key).
    """

    def __init__(self, attempt: Callable[[int], Any | None], count: int, threads: int = 8) -> None:
        self._attempt = attempt
        self._count = count
        self._threads = threads
        self._lock = threading.Lock()
        self._limit = count
        self.answers: dict[int, Any] = {}
        self.retries = 0
        self.faults = 0

    def run(self, script: Sequence[tuple[int, Callable[[], None]]]) -> None:
        """Do everything; each step of `script` is (after so many answers, what happens then)."""
        self._limit = script[0][0] + AHEAD
        with ThreadPoolExecutor(self._threads) as pool:
            work = [pool.submit(self._until_answered, n) for n in range(self._count)]
            try:
                self._play(script)
            finally:
                self._limit = self._count
                for one in work:
                    one.result()

    def _play(self, script: Sequence[tuple[int, Callable[[], None]]]) -> None:
        for after, happens in script:
            self._limit = after + AHEAD
            self._wait_for(after)
            happens()
            self.faults += 1

    def _until_answered(self, n: int) -> None:
        while n >= self._limit:
            time.sleep(0.01)
        end = time.monotonic() + PATIENCE
        while (answer := self._attempt(n)) is None:
            with self._lock:
                self.retries += 1
            if time.monotonic() > end:
                raise TimeoutError(f"write {n} was never answered")
            time.sleep(0.2)
        with self._lock:
            self.answers[n] = answer

    def _wait_for(self, answers: int) -> None:
        end = time.monotonic() + PATIENCE
        while len(self.answers) < answers:
            if time.monotonic() > end:
                raise TimeoutError(f"{answers} answers did not come; there are {len(self.answers)}")
            time.sleep(0.01)


def crash(stack: DistributedStack, name: str, point: str) -> Callable[[], None]:
    """Put a process in the place of one that will die at `point`, wait for that, and start a sound one."""

    def happens() -> None:
        stack.kill(name)
        stack.start(name, CERCLE_FAULT=point)
        assert stack.processes.wait_dead(name, 60) == 137
        stack.start(name)

    return happens


def kill_and_start(stack: DistributedStack, name: str) -> None:
    """SIGKILL and a fresh start."""
    stack.kill(name)
    stack.start(name)


def crash_broker(stack: DistributedStack) -> None:
    """SIGKILL to the broker, and its start on the same data."""
    stack.kill(BROKER)
    time.sleep(0.5)
    stack.start(BROKER)


def settled(count: Callable[[], Any], quiet: float = 6.0, seconds: float = 60.0) -> Any:
    """What `count` gives once it has not changed for `quiet` seconds."""
    end, since, last = time.monotonic() + seconds, time.monotonic(), count()
    while time.monotonic() < end and time.monotonic() - since < quiet:
        time.sleep(0.1)
        if (now := count()) != last:
            since, last = time.monotonic(), now
    return last
