from collections.abc import Iterator

import pytest

from gateway.supervisor import Servers
from shared.testing.backends import Postgres, RabbitMQ
from tests.contract.worlds import DistributedWorld, distributed_world, new_vhost


@pytest.fixture(scope="module")
def toys(
    postgres_server: Postgres, rabbitmq_server: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DistributedWorld]:
    """Both toy services and the relay as processes on a part of the broker of their own."""
    servers = Servers(postgres_server, rabbitmq_server, new_vhost())
    with distributed_world(tmp_path_factory.mktemp("var"), servers) as made:
        yield made
