"""Closed entries among the decisions on PostgreSQL: a day is a day in UTC, whatever the zone of the session."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.unit.surveys.support import Desk
from tests.unit.surveys.test_board_answers import mixed, name


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Vancouver"])
def test_pages_of_both_kinds_follow_one_another(desk: Desk, zone: str) -> None:
    engine = desk.harness.services["surveys"].db.engine
    with engine.begin() as connection:
        connection.execute(text(f"ALTER ROLE CURRENT_USER SET timezone TO '{zone}'"))
    engine.dispose()
    with engine.connect() as connection:
        assert connection.execute(text("SHOW timezone")).scalar_one() == zone
    expected = mixed(desk)
    page = desk.ask("list_decisions", limit=2)
    seen = [name(item) for item in page["items"]]
    while page["next_cursor"]:
        page = desk.ask("list_decisions", limit=2, cursor=page["next_cursor"])
        seen += [name(item) for item in page["items"]]
    assert seen == expected
