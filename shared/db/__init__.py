"""Databases: engine, column types, the transaction, migrations. SQLite and PostgreSQL behave alike."""
