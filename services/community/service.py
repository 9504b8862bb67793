"""Entry points of community. Nothing that a command returns holds what was written: answers are stored for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.community import commands, queries, schemas
from services.community.tables import messaging
from shared.contracts.surveys import ProposalApproved
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, on_event, query
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load


class CommunityService(Service):
    """Spaces, topics, posts, and who follows what."""

    name = "community"
    tables = messaging
    folder = Path(__file__).parent

    @on_event(ProposalApproved.type)
    def on_proposal_approved(self, tx: Tx, envelope: Envelope) -> None:
        """A proposal was approved: its discussion opens."""
        commands.open_for_proposal(tx, ProposalApproved.from_data(envelope.data))

    @query
    def list_spaces(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {items}."""
        return queries.list_spaces(tx)

    @query
    def list_topics(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{space?: key, cursor?, limit?} -> page, newest activity first."""
        data = load(schemas.ListTopics(), call.payload)
        return queries.list_topics(tx, data["space"], PageRequest.of(data["cursor"], data["limit"]))

    @query
    def get_topic(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{topic_id} -> the topic, and whether the actor follows it."""
        return queries.get_topic(tx, load(schemas.TopicId(), call.payload)["topic_id"])

    @query
    def get_topics(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{ids} -> {items}, for lists that lead to topics."""
        return queries.get_topics(tx, load(schemas.TopicIds(), call.payload)["ids"])

    @query
    def topic_of_proposal(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{proposal_id} -> its topic."""
        return queries.topic_of_proposal(tx, load(schemas.ProposalId(), call.payload)["proposal_id"])

    @query
    def list_posts(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{topic_id, cursor?, limit?, last?} -> page in the order of writing; last: the newest posts."""
        data = load(schemas.ListPosts(), call.payload)
        request = PageRequest.of(data["cursor"], data["limit"])
        return queries.list_posts(tx, data["topic_id"], request, last=data["last"])

    @query
    def get_post(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{post_id} -> one post."""
        return queries.get_post(tx, load(schemas.PostId(), call.payload)["post_id"])

    @query
    def home(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {recent: [{id, title, posts, last_post_at}]}."""
        return queries.home(tx)

    @query
    def search(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{q, limit?} -> {items: topics}."""
        data = load(schemas.Search(), call.payload)
        return queries.search(tx, data["q"], data["limit"])

    @command
    def open_topic(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{space_id, title, language, body} -> {id, version}."""
        topic = commands.open_topic(tx, commands.OpenTopic(**load(schemas.OpenTopic(), call.payload)))
        return {"id": str(topic.id), "version": topic.version}

    @command
    def add_post(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{topic_id, body, language} -> {id, topic_id, version}."""
        post = commands.add_post(tx, commands.AddPost(**load(schemas.AddPost(), call.payload)))
        return {"id": str(post.id), "topic_id": str(post.topic_id), "version": post.version}

    @command
    def edit_post(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{post_id, version, body} -> {id, topic_id, version}."""
        post = commands.edit_post(tx, commands.EditPost(**load(schemas.EditPost(), call.payload)))
        return {"id": str(post.id), "topic_id": str(post.topic_id), "version": post.version}

    @command
    def retire_post(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{post_id} -> {id, topic_id, version}."""
        post = commands.retire_post(tx, load(schemas.PostId(), call.payload)["post_id"])
        return {"id": str(post.id), "topic_id": str(post.topic_id), "version": post.version}

    @command
    def follow(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{topic_id} -> {following: true}."""
        commands.follow(tx, load(schemas.TopicId(), call.payload)["topic_id"])
        return {"following": True}

    @command
    def unfollow(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{topic_id} -> {following: false}."""
        commands.unfollow(tx, load(schemas.TopicId(), call.payload)["topic_id"])
        return {"following": False}
