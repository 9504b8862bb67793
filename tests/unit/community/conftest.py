from collections.abc import Callable

import pytest

from shared.testing.harness import Harness
from tests.unit.community.support import Agora


@pytest.fixture
def agora(make_harness: Callable[..., Harness]) -> Agora:
    return Agora(make_harness("community"))
