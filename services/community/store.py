"""Load, lock, add. Loads that answer to a person take the actor; unknown and hidden are both NotFound."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from services.community.domain.topic import Post, Topic
from services.community.policy import can_edit_post, can_retire_post
from services.community.tables import follows, posts, spaces, topics
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import Forbidden, NotFound

NEEDS = "needs"


def space_of_key(tx: Tx, key: str) -> UUID:
    """The id of a space. Raises NotFound."""
    return _space(tx, spaces.c.key == key)


def require_space(tx: Tx, space_id: UUID) -> UUID:
    """Raises NotFound for an unknown space."""
    return _space(tx, spaces.c.id == space_id)


def _space(tx: Tx, condition: ColumnElement[bool]) -> UUID:
    found: UUID | None = tx.session.scalar(select(spaces.c.id).where(condition))
    if found is None:
        raise NotFound
    return found


def require_topic(tx: Tx, topic_id: UUID) -> None:
    """Raises NotAuthenticated for visitors, NotFound for an unknown topic."""
    tx.actor.require_account()
    if tx.session.scalar(select(topics.c.id).where(topics.c.id == topic_id)) is None:
        raise NotFound


def lock_topic(tx: Tx, topic_id: UUID) -> Topic:
    """A topic, its row locked: counts and followers stay in step with its posts. Raises NotFound."""
    tx.actor.require_account()
    statement = select(Topic).where(topics.c.id == topic_id).with_for_update()
    found = tx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def topic_of_proposal(tx: Tx, proposal_id: UUID) -> UUID | None:
    """The topic that an approved proposal opened."""
    return tx.session.scalar(select(topics.c.id).where(topics.c.proposal_id == proposal_id))


def lock_post(tx: Tx, post_id: UUID) -> tuple[Topic, Post]:
    """A post with its topic, the topic locked first. Raises NotFound."""
    tx.actor.require_account()
    topic_id = tx.session.scalar(select(posts.c.topic_id).where(posts.c.id == post_id))
    if topic_id is None:
        raise NotFound
    topic = lock_topic(tx, topic_id)
    statement = select(Post).where(posts.c.id == post_id).with_for_update()
    return topic, tx.session.scalars(statement.execution_options(populate_existing=True)).one()


def own_post(tx: Tx, post_id: UUID) -> tuple[Topic, Post]:
    """A post to be edited. Raises NotFound, and Forbidden for another's words, which every member may read."""
    topic, post = lock_post(tx, post_id)
    if not can_edit_post(tx.actor, post.author_id):
        raise Forbidden
    return topic, post


def retirable_post(tx: Tx, post_id: UUID) -> tuple[Topic, Post]:
    """A post to be taken back. Raises NotFound, Forbidden."""
    topic, post = lock_post(tx, post_id)
    if not can_retire_post(tx.actor, post.author_id):
        raise Forbidden
    return topic, post


def follow(tx: Tx, topic_id: UUID, account_id: UUID) -> None:
    """Follow a topic; again changes nothing."""
    insert_new(tx.session, follows, {"topic_id": topic_id, "account_id": account_id, "followed_at": tx.now})


def unfollow(tx: Tx, topic_id: UUID, account_id: UUID) -> None:
    """Stop following; when one does not, nothing changes."""
    tx.session.execute(
        delete(follows).where(follows.c.topic_id == topic_id, follows.c.account_id == account_id)
    )


def followers(tx: Tx, topic_id: UUID, *, but: UUID) -> list[UUID]:
    """Who follows a topic, without one person."""
    statement = select(follows.c.account_id).where(
        follows.c.topic_id == topic_id, follows.c.account_id != but
    )
    return list(tx.session.scalars(statement.order_by(follows.c.account_id)))
