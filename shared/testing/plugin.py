"""pytest fixtures for every suite."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.clock import require_current_time_zones
from shared.garbage import collect_seldom
from shared.observability import configure_logging
from shared.testing.harness import Harness

ROOT = Path(__file__).parents[2]
SHARED_H5P = ROOT.parent / "shared" / "h5p"
ORACLES = ROOT.parent / "shared" / "oracles" / "oracles.json"


def pytest_configure() -> None:
    """The product's own start conditions hold in tests too."""
    require_current_time_zones()
    configure_logging("WARNING")
    # The tests start many processes; without kept bytecode each compiles all its modules, 2.5 s and more.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # Processes share the machine here: threads of linear algebra that wait for each other double its time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    collect_seldom()


@pytest.fixture
def make_harness(tmp_path: Path) -> Iterator[Callable[..., Harness]]:
    """`make_harness("surveys", "identity", **settings)`; closed at the end."""
    made: list[Harness] = []

    def make(*names: str, **overrides: Any) -> Harness:
        extra = (names,) if names else ()
        made.append(Harness(tmp_path / f"var{len(made)}", *extra, **overrides))
        return made[-1]

    yield make
    for harness in made:
        harness.close()
