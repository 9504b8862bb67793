from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from services.identity.tables import metadata
from shared.db.migrate import downgrade, upgrade
from tests.unit.identity.support import Desk


def test_migration_equals_the_metadata_and_goes_both_ways(desk: Desk) -> None:
    engine, folder = desk.service.db.engine, desk.service.folder / "migrations"
    with engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
            == []
        )
    downgrade(engine, folder)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(engine, folder)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
