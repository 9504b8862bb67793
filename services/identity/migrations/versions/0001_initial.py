"""The first tables: accounts, invitations, sessions, tokens, attempts, and the messaging tables."""

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
    _accounts()
    _invitations()
    _sessions()
    _tokens()
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("blocked_until", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )


def downgrade() -> None:
    for name in ("attempts", "tokens", "sessions", "invitations", "accounts", "dead_letters", "jobs", "commands",
                 "inbox", "outbox"):  # fmt: skip
        op.drop_table(name)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_norm", sa.String(254), nullable=False),
        sa.Column("email_verified_at", UtcDateTime),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("search_text", sa.String(400), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("province", sa.String(2)),
        sa.Column("city", sa.String(80)),
        sa.Column("profession", sa.String(120)),
        sa.Column("sector", sa.String(40)),
        sa.Column("expertise", Json, nullable=False),
        sa.Column("show_city", sa.Boolean, nullable=False),
        sa.Column("show_expertise", sa.Boolean, nullable=False),
        sa.Column("roles", sa.String(100), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("pseudonym", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email_norm", name="uq_accounts_email_norm"),
        sa.UniqueConstraint("pseudonym", name="uq_accounts_pseudonym"),
        sa.CheckConstraint("language IN ('fr', 'en')", name="language"),
        sa.CheckConstraint("status IN ('active', 'disabled')", name="status"),
    )
    op.create_index("ix_accounts_name_key_id", "accounts", ["name_key", "id"])


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("roles", sa.String(100), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("created_by", sa.Uuid),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("accepted_at", UtcDateTime),
        sa.Column("accepted_by", sa.Uuid),
        sa.Column("revoked_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name="fk_invitations_created_by_accounts"),
        sa.ForeignKeyConstraint(["accepted_by"], ["accounts.id"], name="fk_invitations_accepted_by_accounts"),
        sa.UniqueConstraint("secret_hash", name="uq_invitations_secret_hash"),
        sa.UniqueConstraint("accepted_by", name="uq_invitations_accepted_by"),
        sa.CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="one_end"),
        sa.CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id_accounts"),
        sa.UniqueConstraint("secret_hash", name="uq_sessions_secret_hash"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_tokens_account_id_accounts"),
        sa.UniqueConstraint("secret_hash", name="uq_tokens_secret_hash"),
    )
    op.create_index("ix_tokens_account_id", "tokens", ["account_id"])


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
