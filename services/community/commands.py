"""Every write: a command beside the function that does it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.community import store
from services.community.domain.topic import Post, Topic, new_post, new_topic
from shared.contracts.community import PostAdded, TopicOpened
from shared.contracts.surveys import ProposalApproved
from shared.db.tx import Tx


@dataclass(frozen=True, slots=True)
class OpenTopic:
    """`body`: the first post."""

    space_id: UUID
    title: str
    language: str
    body: str


@dataclass(frozen=True, slots=True)
class AddPost:
    topic_id: UUID
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class EditPost:
    post_id: UUID
    version: int
    body: str


def open_for_proposal(tx: Tx, event: ProposalApproved) -> None:
    """One topic for one proposal, however often it is announced; who decided follows it."""
    if store.topic_of_proposal(tx, event.proposal_id):
        return
    space_id = store.space_of_key(tx, store.NEEDS)
    topic = new_topic(space_id, event.title, tx.now, proposal=(event.proposal_id, event.need_id))
    _announce(tx, topic)
    store.follow(tx, topic.id, event.decided_by)


def open_topic(tx: Tx, cmd: OpenTopic) -> Topic:
    """Open a topic with its first post; its author follows it. Raises NotFound for an unknown space."""
    author = tx.actor.require_account()
    space_id = store.require_space(tx, cmd.space_id)
    topic = new_topic(space_id, {cmd.language: cmd.title}, tx.now, author_id=author)
    topic.take(tx.now)
    _announce(tx, topic)
    tx.add(new_post(topic.id, author, cmd.body, cmd.language, tx.now))
    store.follow(tx, topic.id, author)
    return topic


def _announce(tx: Tx, topic: Topic) -> None:
    tx.add(topic)
    tx.session.flush()
    event = TopicOpened(topic.id, topic.space_id, topic.author_id, topic.proposal_id, topic.need_id)
    tx.publish(event, subject=topic.id, version=topic.version)


def add_post(tx: Tx, cmd: AddPost) -> Post:
    """Answer in a topic; the author follows it from now on. Raises NotFound, TopicClosed."""
    author = tx.actor.require_account()
    topic = store.lock_topic(tx, cmd.topic_id)
    topic.take(tx.now)
    post = new_post(topic.id, author, cmd.body, cmd.language, tx.now)
    tx.add(post)
    store.follow(tx, topic.id, author)
    event = PostAdded(topic.id, post.id, author, store.followers(tx, topic.id, but=author))
    tx.publish(event, subject=topic.id, version=topic.version)
    return post


def edit_post(tx: Tx, cmd: EditPost) -> Post:
    """Rewrite one's own post. Raises NotFound, Forbidden, TopicClosed, PostRetired, Stale."""
    topic, post = store.own_post(tx, cmd.post_id)
    topic.require_open()
    post.edit(cmd.body, cmd.version, tx.now)
    return post


def retire_post(tx: Tx, post_id: UUID) -> Post:
    """Take a post back for good; again changes nothing. Raises NotFound, Forbidden."""
    topic, post = store.retirable_post(tx, post_id)
    if not post.is_retired:
        post.retire(tx.actor.require_account(), tx.now)
        topic.lose()
    return post


def follow(tx: Tx, topic_id: UUID) -> None:
    """Follow. Raises NotFound."""
    store.require_topic(tx, topic_id)
    store.follow(tx, topic_id, tx.actor.require_account())


def unfollow(tx: Tx, topic_id: UUID) -> None:
    """Stop following. Raises NotFound."""
    store.require_topic(tx, topic_id)
    store.unfollow(tx, topic_id, tx.actor.require_account())
