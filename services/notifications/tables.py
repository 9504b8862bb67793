"""Tables of notifications. Views and batches work on rows; nothing here is mapped to a class."""

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

from shared.db.types import Json, UtcDateTime, new_metadata
from shared.messaging.tables import messaging_tables

metadata = new_metadata()
messaging = messaging_tables(metadata)

recipients = Table(
    "recipients",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("roles", Json, nullable=False),
    Column("language", String(2), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("unsubscribe_key", String(64), nullable=False),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("channel", String(10), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    CheckConstraint("channel IN ('in_app', 'email')", name="channel"),
)
Index("ix_preferences_kind", preferences.c.kind)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("params", Json, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("in_app", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    UniqueConstraint("source_id", "account_id", "kind"),
)
Index("ix_notifications_account_id_id", notifications.c.account_id, notifications.c.id)
_unread = notifications.c.read_at.is_(None) & notifications.c.in_app
Index("ix_notifications_unread", notifications.c.account_id, postgresql_where=_unread, sqlite_where=_unread)
Index("ix_notifications_subject_id", notifications.c.subject_id, notifications.c.created_at)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("notification_id", Uuid, ForeignKey("notifications.id"), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("note", String(60)),
    Column("provider_id", String(200)),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("notification_id", "channel"),
    CheckConstraint("status IN ('pending', 'leased', 'sent', 'failed', 'skipped')", name="status"),
)
_due = deliveries.c.status.in_(("pending", "leased"))
Index("ix_deliveries_due", deliveries.c.next_attempt_at, postgresql_where=_due, sqlite_where=_due)

mailbox = Table(
    "mailbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("language", String(2), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("delivery_id"),
)
Index("ix_mailbox_account_id_id", mailbox.c.account_id, mailbox.c.id)
