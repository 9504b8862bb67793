"""Payloads. Open answers coded by two coders, exports, verified reports."""
