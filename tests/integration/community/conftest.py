from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from shared.testing.backends import Postgres
from shared.testing.harness import Harness
from tests.unit.community.support import Agora

_NUMBERS = count(1)


@pytest.fixture
def community_database(postgres_server: Postgres) -> str:
    """An empty database of its own."""
    name = f"community_{next(_NUMBERS)}"
    address = postgres_server.create_database(name, "secret", name)
    return address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def agora(community_database: str, tmp_path: Path) -> Iterator[Agora]:
    harness = Harness(tmp_path, ("community",), database_url=community_database)
    yield Agora(harness)
    harness.close()
