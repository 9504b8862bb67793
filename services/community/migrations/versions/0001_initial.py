"""The first tables: spaces (with the two that every community starts with), topics, posts, follows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SPACES: list[dict[str, Any]] = [
    {
        "id": UUID("0190a000-0000-7000-8000-000000000001"),
        "key": "needs",
        "title": {"fr": "Besoins et propositions", "en": "Needs and proposals"},
        "description": {
            "fr": "Une discussion s’ouvre pour chaque proposition approuvée.",
            "en": "A discussion opens for each approved proposal.",
        },
        "position": 1,
    },
    {
        "id": UUID("0190a000-0000-7000-8000-000000000002"),
        "key": "general",
        "title": {"fr": "Échanges entre pairs", "en": "Peer exchange"},
        "description": {
            "fr": "Questions de pratique, lectures et trouvailles.",
            "en": "Practice questions, readings and finds.",
        },
        "position": 2,
    },
]


def upgrade() -> None:
    _messaging()
    _spaces()
    _topics()
    _posts()


def downgrade() -> None:
    for name in (
        "follows",
        "posts",
        "topics",
        "spaces",
        "dead_letters",
        "jobs",
        "commands",
        "inbox",
        "outbox",
    ):
        op.drop_table(name)


def _spaces() -> None:
    table = op.create_table(
        "spaces",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("description", Json, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
        sa.UniqueConstraint("key", name="uq_spaces_key"),
    )
    op.bulk_insert(table, SPACES)


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("space_id", sa.Uuid, nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("search_text", sa.String(1000), nullable=False),
        sa.Column("author_id", sa.Uuid),
        sa.Column("proposal_id", sa.Uuid),
        sa.Column("need_id", sa.Uuid),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("active_at", UtcDateTime, nullable=False),
        sa.Column("last_post_at", UtcDateTime),
        sa.Column("posts", sa.Integer, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_topics"),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name="fk_topics_space_id_spaces"),
        sa.UniqueConstraint("proposal_id", name="uq_topics_proposal_id"),
        sa.CheckConstraint("posts >= 0", name="posts"),
    )
    op.create_index("ix_topics_active_at_id", "topics", ["active_at", "id"])
    op.create_index("ix_topics_space_id_active_at_id", "topics", ["space_id", "active_at", "id"])


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("topic_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("edited_at", UtcDateTime),
        sa.Column("retired_at", UtcDateTime),
        sa.Column("retired_by", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_posts_topic_id_topics"),
        sa.CheckConstraint("language IN ('fr', 'en')", name="language"),
        sa.CheckConstraint("retired_at IS NULL OR body = ''", name="retired_is_erased"),
    )
    op.create_index("ix_posts_topic_id_id", "posts", ["topic_id", "id"])
    op.create_table(
        "follows",
        sa.Column("topic_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("followed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "account_id", name="pk_follows"),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_follows_topic_id_topics"),
    )


def _messaging() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("envelope", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    pending = sa.text("published_at IS NULL")
    op.create_index(
        "ix_outbox_pending", "outbox", ["not_before"], postgresql_where=pending, sqlite_where=pending
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(200), nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "message_id", name="pk_inbox"),
    )
    op.create_table(
        "commands",
        sa.Column("command", sa.String(100), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("result", Json),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("command", "actor", "key", name="pk_commands"),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_jobs"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.String(200), nullable=False),
        sa.Column("envelope", Json, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("died_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
    )
