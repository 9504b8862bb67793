import pytest

from tests.contract.worlds import DistributedWorld


@pytest.fixture
def toys(broker_world: DistributedWorld) -> DistributedWorld:
    """Both toy services and the relay as processes."""
    return broker_world
