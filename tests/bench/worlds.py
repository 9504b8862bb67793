"""The product in either mode and its floor, both running, servers on their own cores."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.demo.seed import seed
from gateway.supervisor import DistributedStack, Servers
from shared.config import Settings
from shared.testing.backends import Postgres, run_postgres, run_rabbitmq
from tests.bench.copies import copy_postgres, copy_sqlite
from tests.bench.machine import cpu_seconds, on_cores
from tests.bench.recording import record
from tests.bench.story import Story
from tests.e2e.product import ROOT, embedded, environment, free_ports, wait_for

NO_CACHE = "PYTHONDONTWRITEBYTECODE"


@dataclass(slots=True)
class World:
    """A running product, and how to copy its databases. `started_in`: seconds until it was ready and filled."""

    mode: str
    url: str
    folder: Path
    started_in: float
    postgres: Postgres | None = None

    @property
    def port(self) -> int:
        """The product's port."""
        return int(self.url.rsplit(":", 1)[1])

    def copy(self) -> tuple[Path, str]:
        """A folder with the databases' copies, and their address template."""
        target = self.folder.parent / "floor"
        target.mkdir()
        if self.postgres is None:
            return target, copy_sqlite(self.folder, target)
        return target, copy_postgres(self.postgres, target)


@contextmanager
def world(mode: str, base: Path, cores: set[int]) -> Iterator[World]:
    """The product in `mode`, with demo content and without rate limits."""
    folder = base / "var"
    start = _embedded if mode == "embedded" else _distributed
    began = time.perf_counter()
    with on_cores(cores), start(folder) as found:
        found.started_in = time.perf_counter() - began
        yield found


@contextmanager
def _embedded(folder: Path) -> Iterator[World]:
    with embedded(folder, CERCLE_RATE_LIMITS="0") as product:
        yield World("embedded", product.url, folder, 0.0)


@contextmanager
def _distributed(folder: Path) -> Iterator[World]:
    """As tests.e2e.product.distributed, with PostgreSQL in reach (and durable), since the floor uses the same."""
    port, content_port = free_ports(2)
    settings = Settings(
        _env_file=None, var=folder, mode="distributed", port=port, content_port=content_port, demo=True,
        rate_limits=False, log_level="WARNING",
    )  # type: ignore[call-arg]  # fmt: skip
    with (
        run_postgres(folder.parent / "postgres") as postgres,
        run_rabbitmq() as rabbitmq,
        DistributedStack(settings, servers=Servers(postgres, rabbitmq)) as stack,
    ):
        seed(stack.bus, settings, lambda _line: None)
        yield World("distributed", settings.main_origin, folder, 0.0, postgres)


@contextmanager
def floor(running: World, story: Story, cores: set[int]) -> Iterator[int]:
    """The floor over copies of the product's databases; its port."""
    folder, template = running.copy()
    recordings = record(folder, template, dict(story.to_record))
    plan = folder / "plan.pickle"
    plan.write_bytes(pickle.dumps((recordings, template)))
    port, log = free_ports(1)[0], folder / "floor.log"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.bench.floor",
        "--plan",
        str(plan),
        "--port",
        str(port),
    ]
    with log.open("wb") as out, on_cores(cores):
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process, log)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def start_seconds(folder: Path, runs: int) -> list[tuple[float, float]]:
    """Seconds from the start of the embedded process to its first page, on data that are there already.

    Pairs of wall clock and processor time; where other programs keep the cores busy, the second tells more.
    With more than one run Python's compiled files are there, as after any first start: in a folder of their own
    where the environment forbids to write them beside the sources.
    """
    cache = {}
    if runs > 1 and os.environ.get(NO_CACHE):
        cache = {"PYTHONPYCACHEPREFIX": str(folder.parent / "pycache"), NO_CACHE: ""}
        _one_start(folder, cache)
    return [_one_start(folder, cache) for _ in range(runs)]


def _one_start(folder: Path, cache: dict[str, str]) -> tuple[float, float]:
    port, content_port = free_ports(2)
    env = environment(folder, port, content_port, **cache)
    with folder.with_suffix(".starts.log").open("ab") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "run"], cwd=ROOT, env=env, stdout=out, stderr=out
        )
        try:
            if not _wait_for_page(f"http://127.0.0.1:{port}/sign-in", process, began):
                raise RuntimeError(f"the product did not start again:\n{Path(out.name).read_text()[-2000:]}")
            return time.perf_counter() - began, cpu_seconds().get("gateway", 0.0)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _wait_for_page(url: str, process: subprocess.Popen[bytes], began: float) -> bool:
    """False when the process died or took more than two minutes."""
    while process.poll() is None and time.perf_counter() - began < 120:
        if _shows(url):
            return True
        time.sleep(0.02)
    return False


def _shows(url: str) -> bool:
    try:
        return httpx.get(url, timeout=30).status_code == 200
    except httpx.ConnectError:
        return False
