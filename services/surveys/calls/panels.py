"""Entry points. Panels: the board of expressed needs, Delphi rounds, nominal groups."""

from __future__ import annotations

from services.surveys.calls.board import BoardCalls


class PanelsCalls(BoardCalls):
    """Panels: the board of expressed needs, Delphi rounds, nominal groups."""
