"""Tables of community, and the mapping of its domain classes onto them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import registry

from services.community.domain.topic import Post, Topic
from shared.db.types import Json, UtcDateTime, new_metadata
from shared.messaging.tables import messaging_tables

metadata = new_metadata()
messaging = messaging_tables(metadata)

spaces = Table(
    "spaces",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", String(40), nullable=False),
    Column("title", Json, nullable=False),
    Column("description", Json, nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("key"),
)

topics = Table(
    "topics",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False),
    Column("title", Json, nullable=False),
    Column("search_text", String(1000), nullable=False),
    Column("author_id", Uuid),
    Column("proposal_id", Uuid),
    Column("need_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("active_at", UtcDateTime, nullable=False),
    Column("last_post_at", UtcDateTime),
    Column("posts", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("proposal_id"),
    CheckConstraint("posts >= 0", name="posts"),
)
Index("ix_topics_active_at_id", topics.c.active_at, topics.c.id)
Index("ix_topics_space_id_active_at_id", topics.c.space_id, topics.c.active_at, topics.c.id)

posts = Table(
    "posts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("topic_id", Uuid, ForeignKey("topics.id"), nullable=False),
    Column("author_id", Uuid, nullable=False),
    Column("body", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
    Column("retired_by", Uuid),
    Column("version", Integer, nullable=False),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
    CheckConstraint("retired_at IS NULL OR body = ''", name="retired_is_erased"),
)
Index("ix_posts_topic_id_id", posts.c.topic_id, posts.c.id)

follows = Table(
    "follows",
    metadata,
    Column("topic_id", Uuid, ForeignKey("topics.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("followed_at", UtcDateTime, nullable=False),
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Topic, topics)
mapper.map_imperatively(Post, posts)
