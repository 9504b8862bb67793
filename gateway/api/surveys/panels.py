"""REST of the surveys service. Panels: the board of expressed needs, Delphi rounds, nominal groups."""
