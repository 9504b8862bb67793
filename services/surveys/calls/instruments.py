"""Entry points. Instruments: elements, versions, item bank, templates, import and export."""

from __future__ import annotations

from shared.messaging.service import Service


class InstrumentsCalls(Service):
    """Instruments: elements, versions, item bank, templates, import and export."""
