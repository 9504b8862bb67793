"""Tables of identity, and the mapping of its domain classes onto them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

from services.identity.domain.access import Invitation, Session, Token
from services.identity.domain.account import Account
from services.identity.domain.agency import Agency
from services.identity.domain.attempts import Attempts
from services.identity.domain.vocabulary import ROLE_ORDER
from shared.db.types import Json, UtcDateTime, new_metadata
from shared.messaging.tables import messaging_tables


class Roles(TypeDecorator[frozenset[str]]):
    """A set of roles as ` learner trainer `: one column, so that a session is resolved with one query."""

    impl = String(100)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Roles in their usual order, a space around each."""
        return (
            value
            if value is None or isinstance(value, str)
            else f" {' '.join(sorted(value, key=ROLE_ORDER.index))} "
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> frozenset[str]:  # noqa: ARG002
        """The set."""
        return frozenset((value or "").split())


metadata = new_metadata()
messaging = messaging_tables(metadata)

agencies = Table(
    "agencies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Json, nullable=False),
    Column("name_key", String(200), nullable=False),
    Column("sector", String(40)),
    Column("retired", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("name_key"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", String(254), nullable=False),
    Column("email_norm", String(254), nullable=False),
    Column("email_verified_at", UtcDateTime),
    Column("password_hash", String(300), nullable=False),
    Column("display_name", String(80), nullable=False),
    Column("name_key", String(200), nullable=False),
    Column("search_text", String(400), nullable=False),
    Column("language", String(2), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("province", String(2)),
    Column("city", String(80)),
    Column("profession", String(120)),
    Column("sector", String(40)),
    Column("expertise", Json, nullable=False),
    Column("agency_id", Uuid, ForeignKey("agencies.id")),
    Column("show_city", Boolean, nullable=False),
    Column("show_expertise", Boolean, nullable=False),
    Column("show_agency", Boolean, nullable=False, server_default=false()),
    Column("roles", Roles, nullable=False),
    Column("status", String(10), nullable=False),
    Column("pseudonym", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("announced", Integer, nullable=False, server_default="0"),
    UniqueConstraint("email_norm"),
    UniqueConstraint("pseudonym"),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
    CheckConstraint("status IN ('active', 'disabled')", name="status"),
)
Index("ix_accounts_name_key_id", accounts.c.name_key, accounts.c.id)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("secret_hash", String(64), nullable=False),
    Column("email", String(254)),
    Column("roles", Roles, nullable=False),
    Column("language", String(2), nullable=False),
    Column("created_by", Uuid, ForeignKey("accounts.id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("accepted_by", Uuid, ForeignKey("accounts.id")),
    Column("revoked_at", UtcDateTime),
    UniqueConstraint("secret_hash"),
    UniqueConstraint("accepted_by"),
    CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="one_end"),
    CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("secret_hash", String(64), nullable=False),
    Column("user_agent", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    UniqueConstraint("secret_hash"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    UniqueConstraint("secret_hash"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("blocked_until", UtcDateTime, nullable=False),
)

mapper = registry(metadata=metadata)
for _class, _table in (
    (Agency, agencies), (Account, accounts), (Invitation, invitations), (Session, sessions), (Token, tokens), (Attempts, attempts)
):  # fmt: skip
    mapper.map_imperatively(_class, _table)
