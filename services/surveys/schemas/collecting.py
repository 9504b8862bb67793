"""Payloads. Collecting: audience, confidential mode, reminders, single-use links, coverage."""
