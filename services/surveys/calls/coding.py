"""Entry points. Open answers coded by two coders, exports, verified reports."""

from __future__ import annotations

from shared.messaging.service import Service


class CodingCalls(Service):
    """Open answers coded by two coders, exports, verified reports."""
