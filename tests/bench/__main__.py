"""`python -m tests.bench`: see docs/performance.md. Times are printed, never asserted."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared.observability import configure_logging
from tests.bench import figures, packages, report
from tests.bench.load import client
from tests.bench.machine import memory, split_cores, wait_until_quiet
from tests.bench.rounds import QUICK, Bench, Effort
from tests.bench.story import NAMES, Teller
from tests.bench.worlds import World, floor, start_seconds, world

MODES = ("embedded", "distributed")
OTHERS = ("h5p", "figures")


def options() -> argparse.Namespace:
    """The command line."""
    given = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    given.add_argument("--quick", action="store_true", help="short rounds in embedded mode: does it run?")
    given.add_argument("--mode", choices=MODES, help="only this mode")
    given.add_argument(
        "--only", action="append", choices=(*NAMES, *OTHERS), help="only this (may be repeated)"
    )
    given.add_argument("--seconds", type=float, help="length of a round")
    given.add_argument("--rounds", type=int)
    given.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    given.add_argument("--markdown", action="store_true", help="print markdown tables")
    return given.parse_args()


def say(text: str) -> None:
    """A line of progress, beside the tables."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def effort_of(given: argparse.Namespace) -> Effort:
    """How much to measure."""
    wanted = {name: getattr(given, name) for name in ("seconds", "rounds") if getattr(given, name)}
    return replace(QUICK if given.quick else Effort(), **wanted)


class Results:
    """What was measured so far; written at once, so that a later failure takes nothing away."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.all: dict[str, Any] = {"machine": machine(), "modes": {}}

    def add(self, place: dict[str, Any], name: str, found: Any) -> None:
        """Put something measured in its place."""
        place[name] = found
        if self.file:
            self.file.write_text(json.dumps(self.all, indent=1, ensure_ascii=False))


def measure_mode(mode: str, names: list[str], effort: Effort, results: Results) -> None:
    """One mode from its start to its end."""
    servers, caller = split_cores()
    with tempfile.TemporaryDirectory(prefix="cercle-bench-") as made:
        base = Path(made)
        base.chmod(0o711)  # the database's account must be able to walk through
        say(f"{mode}: starting the product with demo content")
        with world(mode, base, servers) as running:
            results.add(results.all["modes"], mode, _measured(running, names, effort, (servers, caller)))
        if mode == "embedded":
            say("embedded: later starts")
            results.add(results.all["modes"][mode], "starts", start_seconds(base / "var", effort.starts))


def _measured(
    running: World, names: list[str], effort: Effort, cores: tuple[set[int], set[int]]
) -> dict[str, Any]:
    say(f"{running.mode}: people sign in, surveys are launched")
    teller = Teller(running.url, effort.members)
    story = teller.tell(effort.responses if "response" in names else 1)
    wait_until_quiet()
    say(f"{running.mode}: the floor gets copies of the databases")
    chosen = [story.measures[name] for name in NAMES if name in names]
    with floor(running, story, cores[0]) as port, client(cores[1]) as caller:
        requests = Bench(caller, (running.port, port), effort, say).run(chosen)
        sizes = memory()
    teller.close()
    return {"requests": requests, "first_start": running.started_in, "memory": sizes}


def machine() -> str:
    """What it ran on, in a line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    return (
        f"{cores} cores{load}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )


def main() -> None:
    """Measure, print, write."""
    given = options()
    configure_logging("WARNING")
    names, effort, results = given.only or [*NAMES, *OTHERS], effort_of(given), Results(given.json)
    requests = [name for name in names if name in NAMES]
    modes = [given.mode] if given.mode else ["embedded"] if given.quick else list(MODES)
    for mode in modes if requests else ():
        measure_mode(mode, requests, effort, results)
    if "h5p" in names:
        say("an H5P package")
        results.add(results.all, "h5p", packages.measure(1 if given.quick else 5))
    if "figures" in names:
        say("ranking needs")
        size = (500, 20, 2000) if given.quick else (100_000, 60, 2000)
        results.add(results.all, "figures", figures.measure(*size))
    print(report.text(results.all, markdown=given.markdown))


if __name__ == "__main__":
    main()
