"""Payloads. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""

from __future__ import annotations

from shared.wire import Choice, Id, Schema


class OfTables(Schema):
    survey_id = Id(required=True)
    audience = Choice(("members", "public"), load_default="members")
