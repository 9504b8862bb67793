"""What comes in: every field named, everything else refused."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.notifications.domain.kinds import CHANNELS, KINDS
from shared.wire import Choice, Id, Schema, Text

_EITHER: dict[str, Any] = {"required": "missing", "null": "missing", "invalid": "wrong-type"}
_KINDS = tuple(KINDS)


class Page(Schema):
    cursor = Text(load_default=None, allow_none=True, max_length=1000)
    limit = fields.Integer(strict=True, load_default=None, allow_none=True, error_messages=_EITHER)


class ListNotifications(Page):
    unread = fields.Boolean(load_default=False, error_messages=_EITHER)


class NotificationId(Schema):
    id = Id(required=True)


class MailId(Schema):
    mail_id = Id(required=True)


class Token(Schema):
    token = Text(required=True, max_length=200)


class Preference(Schema):
    kind = Choice(_KINDS, required=True)
    channel = Choice(CHANNELS, required=True)
    enabled = fields.Boolean(required=True, truthy={True}, falsy={False}, error_messages=_EITHER)


class SetPreferences(Schema):
    items = fields.List(
        fields.Nested(Preference()),
        required=True,
        validate=validate.Length(1, len(_KINDS) * len(CHANNELS), error="too-many-items"),
        error_messages=_EITHER,
    )
