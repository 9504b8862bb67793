"""REST of the surveys service. Open answers coded by two coders, exports, verified reports."""
