"""The product in both modes, started once each for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.product import Product, distributed, embedded

MODES = ("embedded", "distributed")


@pytest.fixture(scope="session", params=MODES)
def product(request: pytest.FixtureRequest) -> Product:
    """A running product with the demo people and their content."""
    found: Product = request.getfixturevalue(f"{request.param}_product")
    return found


# Fixtures of their own: pytest ends a fixture with parameters at every change of the parameter.
@pytest.fixture(scope="session")
def embedded_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with embedded(tmp_path_factory.mktemp("embedded") / "var") as running:
        yield running


@pytest.fixture(scope="session")
def distributed_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with distributed(tmp_path_factory.mktemp("distributed") / "var") as running:
        yield running
