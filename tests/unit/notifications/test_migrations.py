from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from services.notifications.service import NotificationsService
from services.notifications.tables import metadata
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade

FOLDER = NotificationsService.folder / "migrations"


def test_migrations_make_the_tables_and_take_them_away(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'notifications.sqlite'}")
    upgrade(engine, FOLDER)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    downgrade(engine, FOLDER)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
