from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.actor import Actor
from shared.testing.harness import Harness
from tests.unit.identity.support import Desk


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> Desk:
    return Desk(make_harness("identity"))


@pytest.fixture
def admin(desk: Desk) -> Actor:
    return desk.first_admin()
