from collections.abc import Iterator
from itertools import count

import pytest

from shared.config import SERVICES
from shared.testing.backends import Postgres
from shared.testing.harness import Harness

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def harness(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """All five services on PostgreSQL, each with its own database and role."""
    run = next(_NUMBERS)
    address = ""
    for service in SERVICES:
        name = f"access{run}_{service}"
        made = postgres_server.create_database(name, "secret", name)
        address = made.replace("postgresql://", "postgresql+psycopg://").replace(service, "{service}")
    found = Harness(tmp_path_factory.mktemp("access"), database_url=address)
    yield found
    found.close()
