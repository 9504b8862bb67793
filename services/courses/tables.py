"""Tables of the courses service, and the mapping of its domain classes onto them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
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

from services.courses.domain.course import BLOOM, Course, Objective
from services.courses.domain.learning import Attempt, Enrolment
from services.courses.domain.outline import OutlineItem
from shared.db.types import Json, UtcDateTime, new_metadata
from shared.messaging.tables import messaging_tables

metadata = new_metadata()
messaging = messaging_tables(metadata)


def _one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=name)


courses = Table(
    "courses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("title", Json, nullable=False),
    Column("summary", Json, nullable=False),
    Column("need_id", Uuid, index=True),
    Column("proposal_id", Uuid, unique=True),  # once per proposal, however often the event comes
    Column("author_id", Uuid, index=True),
    Column("status", String(20), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("languages", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    _one_of("status", ("draft", "published"), "status"),
    CheckConstraint("edition >= 0 AND version >= 1", name="counters"),
)

items = Table(
    "items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("parent_id", Uuid, ForeignKey("items.id", ondelete="CASCADE"), index=True),
    Column("kind", String(20), nullable=False),
    Column("title", Json, nullable=False),
    Column("position", Integer, nullable=False),
    Column("block_type", String(60)),
    Column("completion", String(20)),
    Column("ready_in", Json, nullable=False),
    Column("content_language", String(20)),
    _one_of("kind", ("module", "unit", "activity"), "kind"),
    CheckConstraint("(kind = 'module') = (parent_id IS NULL)", name="parent"),
    CheckConstraint("(kind = 'activity') = (block_type IS NOT NULL)", name="block"),
    CheckConstraint("completion IS NULL OR completion IN ('viewed', 'completed')", name="completion"),
)

objectives = Table(
    "objectives",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("text", Json, nullable=False),
    Column("bloom", String(20), nullable=False),
    Column("need_id", Uuid, index=True),
    Column("audience", Json),
    Column("behaviour", Json),
    Column("condition", Json),
    Column("degree", Json),
    _one_of("bloom", BLOOM, "bloom"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("storage_key", String(300), nullable=False, unique=True),
    Column("filename", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("declared_type", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

# Storage knows no transactions. What is about to be written is announced here first (and the line is deleted
# when the rows that use it commit); what is no longer used is listed here in the commit that let go of it.
trash = Table(
    "trash",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", String(300), nullable=False, index=True),
    Column("due_at", UtcDateTime, nullable=False, index=True),
)

xblock_definitions = Table(
    "xblock_definitions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("block_type", String(60), nullable=False),
)

xblock_usages = Table(
    "xblock_usages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("definition_id", Uuid, ForeignKey("xblock_definitions.id"), nullable=False, index=True),
    Column("parent_id", Uuid, ForeignKey("xblock_usages.id", ondelete="SET NULL"), index=True),
    Column("children", Json, nullable=False),
)

xblock_fields = Table(
    "xblock_fields",
    metadata,
    Column("scope", String(40), primary_key=True),
    Column("block_id", String(100), primary_key=True),
    Column("user_id", String(40), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("value", Json, nullable=False),
    Index("ix_xblock_fields_block_id", "block_id"),
)

h5p_libraries = Table(
    "h5p_libraries",
    metadata,
    Column("machine_name", String(255), primary_key=True),
    Column("major", Integer, primary_key=True),
    Column("minor", Integer, primary_key=True),
    Column("patch", Integer, nullable=False),
    Column("title", String(255), nullable=False),
    Column("runnable", Boolean, nullable=False),
    Column("folder", String(300), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    Column("record", Json, nullable=False),
    Column("installed_by", Uuid, nullable=False),
    Column("installed_at", UtcDateTime, nullable=False),
)

h5p_contents = Table(
    "h5p_contents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("activity_id", Uuid, nullable=False, index=True),
    Column("title", String(255), nullable=False),
    Column("language", String(20), nullable=False),
    Column("main_library", String(300), nullable=False),
    Column("manifest", Json, nullable=False),
    Column("prefix", String(300), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("max_score", Float),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

h5p_content_libraries = Table(
    "h5p_content_libraries",
    metadata,
    Column("content_id", Uuid, ForeignKey("h5p_contents.id", ondelete="CASCADE"), primary_key=True),
    Column("machine_name", String(255), primary_key=True),
    Column("major", Integer, primary_key=True),
    Column("minor", Integer, primary_key=True),
)

# One row. Also the lock under which library folders are announced and thrown away.
h5p_policy = Table(
    "h5p_policy",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("trainers_may_install", Boolean),  # empty: as the mode says
    CheckConstraint("id = 1", name="single"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("course_id", Uuid, ForeignKey("courses.id"), nullable=False),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("last_activity_id", Uuid),
    Column("completed_at", UtcDateTime),
    UniqueConstraint("course_id", "account_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), nullable=False),
    Column("activity_id", Uuid, nullable=False, index=True),  # what was learned stays when the activity goes
    Column("started_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("score", Float),
    Column("success", Boolean),
    UniqueConstraint("enrolment_id", "activity_id"),
    CheckConstraint("score >= -1 AND score <= 1", name="score"),
)

statements = Table(
    "statements",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("verb", String(60), nullable=False),
    Column("sub_content_id", String(64)),
    Column("score", Float),
    Column("document", Json, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)

states = Table(
    "states",
    metadata,
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    Column("data_type", String(60), primary_key=True),
    Column("sub_content_id", String(64), primary_key=True),
    Column("state", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

# Each completed part once per enrolment: the row and its event commit together.
completions = Table(
    "completions",
    metadata,
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True),
    Column("part_id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("completed_at", UtcDateTime, nullable=False),
    _one_of("kind", ("unit", "module", "course"), "kind"),
)

play_grants = Table(
    "play_grants",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("activity_id", Uuid, ForeignKey("items.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("content_id", Uuid, ForeignKey("h5p_contents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("attempt_id", Uuid, ForeignKey("attempts.id", ondelete="CASCADE"), index=True),
    Column("nonce", String(64), nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Course, courses)
_mapper.map_imperatively(OutlineItem, items)
_mapper.map_imperatively(Objective, objectives)
_mapper.map_imperatively(Enrolment, enrolments)
_mapper.map_imperatively(Attempt, attempts)
