from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from shared.testing.backends import Postgres
from shared.testing.harness import Harness
from tests.unit.courses.support import Desk

_NUMBERS = count(1)


@pytest.fixture
def courses_database(postgres_server: Postgres) -> str:
    """An empty database of its own."""
    name = f"courses_{next(_NUMBERS)}"
    address = postgres_server.create_database(name, "secret", name)
    return address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def desk(courses_database: str, tmp_path: Path) -> Iterator[Desk]:
    """The courses service on PostgreSQL."""
    harness = Harness(tmp_path, ("courses",), database_url=courses_database)
    yield Desk(harness)
    harness.close()
