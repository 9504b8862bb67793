"""The metadata of the courses service, its messaging tables, and a helper."""

from __future__ import annotations

from sqlalchemy import CheckConstraint

from shared.db.types import new_metadata
from shared.messaging.tables import messaging_tables

metadata = new_metadata()
messaging = messaging_tables(metadata)


def one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    """A check that a column holds one of a few words."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=name)
