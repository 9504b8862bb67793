"""Payloads. Panels: the board of expressed needs, Delphi rounds, nominal groups."""
