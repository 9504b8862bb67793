"""The product in both modes, started once each for the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import Product, distributed, embedded

MODES = ("embedded", "distributed")


@pytest.fixture(scope="session", params=MODES)
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running product with the demo people and their content."""
    folder: Path = tmp_path_factory.mktemp(request.param) / "var"
    start = embedded if request.param == "embedded" else distributed
    with start(folder) as running:
        yield running
