"""xblock-sdk's workbench is the oracle: what runs there runs in any host of XBlocks. It is a tool of the tests alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from services.courses.players.blocks import BLOCKS

ROOT = Path(__file__).parents[2]


def test_every_block_of_ours_runs_in_the_workbench() -> None:
    command = [sys.executable, "-W", "ignore", str(ROOT / "tests" / "conformance" / "in_workbench.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert {one["block"] for one in results if one["ok"]} == set(BLOCKS), (results, done.stderr[-2000:])
    assert done.returncode == 0
