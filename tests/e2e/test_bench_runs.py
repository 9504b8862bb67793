"""`make bench ARGS=--quick` runs, and its figures make sense. Times are nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.rounds import CONCURRENCIES
from tests.bench.story import NAMES
from tests.e2e.product import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    file: Path = tmp_path_factory.mktemp("bench") / "figures.json"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.bench",
        "--quick",
        "--markdown",
        "--json",
        str(file),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout, json.loads(file.read_text())


def test_every_request_is_measured_at_the_product_and_at_its_floor(run: tuple[str, dict[str, Any]]) -> None:
    requests = run[1]["modes"]["embedded"]["requests"]

    assert {(r["name"], r["concurrency"]) for r in requests} == {(n, c) for n in NAMES for c in CONCURRENCIES}
    for result in requests:
        for side in ("product", "floor"):
            figures = result[side]
            assert figures["wrong"] == 0, result
            assert figures["count"] > 0
            assert figures["rps"] > 0
            assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
        assert result["ratio_range"][0] <= result["ratio"] <= result["ratio_range"][1]


def test_start_memory_packages_and_statistics_are_measured(run: tuple[str, dict[str, Any]]) -> None:
    results = run[1]
    embedded = results["modes"]["embedded"]

    assert embedded["first_start"] > 0
    assert all(seconds > 0 for start in embedded["starts"] for seconds in start)
    assert {"floor", "gateway"} <= embedded["memory"].keys()
    assert (results["h5p"]["libraries"], results["h5p"]["files"]) == (50, 202)
    assert results["h5p"]["ratio"] > 0
    assert results["figures"]["analysis_ratio"] > 0


def test_tables_are_markdown(run: tuple[str, dict[str, Any]]) -> None:
    lines = run[0].splitlines()

    assert "### Embedded mode" in lines
    for name in NAMES.values():
        assert sum(line.startswith(f"| {name} ") for line in lines) == len(CONCURRENCIES)
