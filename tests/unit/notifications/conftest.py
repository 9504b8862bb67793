from collections.abc import Callable

import pytest

from shared.testing.harness import Harness
from tests.unit.notifications.support import Desk


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> Desk:
    return Desk(make_harness("notifications"))
