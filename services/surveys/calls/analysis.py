"""Entry points. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""

from __future__ import annotations

from shared.messaging.service import Service


class AnalysisCalls(Service):
    """Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""
