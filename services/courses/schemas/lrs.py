"""Payloads of the record store. A party is who asks: the signed-in person, or a tool by its key and secret."""

from __future__ import annotations

from marshmallow import fields, validate

from services.courses.domain.xapi import MAX_STATEMENTS, SCOPES
from services.courses.schemas.parts import Paged
from shared.wire import Choice, Instant, Schema, Text, WholeNumber

STATE_CHARS = 400_000  # of base 64: 300,000 bytes


class Tool(Schema):
    name = Text(required=True, max_length=120)
    scopes = fields.List(
        Choice(SCOPES), required=True, validate=validate.Length(1, len(SCOPES), error="missing")
    )


class ToolId(Schema):
    tool_id = fields.Raw(required=True)


class Credentials(Schema):
    key = Text(required=True, max_length=80)
    secret = Text(required=True, max_length=200)


class Party(Schema):
    """`pseudonym` comes from the session, `credentials` from Basic authentication; never both."""

    pseudonym = Text(load_default=None, allow_none=True, max_length=80)
    credentials = fields.Nested(Credentials, load_default=None, allow_none=True)


class Statements(Party):
    """`statement_id`: of a PUT, which carries exactly one statement."""

    statements = fields.List(
        fields.Raw(), required=True, validate=validate.Length(1, MAX_STATEMENTS, error="too-long")
    )
    statement_id = fields.Raw(load_default=None, allow_none=True)
    version = Text(load_default="1.0.3", max_length=10)


class StatementQuery(Party):
    statement_id = fields.Raw(load_default=None, allow_none=True)
    voided_id = fields.Raw(load_default=None, allow_none=True)
    agent = Text(load_default=None, allow_none=True, max_length=2000)
    verb = Text(load_default=None, allow_none=True, max_length=2000)
    activity = Text(load_default=None, allow_none=True, max_length=2000)
    registration = Text(load_default=None, allow_none=True, max_length=36)
    related_agents = fields.Boolean(load_default=False)
    related_activities = fields.Boolean(load_default=False)
    since = Instant(load_default=None, allow_none=True)
    until = Instant(load_default=None, allow_none=True)
    limit = WholeNumber(0, 2**31 - 1, load_default=0)
    format = Choice(("exact", "ids", "canonical"), load_default="exact")
    ascending = fields.Boolean(load_default=False)
    cursor = Text(load_default=None, allow_none=True, max_length=500)


class Export(Party, Paged):
    everything = fields.Boolean(load_default=False)


class StatePlace(Party):
    activity_id = Text(required=True, max_length=2000)
    agent = fields.Dict(required=True)
    registration = Text(load_default=None, allow_none=True, max_length=36)


class StateOne(StatePlace):
    state_id = Text(required=True, max_length=255)


class StateList(StatePlace):
    since = Instant(load_default=None, allow_none=True)


class StateWrite(StateOne):
    """`content` in base 64. `merge`: a POST, which joins two JSON objects. The etags are of If-Match and If-None-Match."""

    content = Text(required=True, min_length=0, max_length=STATE_CHARS)
    content_type = Text(required=True, max_length=200)
    merge = fields.Boolean(load_default=False)
    if_match = Text(load_default=None, allow_none=True, max_length=200)
    if_none_match = Text(load_default=None, allow_none=True, max_length=200)


class StateDelete(StatePlace):
    """Without `state_id`: every document of the place."""

    state_id = Text(load_default=None, allow_none=True, max_length=255)
    if_match = Text(load_default=None, allow_none=True, max_length=200)
