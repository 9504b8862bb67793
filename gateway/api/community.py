"""REST of the community service: one function per operationId of openapi/community.yaml, no rules."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]


def _ask(method: str, **payload: Any) -> Answer:
    return answer(call("community", method, {}, **payload))


def list_spaces() -> Answer:
    """Every space."""
    return _ask("list_spaces")


def list_topics(space: str | None = None, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of topics, newest activity first."""
    return _ask("list_topics", space=space, cursor=cursor, limit=limit)


def open_topic(body: Body) -> Answer:
    """A new topic with its first post."""
    return answer(
        call("community", "open_topic", body), 201, location=lambda made: f"/api/v1/topics/{made['id']}"
    )


def search_topics(q: str, limit: int | None = None) -> Answer:
    """Topics whose title has the words."""
    return _ask("search", q=q, limit=limit)


def get_topic(topic_id: str) -> Answer:
    """One topic."""
    return _ask("get_topic", topic_id=topic_id)


def get_topic_of_proposal(proposal_id: str) -> Answer:
    """The topic that a proposal opened."""
    return _ask("topic_of_proposal", proposal_id=proposal_id)


def list_posts(
    topic_id: str, cursor: str | None = None, limit: int | None = None, last: bool = False
) -> Answer:
    """A page of posts in the order of writing."""
    return _ask("list_posts", topic_id=topic_id, cursor=cursor, limit=limit, last=last)


def add_post(topic_id: str, body: Body) -> Answer:
    """A new post."""
    made = call("community", "add_post", body, topic_id=topic_id)
    return answer(made, 201, location=lambda post: f"/api/v1/posts/{post['id']}")


def get_post(post_id: str) -> Answer:
    """One post."""
    return _ask("get_post", post_id=post_id)


def edit_post(post_id: str, body: Body) -> Answer:
    """The post's version after the change."""
    return answer(call("community", "edit_post", body, post_id=post_id, version=if_match()))


def retire_post(post_id: str) -> Answer:
    """The post keeps its place and loses its text."""
    call("community", "retire_post", {"post_id": post_id})
    return answer(None, 204)


def follow_topic(topic_id: str) -> Answer:
    """The caller follows the topic."""
    return _ask("follow", topic_id=topic_id)


def unfollow_topic(topic_id: str) -> Answer:
    """The caller no longer follows it."""
    return _ask("unfollow", topic_id=topic_id)
