from services.identity.tables import metadata
from shared.db.migrate import run_migrations

run_migrations(metadata)
