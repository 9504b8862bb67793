"""Events of the community service: ids only, never what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import DomainEvent


@dataclass(frozen=True, slots=True)
class TopicOpened(DomainEvent):
    """A discussion topic exists; from an approved proposal when `proposal_id` is set."""

    type: ClassVar[str] = "community.topic.opened.v1"
    topic_id: UUID
    space_id: UUID
    author_id: UUID | None = None
    proposal_id: UUID | None = None
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PostAdded(DomainEvent):
    """Someone answered in a topic; `follower_ids` are those who follow it, without the author."""

    type: ClassVar[str] = "community.post.added.v1"
    topic_id: UUID
    post_id: UUID
    author_id: UUID
    follower_ids: list[UUID]
