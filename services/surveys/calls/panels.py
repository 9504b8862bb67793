"""Entry points. Panels: the board of expressed needs, Delphi rounds, nominal groups."""

from __future__ import annotations

from shared.messaging.service import Service


class PanelsCalls(Service):
    """Panels: the board of expressed needs, Delphi rounds, nominal groups."""
