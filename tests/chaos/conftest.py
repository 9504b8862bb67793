from collections.abc import Iterator

import pytest

from shared.testing.backends import RabbitMQ, run_rabbitmq


@pytest.fixture(scope="session")
def broker() -> Iterator[RabbitMQ]:
    """A broker that may be killed: not the one that other tests share."""
    with run_rabbitmq(killable=True) as server:
        yield server
