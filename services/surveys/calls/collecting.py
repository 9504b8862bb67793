"""Entry points. Collecting: audience, confidential mode, reminders, single-use links, coverage."""

from __future__ import annotations

from shared.messaging.service import Service


class CollectingCalls(Service):
    """Collecting: audience, confidential mode, reminders, single-use links, coverage."""
