import pytest

from shared.testing.backends import Postgres, RabbitMQ
from tests.contract.worlds import DistributedWorld


@pytest.fixture
def toys(
    postgres_server: Postgres,
    rabbitmq_server: RabbitMQ,
    broker_world: DistributedWorld,
) -> DistributedWorld:
    """Both toy services and the relay as processes. The servers are named, so that these tests are known to need them."""
    return broker_world
