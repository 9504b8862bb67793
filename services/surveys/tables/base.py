"""The metadata of the surveys service and its messaging tables."""

from __future__ import annotations

from shared.db.types import new_metadata
from shared.messaging.tables import messaging_tables

metadata = new_metadata()
messaging = messaging_tables(metadata)
