from collections.abc import Iterator

import pytest

from tests.contract.worlds import World, embedded_world


@pytest.fixture(
    scope="session", params=["embedded", pytest.param("distributed", marks=pytest.mark.distributed)]
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if request.param == "embedded":
        with embedded_world(tmp_path_factory.mktemp("var")) as made:
            yield made
    else:
        yield request.getfixturevalue("broker_world")
