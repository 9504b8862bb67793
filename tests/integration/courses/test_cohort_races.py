"""Seats under a rush, on PostgreSQL; and the migration that turns completions into rules."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from services.courses.service import CoursesService
from services.courses.tables import seats, waiting
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade
from shared.db.types import Json, UtcDateTime
from tests.integration.courses.test_races import rows, together
from tests.unit.courses.support import Desk, pair
from tests.unit.courses.test_cohorts import SEAT, cohort

PEOPLE, SEATS = 30, 10
FOLDER = CoursesService.folder / "migrations"


def enrol(desk: Desk, people: list[Any], course_id: str, cohort_id: str) -> list[Any]:
    return together(
        lambda number: desk.ask("enrol", people[number], course_id=course_id, cohort_id=cohort_id),
        len(people),
    )


def test_thirty_enrolments_for_ten_seats_are_ten(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    group = cohort(desk, course["id"], seats=SEATS)["id"]
    people = [desk.harness.actor("learner") for _ in range(PEOPLE)]
    told = enrol(desk, people, course["id"], group)
    assert sum(view["waiting"] is None for view in told) == len(rows(desk, seats)) == SEATS
    assert sorted(row["place"] for row in rows(desk, waiting)) == list(range(1, PEOPLE - SEATS + 1))
    assert desk.types().count("courses.enrolment.started.v1") == SEATS + 1  # and the desk's own learner


def test_ten_who_leave_at_once_make_room_for_exactly_ten(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    group = cohort(desk, course["id"], seats=SEATS)["id"]
    seated = [desk.harness.actor("learner") for _ in range(SEATS)]
    enrol(desk, seated, course["id"], group)
    late = [desk.harness.actor("learner") for _ in range(SEATS + 5)]
    enrol(desk, late, course["id"], group)
    order = [row["account_id"] for row in sorted(rows(desk, waiting), key=lambda row: row["place"])]
    together(lambda number: desk.ask("leave_course", seated[number], course_id=course["id"]), SEATS)
    given = [event.data["account_id"] for event in desk.harness.events("courses") if event.type == SEAT]
    assert given == [str(account) for account in order[:SEATS]]
    assert (len(rows(desk, seats)), len(rows(desk, waiting))) == (SEATS, 5)


def test_last_seats_of_two_cohorts_leave_one_person_in_one(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    groups = [cohort(desk, course["id"], seats=1)["id"] for _ in range(2)]
    people = [desk.harness.actor("learner") for _ in range(6)]
    told = together(
        lambda n: desk.ask("enrol", people[n // 2], course_id=course["id"], cohort_id=groups[n % 2]), 12
    )
    holders = Counter(row["enrolment_id"] for row in rows(desk, seats))
    assert (len(holders), set(holders.values())) == (2, {1})
    assert {view for view in told if isinstance(view, str)} <= {"already-in-cohort"}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return make_engine(f"sqlite:///{tmp_path / 'courses.sqlite'}")
    return make_engine(request.getfixturevalue("courses_database"))


@pytest.mark.postgres
def test_completions_become_rules_and_go_back_without_losing_what_hangs_on_an_item(engine: Engine) -> None:
    upgrade(engine, FOLDER, "0007")
    now = datetime(2026, 11, 1, tzinfo=UTC)
    course_id, module_id, unit_id, activity_id = (uuid4() for _ in range(4))
    common = {"course_id": course_id, "title": pair("T"), "position": 0, "ready_in": []}
    with engine.begin() as connection:
        _insert(connection, "courses", {
            "id": course_id, "title": pair("C"), "summary": pair("S"), "status": "draft", "edition": 0, "version": 1,
            "languages": [], "created_at": now,
        })  # fmt: skip
        _insert(connection, "items", common | {"id": module_id, "kind": "module"})
        _insert(connection, "items", common | {"id": unit_id, "kind": "unit", "parent_id": module_id})
        _insert(connection, "items", common | {
            "id": activity_id, "kind": "activity", "parent_id": unit_id, "block_type": "h5p",
            "completion": "completed",
        })  # fmt: skip
    upgrade(engine, FOLDER, "0008")
    items = sa.table(
        "items", sa.column("id", sa.Uuid), sa.column("rule", Json), sa.column("completion", sa.String)
    )
    with engine.begin() as connection:
        found = {row.id: row.rule for row in connection.execute(sa.select(items.c.id, items.c.rule))}
        assert found == {module_id: None, unit_id: None, activity_id: {"rule": "completed"}}
        connection.execute(
            items.update().where(items.c.id == activity_id).values(rule={"rule": "dwell", "seconds": 60})
        )
    downgrade(engine, FOLDER, "0007")
    with engine.begin() as connection:
        found = {
            row.id: row.completion for row in connection.execute(sa.select(items.c.id, items.c.completion))
        }
        assert found == {module_id: None, unit_id: None, activity_id: "viewed"}
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(items.update().values(completion="never"))
    engine.dispose()


def _insert(connection: sa.Connection, table: str, values: dict[str, Any]) -> None:
    kinds: dict[type, Any] = {dict: Json, list: Json, datetime: UtcDateTime, UUID: sa.Uuid}
    columns = [sa.column(name, kinds.get(type(value))) for name, value in values.items()]
    connection.execute(sa.table(table, *columns).insert().values(values))
