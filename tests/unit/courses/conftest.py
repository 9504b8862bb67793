from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.testing.harness import Harness
from tests.unit.courses.support import Desk


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> Desk:
    """The courses service on SQLite, with demo's rule that trainers may install libraries."""
    return Desk(make_harness("courses"))


@pytest.fixture
def strict_desk(desk: Desk) -> Desk:
    """The same outside of demo: only admins install libraries."""
    desk.service.settings = desk.service.settings.model_copy(update={"demo": False})
    return desk
