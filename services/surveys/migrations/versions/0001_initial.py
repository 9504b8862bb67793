"""The first tables: surveys, answers, needs, proposals, projections, and the messaging tables."""

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
    _instrument()
    _answers()
    _needs()
    _proposals()
    _projections()


def downgrade() -> None:
    for name in (
        "loop_topics",
        "loop_learners",
        "loop_courses",
        "members",
        "decisions",
        "endorsements",
        "proposals",
        "needs",
        "rankings",
        "response_counts",
        "drafts",
        "answers",
        "responses",
        "participations",
        "survey_items",
        "surveys",
        "dead_letters",
        "jobs",
        "commands",
        "inbox",
        "outbox",
    ):
        op.drop_table(name)


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
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["not_before"],
        postgresql_where=sa.text("published_at IS NULL"),
        sqlite_where=sa.text("published_at IS NULL"),
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


def _instrument() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("template_id", sa.String(60), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("intro", Json, nullable=False),
        sa.Column("anonymity", sa.String(10), nullable=False),
        sa.Column("audience", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("opens_at", UtcDateTime),
        sa.Column("closes_at", UtcDateTime),
        sa.Column("launched_at", UtcDateTime),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("invited", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("anonymity IN ('named', 'anonymous')", name="anonymity"),
        sa.CheckConstraint("method IN ('mwds', 'rds', 'pni', 'gap')", name="method"),
        sa.CheckConstraint("closed_at IS NULL OR launched_at IS NOT NULL", name="closed_was_launched"),
        sa.CheckConstraint(
            "launched_at IS NULL OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND closes_at > opens_at)",
            name="launched_has_dates",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sa.UniqueConstraint("id", "anonymity", name="uq_surveys_id_anonymity"),
    )
    op.create_index("ix_surveys_closing", "surveys", ["closed_at", "closes_at"])
    op.create_table(
        "survey_items",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("statement", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name="fk_survey_items_survey_id_surveys", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey_items"),
        sa.UniqueConstraint("survey_id", "code", name="uq_survey_items_survey_id_code"),
        sa.UniqueConstraint("survey_id", "position", name="uq_survey_items_survey_id_position"),
    )


def _answers() -> None:
    op.create_table(
        "participations",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("key_hash", sa.String(64)),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_participations_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", "account_id", name="pk_participations"),
    )
    op.create_index("ix_participations_account_id", "participations", ["account_id"])
    op.create_table(
        "responses",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("anonymity", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("language", sa.String(2), nullable=False),
        sa.CheckConstraint(
            "(anonymity = 'anonymous') = (account_id IS NULL)", name="anonymous_has_no_account"
        ),
        sa.CheckConstraint("language IN ('fr', 'en')", name="language"),
        sa.ForeignKeyConstraint(
            ["survey_id", "anonymity"],
            ["surveys.id", "surveys.anonymity"],
            name="fk_responses_survey_id_anonymity_surveys",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_responses"),
        sa.UniqueConstraint("survey_id", "account_id", name="uq_responses_survey_id_account_id"),
    )
    op.create_table(
        "answers",
        sa.Column("response_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("importance", sa.SmallInteger),
        sa.Column("ability", sa.SmallInteger),
        sa.CheckConstraint("ability BETWEEN 1 AND 5", name="ability"),
        sa.CheckConstraint("importance BETWEEN 1 AND 5", name="importance"),
        sa.ForeignKeyConstraint(["item_id"], ["survey_items.id"], name="fk_answers_item_id_survey_items"),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name="fk_answers_response_id_responses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("response_id", "item_id", name="pk_answers"),
    )
    op.create_table(
        "drafts",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_drafts_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", "account_id", name="pk_drafts"),
    )
    op.create_table(
        "response_counts",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("handled", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_response_counts_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", name="pk_response_counts"),
    )


def _needs() -> None:
    op.create_table(
        "rankings",
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", Json),
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("analysis", Json),
        sa.Column("ranked_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("status IN ('ranked', 'refused')", name="status"),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_rankings_survey_id_surveys"),
        sa.PrimaryKeyConstraint("survey_id", name="pk_rankings"),
    )
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("survey_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("statement", Json, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer),
        sa.Column("metric", Json, nullable=False),
        sa.Column("ranked_at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.CheckConstraint(
            "status IN ('ranked', 'proposed', 'approved', 'drafted', 'published')", name="status"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["survey_items.id"], name="fk_needs_item_id_survey_items"),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_needs_survey_id_surveys"),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
        sa.UniqueConstraint("item_id", name="uq_needs_item_id"),
    )
    op.create_index("ix_needs_place", "needs", ["place", "id"])


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("need_id", sa.Uuid, nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("rationale", Json, nullable=False),
        sa.Column("audience", Json, nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("effort_hours", sa.Float, nullable=False),
        sa.Column("opened_by", sa.Uuid, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("endorsements", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("format IN ('self-paced', 'live', 'blended')", name="format"),
        sa.CheckConstraint("status IN ('open', 'approved', 'declined')", name="status"),
        sa.CheckConstraint("endorsements >= 0", name="endorsements"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_proposals_need_id_needs"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_need_id", "proposals", ["need_id"])
    op.create_index(
        "uq_proposals_live",
        "proposals",
        ["need_id"],
        unique=True,
        sqlite_where=sa.text("status != 'declined'"),
        postgresql_where=sa.text("status != 'declined'"),
    )
    op.create_table(
        "endorsements",
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_endorsements_proposal_id_proposals"
        ),
        sa.PrimaryKeyConstraint("proposal_id", "account_id", name="pk_endorsements"),
    )
    op.create_table(
        "decisions",
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reason", Json, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.Column("endorsements", sa.Integer, nullable=False),
        sa.CheckConstraint("outcome IN ('approved', 'declined')", name="outcome"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_decisions_proposal_id_proposals"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_decisions"),
    )


def _projections() -> None:
    op.create_table(
        "members",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("roles", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_members"),
    )
    op.create_table(
        "loop_courses",
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("need_id", sa.Uuid, nullable=False),
        sa.Column("proposal_id", sa.Uuid),
        sa.Column("title", Json, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("course_id", name="pk_loop_courses"),
    )
    op.create_index("ix_loop_courses_need_id", "loop_courses", ["need_id"])
    op.create_table(
        "loop_learners",
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.CheckConstraint("kind IN ('enrolled', 'completed')", name="kind"),
        sa.PrimaryKeyConstraint("course_id", "kind", "account_id", name="pk_loop_learners"),
    )
    op.create_table(
        "loop_topics",
        sa.Column("topic_id", sa.Uuid, nullable=False),
        sa.Column("need_id", sa.Uuid, nullable=False),
        sa.Column("proposal_id", sa.Uuid),
        sa.PrimaryKeyConstraint("topic_id", name="pk_loop_topics"),
    )
    op.create_index("ix_loop_topics_need_id", "loop_topics", ["need_id"])
