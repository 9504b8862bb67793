"""Payloads. Building: balanced sets for a best-worst question."""

from __future__ import annotations

from services.surveys.methods.designs import MAX_ITEMS, MIN_ITEMS
from shared.wire import Schema, WholeNumber


class DesignSets(Schema):
    options = WholeNumber(MIN_ITEMS, MAX_ITEMS, required=True)
    size = WholeNumber(3, 6, load_default=4)
