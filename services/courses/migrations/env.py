"""Alembic's entry: see shared/db/migrate.py."""

from services.courses.tables import metadata
from shared.db.migrate import run_migrations

run_migrations(metadata)
