from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect

from services.courses.service import CoursesService
from services.courses.tables import metadata
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade

FOLDER = CoursesService.folder / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return make_engine(f"sqlite:///{tmp_path / 'courses.sqlite'}")
    return make_engine(request.getfixturevalue("courses_database"))


@pytest.mark.postgres
def test_migrations_go_up_to_the_tables_and_down_to_nothing(engine: Engine) -> None:
    upgrade(engine, FOLDER)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        found = inspect(connection)
        for table in metadata.sorted_tables:
            checks = {str(check["name"]) for check in found.get_check_constraints(table.name)}
            declared = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
            assert (table.name, checks) == (table.name, declared)
    downgrade(engine, FOLDER)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(engine, FOLDER)
    engine.dispose()
