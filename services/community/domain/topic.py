"""Topics and posts: pure state, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.community.domain.errors import PostRetired, TopicClosed
from services.community.domain.text import search_text
from shared.errors import Stale
from shared.ids import new_id


@dataclass(eq=False)
class Topic:
    """One discussion.

    `title` holds one language, or both when the system opened it. `posts` counts the posts that still stand.
    `active_at`, by which lists are ordered, is the last post's moment or else the opening. `version` counts posts
    and changes.
    """

    id: UUID
    space_id: UUID
    title: dict[str, str]
    search_text: str
    author_id: UUID | None
    proposal_id: UUID | None
    need_id: UUID | None
    created_at: datetime
    active_at: datetime
    last_post_at: datetime | None = None
    posts: int = 0
    closed: bool = False
    version: int = 1

    def require_open(self) -> None:
        """Raises TopicClosed."""
        if self.closed:
            raise TopicClosed

    def take(self, at: datetime) -> None:
        """Count a new post."""
        self.require_open()
        self.posts += 1
        self.last_post_at = self.active_at = at
        self.version += 1

    def lose(self) -> None:
        """Count a post less; the order of lists stays."""
        self.posts -= 1
        self.version += 1


@dataclass(eq=False)
class Post:
    """What someone wrote, in markdown. A retired post keeps its place and loses its text for good."""

    id: UUID
    topic_id: UUID
    author_id: UUID
    body: str
    language: str
    created_at: datetime
    edited_at: datetime | None = None
    retired_at: datetime | None = None
    retired_by: UUID | None = None
    version: int = 1

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def edit(self, body: str, version: int, now: datetime) -> None:
        """Raises PostRetired, Stale."""
        if self.is_retired:
            raise PostRetired
        if version != self.version:
            raise Stale
        self.body, self.edited_at = body, now
        self.version += 1

    def retire(self, by: UUID, now: datetime) -> None:
        """Erase the text: whoever takes a post back may have written too much."""
        self.body, self.retired_by, self.retired_at = "", by, now
        self.version += 1


def new_topic(
    space_id: UUID, title: dict[str, str], now: datetime, *, author_id: UUID | None = None,
    proposal: tuple[UUID, UUID] | None = None,
) -> Topic:  # fmt: skip
    """An open topic without posts. proposal: (proposal id, need id) it follows from."""
    proposal_id, need_id = proposal or (None, None)
    return Topic(
        new_id(), space_id, title, search_text(title.values()), author_id, proposal_id, need_id, now, now
    )


def new_post(topic_id: UUID, author_id: UUID, body: str, language: str, now: datetime) -> Post:
    """A post that stands."""
    return Post(new_id(), topic_id, author_id, body, language, now)
