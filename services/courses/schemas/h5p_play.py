"""Payloads of playing H5P: finishes, results, embedding, upgrades and the event log."""

from __future__ import annotations

import math
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.courses.schemas.core import ActivityId
from services.courses.schemas.parts import BIG, Paged
from shared.wire import Choice, Id, Schema, Text, WholeNumber


def _finite(value: float) -> None:
    if not math.isfinite(value):
        raise ma.ValidationError("out-of-range")


def _points(**kwargs: Any) -> fields.Float:
    return fields.Float(validate=_finite, **kwargs)


class Finished(ActivityId):
    score = _points(required=True)
    max_score = _points(required=True)
    opened = WholeNumber(0, BIG, required=True)
    finished = WholeNumber(0, BIG, required=True)
    time = WholeNumber(0, BIG, load_default=None, allow_none=True)


class ResultsOf(ActivityId):
    account_id = Id(load_default=None, allow_none=True)


class EventList(Paged):
    kind = Choice(("content", "results", "library"), load_default=None, allow_none=True)


class EventPolicy(Schema):
    keep_days = WholeNumber(1, 730, required=True)


class NewUpgrade(Schema):
    machine_name = Text(max_length=255, load_default=None, allow_none=True)
    dry_run = fields.Boolean(load_default=False)


class UpgradeId(Schema):
    upgrade_id = fields.Raw(required=True)
