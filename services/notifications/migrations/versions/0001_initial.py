"""The first tables: recipients and their preferences, notifications, deliveries, the demo's mailbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _messaging()
    _people()
    _notifications()
    _deliveries()


def downgrade() -> None:
    for name in ("mailbox", "deliveries", "notifications", "preferences", "recipients", "dead_letters", "jobs",
                 "commands", "inbox", "outbox"):  # fmt: skip
        op.drop_table(name)


def _people() -> None:
    op.create_table(
        "recipients",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("unsubscribe_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_recipients"),
        sa.CheckConstraint("language IN ('fr', 'en')", name="language"),
    )
    op.create_table(
        "preferences",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "channel", name="pk_preferences"),
        sa.CheckConstraint("channel IN ('in_app', 'email')", name="channel"),
    )
    op.create_index("ix_preferences_kind", "preferences", ["kind"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("source_id", sa.Uuid, nullable=False),
        sa.Column("in_app", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("read_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint(
            "source_id", "account_id", "kind", name="uq_notifications_source_id_account_id_kind"
        ),
    )
    op.create_index("ix_notifications_account_id_id", "notifications", ["account_id", "id"])
    op.create_index("ix_notifications_subject_id", "notifications", ["subject_id", "created_at"])
    open_ = sa.text("read_at IS NULL AND in_app")
    op.create_index(
        "ix_notifications_unread", "notifications", ["account_id"], postgresql_where=open_, sqlite_where=open_
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("notification_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", UtcDateTime, nullable=False),
        sa.Column("note", sa.String(60)),
        sa.Column("provider_id", sa.String(200)),
        sa.Column("settled_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name="fk_deliveries_notification_id_notifications"
        ),
        sa.UniqueConstraint("notification_id", "channel", name="uq_deliveries_notification_id_channel"),
        sa.CheckConstraint("status IN ('pending', 'leased', 'sent', 'failed', 'skipped')", name="status"),
    )
    due = sa.text("status IN ('pending', 'leased')")
    op.create_index(
        "ix_deliveries_due", "deliveries", ["next_attempt_at"], postgresql_where=due, sqlite_where=due
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("delivery_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox"),
        sa.UniqueConstraint("delivery_id", name="uq_mailbox_delivery_id"),
    )
    op.create_index("ix_mailbox_account_id_id", "mailbox", ["account_id", "id"])


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
