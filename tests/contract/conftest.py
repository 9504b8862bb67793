from collections.abc import Iterator

import pytest

from gateway.supervisor import Servers
from tests.contract.worlds import DistributedWorld, World, distributed_world, embedded_world, new_vhost


@pytest.fixture(
    scope="session", params=["embedded", pytest.param("distributed", marks=pytest.mark.distributed)]
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if request.param == "embedded":
        with embedded_world(tmp_path_factory.mktemp("var")) as made:
            yield made
    else:
        yield request.getfixturevalue("broker_world")


@pytest.fixture(scope="session")
def broker_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DistributedWorld]:
    # Asked for by name, so that the embedded half of the suite needs no server.
    servers = Servers(
        request.getfixturevalue("postgres_server"), request.getfixturevalue("rabbitmq_server"), new_vhost()
    )
    with distributed_world(tmp_path_factory.mktemp("var"), servers) as made:
        yield made
