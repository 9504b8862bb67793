"""Tables of the surveys service and the mapping of its domain classes.

Anonymity is a constraint, not a habit: a response carries its survey's anonymity (composite foreign key), and an
anonymous one cannot hold an account. Neither participations nor responses have a time.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import registry

from services.surveys.domain.need import Need
from services.surveys.domain.proposal import Proposal
from services.surveys.domain.survey import Survey
from shared.db.types import Json, UtcDateTime, new_metadata
from shared.messaging.tables import messaging_tables

metadata = new_metadata()
messaging = messaging_tables(metadata)

surveys = Table(
    "surveys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("template_id", String(60), nullable=False),
    Column("method", String(10), nullable=False),
    Column("title", Json, nullable=False),
    Column("intro", Json, nullable=False),
    Column("anonymity", String(10), nullable=False),
    Column("audience", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("opens_at", UtcDateTime),
    Column("closes_at", UtcDateTime),
    Column("launched_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("invited", Integer),
    Column("version", Integer, nullable=False),
    UniqueConstraint("id", "anonymity"),
    CheckConstraint("anonymity IN ('named', 'anonymous')", name="anonymity"),
    CheckConstraint("method IN ('mwds', 'rds', 'pni', 'gap')", name="method"),
    CheckConstraint(
        "launched_at IS NULL OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND closes_at > opens_at)",
        name="launched_has_dates",
    ),
    CheckConstraint("closed_at IS NULL OR launched_at IS NOT NULL", name="closed_was_launched"),
)
Index("ix_surveys_closing", surveys.c.closed_at, surveys.c.closes_at)

survey_items = Table(
    "survey_items",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    UniqueConstraint("survey_id", "position"),
    UniqueConstraint("survey_id", "code"),
)

participations = Table(
    "participations",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("key_hash", String(64)),
)
Index("ix_participations_account_id", participations.c.account_id)

responses = Table(
    "responses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False),
    Column("anonymity", String(10), nullable=False),
    Column("account_id", Uuid),
    Column("language", String(2), nullable=False),
    ForeignKeyConstraint(["survey_id", "anonymity"], ["surveys.id", "surveys.anonymity"]),
    UniqueConstraint("survey_id", "account_id"),
    CheckConstraint("(anonymity = 'anonymous') = (account_id IS NULL)", name="anonymous_has_no_account"),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)

answers = Table(
    "answers",
    metadata,
    Column("response_id", Uuid, ForeignKey("responses.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", Uuid, ForeignKey("survey_items.id"), primary_key=True),
    Column("importance", SmallInteger),
    Column("ability", SmallInteger),
    CheckConstraint("importance BETWEEN 1 AND 5", name="importance"),
    CheckConstraint("ability BETWEEN 1 AND 5", name="ability"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("answers", Json, nullable=False),
    Column("language", String(2), nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

response_counts = Table(
    "response_counts",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("handled", Integer, nullable=False),
)

rankings = Table(
    "rankings",
    metadata,
    Column("survey_id", Uuid, ForeignKey("surveys.id"), primary_key=True),
    Column("status", String(10), nullable=False),
    Column("reason", Json),
    Column("received", Integer, nullable=False),
    Column("n", Integer, nullable=False),
    Column("analysis", Json),
    Column("ranked_at", UtcDateTime, nullable=False),
    CheckConstraint("status IN ('ranked', 'refused')", name="status"),
)

needs = Table(
    "needs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("survey_id", Uuid, ForeignKey("surveys.id"), nullable=False),
    Column("item_id", Uuid, ForeignKey("survey_items.id"), nullable=False),
    Column("code", String(80), nullable=False),
    Column("statement", Json, nullable=False),
    Column("place", Integer, nullable=False),
    Column("rank", Integer),
    Column("metric", Json, nullable=False),
    Column("ranked_at", UtcDateTime, nullable=False),
    Column("status", String(10), nullable=False),
    UniqueConstraint("item_id"),
    CheckConstraint("status IN ('ranked', 'proposed', 'approved', 'drafted', 'published')", name="status"),
)
Index("ix_needs_place", needs.c.place, needs.c.id)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("need_id", Uuid, ForeignKey("needs.id"), nullable=False),
    Column("title", Json, nullable=False),
    Column("rationale", Json, nullable=False),
    Column("audience", Json, nullable=False),
    Column("format", String(10), nullable=False),
    Column("effort_hours", Float, nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("status", String(10), nullable=False),
    Column("endorsements", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("status IN ('open', 'approved', 'declined')", name="status"),
    CheckConstraint("format IN ('self-paced', 'live', 'blended')", name="format"),
    CheckConstraint("endorsements >= 0", name="endorsements"),
)
_LIVE = proposals.c.status != "declined"
Index("uq_proposals_live", proposals.c.need_id, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
Index("ix_proposals_need_id", proposals.c.need_id)

endorsements = Table(
    "endorsements",
    metadata,
    Column("proposal_id", Uuid, ForeignKey("proposals.id"), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)

decisions = Table(
    "decisions",
    metadata,
    Column("proposal_id", Uuid, ForeignKey("proposals.id"), primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("reason", Json, nullable=False),
    Column("decided_by", Uuid, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("endorsements", Integer, nullable=False),
    CheckConstraint("outcome IN ('approved', 'declined')", name="outcome"),
)

members = Table(
    "members",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("roles", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

# The three below are fed by events of other services in any order, so they refer to nothing.
loop_courses = Table(
    "loop_courses",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("need_id", Uuid, nullable=False),
    Column("proposal_id", Uuid),
    Column("title", Json, nullable=False),
    Column("edition", Integer, nullable=False),
)
Index("ix_loop_courses_need_id", loop_courses.c.need_id)

loop_learners = Table(
    "loop_learners",
    metadata,
    Column("course_id", Uuid, primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    CheckConstraint("kind IN ('enrolled', 'completed')", name="kind"),
)

loop_topics = Table(
    "loop_topics",
    metadata,
    Column("topic_id", Uuid, primary_key=True),
    Column("need_id", Uuid, nullable=False),
    Column("proposal_id", Uuid),
)
Index("ix_loop_topics_need_id", loop_topics.c.need_id)

mapper_registry = registry(metadata=metadata)
mapper_registry.map_imperatively(Survey, surveys)
mapper_registry.map_imperatively(Need, needs)
mapper_registry.map_imperatively(Proposal, proposals)
