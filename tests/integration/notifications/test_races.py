"""What only PostgreSQL shows: transactions that really run together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from services.notifications.postman import Claim, Postman
from services.notifications.service import NotificationsService
from services.notifications.tables import metadata
from shared.contracts.courses import CoursePublished
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade
from shared.ids import new_id
from tests.unit.notifications.support import TITLE, Desk

pytestmark = pytest.mark.postgres
TOGETHER = 20


def together(work: Callable[[int], Any], count: int = TOGETHER) -> list[Any]:
    """Results of `count` calls that start at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(timeout=20)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_migrations_go_up_to_the_tables_and_down_to_nothing(notifications_database: str) -> None:
    engine, folder = make_engine(notifications_database), NotificationsService.folder / "migrations"
    upgrade(engine, folder)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    downgrade(engine, folder)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_one_event_on_twenty_workers_notifies_once(desk: Desk) -> None:
    people = [desk.person() for _ in range(3)]
    told = desk.envelope(desk.launched())
    desk.service.settings = desk.service.settings.model_copy(update={"inbox": False})
    together(lambda _: desk.again(told), 3)
    fresh = desk.envelope(CoursePublished(new_id(), TITLE, 1))
    desk.service.settings = desk.service.settings.model_copy(update={"inbox": True})
    assert sum(together(lambda _: desk.again(fresh))) == 1
    assert [len(desk.inbox(person)) for person in people] == [2, 2, 2]
    assert desk.states() == ["sent"] * 6


def test_twenty_postmen_send_each_mail_once(desk: Desk) -> None:
    for _ in range(30):
        desk.person()
    desk.postman.close()
    desk.hear(desk.launched())
    assert sum(together(lambda _: Postman(desk.postman.office).deliver_due())) == 30
    assert [(row["status"], row["attempts"]) for row in desk.deliveries()] == [("sent", 1)] * 30
    assert len(desk.mails(desk.harness.actor("admin"))) == 30


def test_twenty_claims_of_one_mail_give_it_to_one(desk: Desk) -> None:
    desk.person()
    desk.postman.close()
    desk.hear(desk.launched())
    postman = Postman(desk.postman.office)
    claims = [claim for claim in together(lambda _: postman.claim()) if claim]
    assert [claim.attempts for claim in claims] == [1]
    desk.harness.clock.advance(timedelta(minutes=4))
    again = postman.claim()
    assert again == Claim(claims[0].id, claims[0].notification_id, 2)


def test_twenty_choices_at_once_leave_one_row(desk: Desk) -> None:
    maude = desk.person()
    items = [{"kind": "topic-reply", "channel": channel, "enabled": False} for channel in ("email", "in_app")]
    together(lambda number: desk.ask("set_preferences", maude, items=items[:: 1 if number % 2 else -1]))
    chosen = {
        item["channel"]: item["enabled"]
        for item in desk.ask("get_preferences", maude)["items"]
        if item["kind"] == "topic-reply"
    }
    assert chosen == {"in_app": False, "email": False}
