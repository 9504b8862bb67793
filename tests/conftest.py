from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contract.worlds import DistributedWorld

pytest_plugins = ["shared.testing.plugin", "shared.testing.plugin_backends"]


@pytest.fixture(scope="session")
def broker_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DistributedWorld]:
    """Two toy services and the relay as processes: one world, since a second one on the same servers would give their
    users other passwords and read their outboxes.
    """
    from gateway.supervisor import Servers
    from tests.contract.worlds import distributed_world, new_vhost

    # Asked for by name, so that the embedded half of a suite needs no server.
    servers = Servers(
        request.getfixturevalue("postgres_server"), request.getfixturevalue("rabbitmq_server"), new_vhost()
    )
    with distributed_world(tmp_path_factory.mktemp("var"), servers) as made:
        yield made
