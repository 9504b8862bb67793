"""What comes in: every field named, everything else refused."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.wire import LANGUAGES, Choice, Id, Schema, Text, WholeNumber

TITLE, BODY = 200, 20_000
"""Characters."""
_VERSION = {"low": 1, "high": 2**31 - 1}


class Page(Schema):
    cursor = Text(load_default=None, allow_none=True, max_length=1000)
    limit = fields.Integer(strict=True, load_default=None, allow_none=True,
                           error_messages={"invalid": "wrong-type"})  # fmt: skip


class ListTopics(Page):
    space = Text(load_default=None, allow_none=True, max_length=40)


class TopicId(Schema):
    topic_id = Id(required=True)


class TopicIds(Schema):
    ids = fields.List(
        Id(), required=True, validate=validate.Length(max=200, error="too-many-items"),
        error_messages={"required": "missing", "null": "missing", "invalid": "wrong-type"},
    )  # fmt: skip


class ListPosts(Page):
    topic_id = Id(required=True)
    last = fields.Boolean(load_default=False, error_messages={"invalid": "wrong-type"})


class PostId(Schema):
    post_id = Id(required=True)


class ProposalId(Schema):
    proposal_id = Id(required=True)


class OpenTopic(Schema):
    space_id = Id(required=True)
    title = Text(required=True, min_length=3, max_length=TITLE)
    language = Choice(LANGUAGES, required=True)
    body = Text(required=True, max_length=BODY)


class AddPost(Schema):
    topic_id = Id(required=True)
    body = Text(required=True, max_length=BODY)
    language = Choice(LANGUAGES, required=True)


class EditPost(Schema):
    post_id = Id(required=True)
    version = WholeNumber(**_VERSION, required=True)
    body = Text(required=True, max_length=BODY)


class Search(Schema):
    q = Text(required=True, max_length=200)
    limit = WholeNumber(1, 50, load_default=8)
