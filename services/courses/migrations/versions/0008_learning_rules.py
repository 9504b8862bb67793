"""Completion rules, prerequisites, release dates, cohorts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OLD = "completion IS NULL OR completion IN ('viewed', 'completed')"
EMPTY = sa.text("'[]'")
ZERO = sa.text("'0'")


def upgrade() -> None:
    """A completion becomes a rule; the rest is new."""
    _rules()
    op.add_column("items", sa.Column("after", Json, nullable=False, server_default=EMPTY))
    op.add_column("items", sa.Column("release_days", sa.Integer))
    op.add_column("courses", sa.Column("pace", sa.String(20), nullable=False, server_default="self"))
    op.add_column("courses", sa.Column("after", Json, nullable=False, server_default=EMPTY))
    for name in ("left_at", "progressed_at", "nudged_at"):
        op.add_column("enrolments", sa.Column(name, UtcDateTime))
    op.execute("UPDATE enrolments SET progressed_at = last_seen_at WHERE last_activity_id IS NOT NULL")
    op.add_column("attempts", sa.Column("failures", sa.Integer, nullable=False, server_default=ZERO))
    op.add_column("attempts", sa.Column("dwell", sa.Integer, nullable=False, server_default=ZERO))
    op.add_column("attempts", sa.Column("beat_at", UtcDateTime))
    _cohorts()
    _people()


def _rules() -> None:
    op.add_column("items", sa.Column("rule", Json))
    items = sa.table("items", sa.column("rule", Json), sa.column("completion", sa.String))
    for word in ("viewed", "completed"):
        op.execute(items.update().where(items.c.completion == word).values(rule={"rule": word}))
    _drop_check("items", f"CONSTRAINT ck_items_completion CHECK ({OLD})")
    op.drop_column("items", "completion")


def _drop_check(table: str, words: str) -> None:
    """PostgreSQL drops the check with its column. SQLite wants it gone before; making the table anew would delete
    what hangs on its rows, so the check is taken out of the schema's text (sqlite.org/lang_altertable.html, 7).
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    before, comma, _ = text.partition(words)[0].rpartition(",")
    changed = f"{before}{text.partition(words)[2]}"
    if not comma or words not in text:
        raise RuntimeError(f"{table} has no such check")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (changed, table)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def _cohorts() -> None:
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("name", Json, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("seats", sa.Integer),
        sa.Column("enrol_by", sa.Date),
        sa.Column("releases", Json, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("reminded_at", UtcDateTime),
        sa.CheckConstraint("seats IS NULL OR seats >= 1", name=op.f("ck_cohorts_seats")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_cohorts_days")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_cohorts_course_id_courses"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
    )
    op.create_index(op.f("ix_cohorts_course_id"), "cohorts", ["course_id"])
    op.create_table(
        "seats",
        sa.Column("enrolment_id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_seats_enrolment_id_enrolments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_seats_cohort_id_cohorts")),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_seats")),
    )
    op.create_index(op.f("ix_seats_cohort_id"), "seats", ["cohort_id"])


def _people() -> None:
    op.create_table(
        "waiting",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("cohort_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_waiting_cohort_id_cohorts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        sa.UniqueConstraint("cohort_id", "account_id", name=op.f("uq_waiting_cohort_id_account_id")),
        sa.UniqueConstraint("cohort_id", "place", name=op.f("uq_waiting_cohort_id_place")),
    )
    op.create_index(op.f("ix_waiting_account_id"), "waiting", ["account_id"])
    op.create_table(
        "interests",
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_interests_course_id_courses"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", "account_id", name=op.f("pk_interests")),
    )
    op.create_table(
        "members",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("province", sa.String(40)),
        sa.Column("sector", sa.String(40)),
        sa.Column("language", sa.String(2)),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_members")),
    )


def downgrade() -> None:
    """Rules with a figure become `completed`."""
    for name in ("members", "interests", "waiting", "seats", "cohorts"):
        op.drop_table(name)
    for name in ("beat_at", "dwell", "failures"):
        op.drop_column("attempts", name)
    for name in ("nudged_at", "progressed_at", "left_at"):
        op.drop_column("enrolments", name)
    for name in ("after", "pace"):
        op.drop_column("courses", name)
    for name in ("release_days", "after"):
        op.drop_column("items", name)
    _completion()


def _completion() -> None:
    check = f"CONSTRAINT ck_items_completion CHECK ({OLD})"
    op.execute(f"ALTER TABLE items ADD COLUMN completion VARCHAR(20) {check}")
    items = sa.table(
        "items", sa.column("rule", Json), sa.column("completion", sa.String), sa.column("id", sa.Uuid)
    )
    for item_id, rule in op.get_bind().execute(sa.select(items.c.id, items.c.rule)).all():
        if rule:
            word = "viewed" if rule["rule"] in ("viewed", "dwell") else "completed"
            op.execute(items.update().where(items.c.id == item_id).values(completion=word))
    op.drop_column("items", "rule")
