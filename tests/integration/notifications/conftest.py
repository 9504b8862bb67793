from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from shared.testing.backends import Postgres
from shared.testing.harness import Harness
from tests.unit.notifications.support import Desk

_NUMBERS = count(1)


@pytest.fixture
def notifications_database(postgres_server: Postgres) -> str:
    """An empty database of its own."""
    name = f"notifications_{next(_NUMBERS)}"
    address = postgres_server.create_database(name, "secret", name)
    return address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def desk(notifications_database: str, tmp_path: Path) -> Iterator[Desk]:
    harness = Harness(tmp_path, ("notifications",), database_url=notifications_database)
    yield Desk(harness)
    harness.close()
